"""Names of files: keys in the storage, with no person's text in them (SAFETY §3.5), and what a download is called."""

import re
import unicodedata
from uuid import UUID

EXTENSIONS = frozenset({"png", "jpg", "webp"})
SIDES = (512, 960)
"""Long sides of the thumbnails, in pixels: tiles on sharp screens need the first, half a page the second."""

FIRST_SIDES = SIDES[:1]
"""Those that are made at once; the others are made when somebody asks for them."""

OLD_SIDES = (320,)
"""Those that were made once and may still lie there."""

OUTSIDE_SIDE = 1920
"""What a link to the outside shows of a picture at most: made by us, without what the original says of itself."""

ALL_SIDES = (*SIDES, *OLD_SIDES, OUTSIDE_SIDE)
"""Every thumbnail that may lie in the storage."""

LONGEST_NAME = 80
"""Characters of a prompt that a file name takes."""

LONGEST_BYTES = 200
"""What they may come to in bytes: with a date and an id it fits every file system, whatever the script."""

_UNFIT = re.compile(r'[\\/:*?"<>|%\s.]+')
"""What some system reads as more than a name; a point is left to the extension."""

_TOKEN = re.compile(r"[0-9a-f]{32}")

_PLACE = re.compile(r"(?:originals|thumbnails)/[0-9a-f]{32}/([0-9a-f-]{36})/")


def original(token: str, generation_id: UUID, index: int, extension: str) -> str:
    """Return the key of a picture as delivered; the same slot always has the same key."""
    if extension not in EXTENSIONS:
        raise ValueError(f"Not an extension of ours: {extension!r}.")
    return f"originals/{_slot(token, generation_id, index)}.{extension}"


def thumbnail(token: str, generation_id: UUID, index: int, side: int) -> str:
    """Return the key of a thumbnail whose long side is at most `side` pixels."""
    if side not in ALL_SIDES:
        raise ValueError(f"Thumbnails are {SIDES} pixels long, not {side!r}.")
    return f"thumbnails/{_slot(token, generation_id, index)}-{side}.webp"


def is_made_again(key: str) -> bool:
    """Say whether what lies under the key is made again when it is missing."""
    return key.startswith("thumbnails/")


def generation_of(key: str) -> UUID | None:
    """Return whose picture or thumbnail lies under the key; nothing for a key that was not made here."""
    found = _PLACE.match(key)
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None


def download(words: str, pk: UUID, extension: str) -> str:
    """Return the name a person finds a file by: the beginning of its prompt, and the end of its id.

    Letters of every script stay; what no name may hold, hides or turns its reading direction goes (SAFETY T19).
    """
    plain = "".join(char if _is_seen(char) else " " for char in unicodedata.normalize("NFC", words))
    line = _UNFIT.sub(" ", plain).strip(" -_~")
    if len(line) > LONGEST_NAME:
        line = line[:LONGEST_NAME].rsplit(" ", 1)[0].strip(" -_~,;")
    line = line.encode()[:LONGEST_BYTES].decode(errors="ignore").rstrip()
    return f"{line or 'lightfast'} {pk.hex[-6:]}.{extension}"


def _is_seen(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZ"


def _slot(token: str, generation_id: UUID, index: int) -> str:
    """Return the shared middle of a key; nothing that a person wrote can get in."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("The token of a key is 32 hexadecimal characters.")
    if index < 0:
        raise ValueError("The index of a picture starts at 0.")
    return f"{token}/{UUID(str(generation_id))}/{index:d}"
