"""Short-lived names for thumbnails, and seals on what a page watches: good for one person, of no use to others."""

import functools
import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

_HOUR = 3600
_SALT = "studio.thumbnail"
VISIT = "studio.visit"
"""For addresses of pictures that a link to the outside shows: of no use in the studio, as the studio's are there."""
_WATCH = "studio.live"
_LASTING = "studio.lasting"
_BYTES = 16  # 128 bits: 22 characters


class Thumbnailed(Protocol):
    """An image with a number that changes with its thumbnails."""

    pk: Any

    @property
    def print_number(self) -> int: ...


def thumbnail_url(image: Thumbnailed, side: int, user_pk: UUID) -> str:
    """Return a URL only this person can use, the same all hour long and good until the end of the next one.

    A picture that is developed anew has a new one: browsers keep what they were sent.
    """
    return _pattern().format(pk=image.pk, side=side, signature=signed(image, side, user_pk))


def signed(image: Thumbnailed, side: int, whose: UUID, *, salt: str = _SALT) -> str:
    """Return the signature of this hour: of one picture in one size, for one person or one link."""
    return _signature(image, side, whose, _hour(), salt)


def is_signed(signature: str, image: Thumbnailed, side: int, whose: UUID, *, salt: str = _SALT) -> bool:
    """Tell whether the signature was made for just this image, side and person, in this hour or the last."""
    hours = (_hour(), _hour() - 1)
    return any(constant_time_compare(signature, _signature(image, side, whose, hour, salt)) for hour in hours)


def sealed(text: str, *whose: str) -> str:
    """Return a seal on a text; `whose` says for whom and for how long it is good."""
    said = ":".join([*whose, text])
    return _short(hmac.digest(_key(settings.SECRET_KEY, _WATCH), said.encode(), "sha256"))


def is_sealed(seal: str, text: str, *whose: str) -> bool:
    """Tell whether the seal was made for just this text and just these."""
    return constant_time_compare(seal, sealed(text, *whose))


def lasting(pk: UUID) -> str:
    """Return the seal of a picture's lasting address: good without a cookie, for as long as the picture is there."""
    return _short(salted_hmac(_LASTING, str(pk), algorithm="sha256").digest())


def lasting_address(pk: UUID) -> str:
    """Return the address at which a picture is for whoever has it."""
    return settings.STUDIO_URL + reverse("api.picture", args=[pk, lasting(pk)])


def is_lasting(seal: str, pk: UUID) -> bool:
    """Tell whether the seal was made for just this picture."""
    return constant_time_compare(seal, lasting(pk))


def _hour() -> int:
    return int(time.time()) // _HOUR


def _signature(image: Thumbnailed, side: int, whose: UUID, hour: int, salt: str) -> str:
    said = f"{image.pk}:{image.print_number}:{side}:{whose}:{hour}"
    return _short(hmac.digest(_key(settings.SECRET_KEY, salt), said.encode(), "sha256"))


@functools.lru_cache(8)
def _key(secret: str, salt: str) -> bytes:
    """The key of one purpose, as Django derives it; deriving it for each of a page's hundred names took 1 ms."""
    return hashlib.sha256(salt.encode() + secret.encode()).digest()


def _short(digest: bytes) -> str:
    return urlsafe_b64encode(digest[:_BYTES]).rstrip(b"=").decode()


@functools.cache
def _pattern() -> str:
    """The URL with holes; resolving a URL fifty times for a page would cost more than signing it."""
    url = reverse("media.thumbnail", args=[UUID(int=0), 0, "signature"])
    return url.replace(f"{UUID(int=0)}/0/signature", "{pk}/{side}/{signature}")
