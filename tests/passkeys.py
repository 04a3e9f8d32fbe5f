"""A passkey as a browser makes one, without a browser."""

import os
from hashlib import sha256

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from studio.models import User


def make_passkey(person: User, name: str = "Laptop") -> Authenticator:
    """Return a passkey of the person; its private half is thrown away."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    key = AttestedCredentialData.create(Aaguid.NONE, os.urandom(16), public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    said = AuthenticatorData.create(sha256(b"testserver").digest(), flags, 0, key)
    client = CollectedClientData.create("webauthn.create", os.urandom(16), "https://testserver")
    credential = {
        "id": websafe_encode(key.credential_id),
        "rawId": websafe_encode(key.credential_id),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", said, {})),
        },
    }
    return Authenticator.objects.create(
        user=person, type="webauthn", data={"name": name, "credential": credential}
    )
