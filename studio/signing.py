"""Short-lived names for thumbnails, and seals on what a page watches: good for one person, of no use to others."""

import functools
import time
from base64 import urlsafe_b64encode
from uuid import UUID

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

_HOUR = 3600
_SALT = "studio.thumbnail"
_WATCH = "studio.live"
_BYTES = 16  # 128 bits: 22 characters


def thumbnail_url(image_pk: UUID, side: int, user_pk: UUID) -> str:
    """Return a URL only this person can use, the same all hour long and good until the end of the next one."""
    return _pattern().format(pk=image_pk, side=side, signature=_signature(image_pk, side, user_pk, _hour()))


def is_signed(signature: str, image_pk: UUID, side: int, user_pk: UUID) -> bool:
    """Tell whether the signature was made for just this image, side and person, in this hour or the last."""
    hours = (_hour(), _hour() - 1)
    return any(constant_time_compare(signature, _signature(image_pk, side, user_pk, hour)) for hour in hours)


def sealed(text: str, *whose: str) -> str:
    """Return a seal on a text; `whose` says for whom and for how long it is good."""
    return _short(salted_hmac(_WATCH, ":".join([*whose, text]), algorithm="sha256").digest())


def is_sealed(seal: str, text: str, *whose: str) -> bool:
    """Tell whether the seal was made for just this text and just these."""
    return constant_time_compare(seal, sealed(text, *whose))


def _hour() -> int:
    return int(time.time()) // _HOUR


def _signature(image_pk: UUID, side: int, user_pk: UUID, hour: int) -> str:
    return _short(salted_hmac(_SALT, f"{image_pk}:{side}:{user_pk}:{hour}", algorithm="sha256").digest())


def _short(digest: bytes) -> str:
    return urlsafe_b64encode(digest[:_BYTES]).rstrip(b"=").decode()


@functools.cache
def _pattern() -> str:
    """The URL with holes; resolving a URL fifty times for a page would cost more than signing it."""
    url = reverse("media.thumbnail", args=[UUID(int=0), 0, "signature"])
    return url.replace(f"{UUID(int=0)}/0/signature", "{pk}/{side}/{signature}")
