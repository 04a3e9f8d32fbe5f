"""Tokens that several people share: who asks is found by what the gateway says, or refused; nobody is ever made.

Whatever such a token does is then that person's: gallery, budget, rules, audit.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import jwt
from cryptography.fernet import InvalidToken

from studio import security
from studio.errors import StudioError
from studio.models import Token, User
from studio.models.relays import vault
from studio.models.tokens import Gateway
from studio.words import Reason

SIGNED = "X-OpenWebUI-User-Jwt"
ISSUER = "open-webui"
LONGEST = 300
"""Seconds for which what Open WebUI signs is good."""

SHORTEST = 32
"""Characters of a key that signs with HS256."""


class Named(NamedTuple):
    """How a shared token learns who asks: the key that signs, or the header that names an address."""

    gateway: Gateway
    header: str = ""
    key: str = ""


def fields_of(named: Named | None, *, person: User) -> dict[str, str]:
    """Return what a token keeps of it; only administrators may speak for others."""
    if named is None or not named.gateway:
        return {}
    if not person.is_administrator:
        raise StudioError(Reason("gateway_for_administrators"), param="gateway")
    if named.gateway == Gateway.HEADER:
        return {"gateway": named.gateway, "gateway_header": named.header}
    if len(named.key) < SHORTEST:
        raise StudioError(Reason("gateway_key_short", least=SHORTEST), param="gateway_key")
    return {"gateway": named.gateway, "gateway_sealed": vault().encrypt(named.key.encode()).decode()}


def person_of(token: Token, headers: Mapping[str, str]) -> User | None:
    """Return whoever asks by a token: its person, or by a shared one the person that the gateway names."""
    if not token.gateway:
        return token.person
    email = _signed(token, headers) if token.gateway == Gateway.OPEN_WEBUI else _said(token, headers)
    person = User.objects.filter(email__iexact=email, is_active=True).first() if email else None
    if person is None or not token.person.is_administrator:
        security.refused("gateway_refused", token=str(token.pk))
        return None
    return person


def _said(token: Token, headers: Mapping[str, str]) -> str:
    return headers.get(token.gateway_header, "").strip()


def _signed(token: Token, headers: Mapping[str, str]) -> str:
    """Return the address in what Open WebUI signed; nothing for what is forged, over, or good for too long."""
    try:
        key = vault().decrypt(token.gateway_sealed.encode()).decode()
        claims = jwt.decode(
            headers.get(SIGNED, ""),
            key,
            algorithms=["HS256"],
            issuer=ISSUER,
            options={"require": ["exp", "iss"], "verify_aud": False},
        )
    except (jwt.InvalidTokenError, InvalidToken):
        return ""
    left = claims["exp"] - datetime.now(UTC).timestamp()
    return str(claims.get("email", "")) if left <= LONGEST else ""
