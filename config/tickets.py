"""Signs tickets: whoever can write to the queue but does not know SECRET_KEY cannot make a worker unpickle anything."""

import hashlib
import hmac

from huey.serializer import Serializer

from studio import security

SIGNATURE_BYTES = hashlib.sha256().digest_size


class ForgedTicket(ValueError):
    """What lies in the queue was not put there by this studio."""


class SignedSerializer(Serializer):
    """Puts a signature in front of everything Huey stores, and reads nothing whose signature is not ours."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._key = hashlib.sha256(b"studio.tickets:" + secret.encode()).digest()

    def _serialize(self, data: object) -> bytes:
        pickled: bytes = super()._serialize(data)
        return self._signature(pickled) + pickled

    def _deserialize(self, data: bytes) -> object:
        signed = bytes(data)
        signature, pickled = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(pickled)):
            security.refused("ticket_forged", bytes=len(signed))
            raise ForgedTicket("A ticket without our signature was thrown away.")
        return super()._deserialize(pickled)

    def _signature(self, pickled: bytes) -> bytes:
        return hmac.digest(self._key, pickled, hashlib.sha256)
