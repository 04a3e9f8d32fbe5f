"""Secrets of webhooks, and what a message is signed with: by two secrets while one takes the other's place."""

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook as Signer

from studio.models import Webhook
from studio.models.relays import vault

PREFIX = "whsec_"


def new_secret() -> str:
    """Return a secret of 256 random bits, as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def seal(secret: str) -> str:
    return vault().encrypt(secret.encode()).decode()


def headers_of(webhook: Webhook, public_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """Return the headers by which a receiver knows who sent this, and when; InvalidToken when no key opens a secret."""
    signed = (Signer(secret).sign(public_id, at, body.decode()) for secret in _secrets(webhook))
    return {
        "webhook-id": public_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def _secrets(webhook: Webhook) -> list[str]:
    sealed = [webhook.sealed, webhook.old_sealed] if webhook.old_signs else [webhook.sealed]
    return [vault().decrypt(each.encode()).decode() for each in sealed]
