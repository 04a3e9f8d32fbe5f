"""Keys in the storage: a random 128-bit part, the generation, the index, our extension (SAFETY §3.5)."""

import re
from uuid import UUID

EXTENSIONS = frozenset({"png", "jpg", "webp"})
SIDES = (320, 960)
"""Long sides of the thumbnails, in pixels."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


def original(token: str, generation_id: UUID, index: int, extension: str) -> str:
    """Return the key of a picture as delivered; the same slot always has the same key."""
    if extension not in EXTENSIONS:
        raise ValueError(f"Not an extension of ours: {extension!r}.")
    return f"originals/{_slot(token, generation_id, index)}.{extension}"


def thumbnail(token: str, generation_id: UUID, index: int, side: int) -> str:
    """Return the key of a thumbnail whose long side is at most `side` pixels."""
    if side not in SIDES:
        raise ValueError(f"Thumbnails are {SIDES} pixels long, not {side!r}.")
    return f"thumbnails/{_slot(token, generation_id, index)}-{side}.webp"


def _slot(token: str, generation_id: UUID, index: int) -> str:
    """Return the shared middle of a key; nothing that a person wrote can get in."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("The token of a key is 32 hexadecimal characters.")
    if index < 0:
        raise ValueError("The index of a picture starts at 0.")
    return f"{token}/{UUID(str(generation_id))}/{index:d}"
