"""A complete answer as an administrator may read it: what is long, secret or unprintable is taken out."""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from studio.relays.answers.spool import Unreadable, reading, seek
from studio.relays.shapes import mask, paragraph

LIMIT = 64 * 1024
HEAD = 64
"""Characters of a payload that are kept: they tell a PNG from an HTML page."""

SLACK = 4096
"""Bytes read beyond the limit, so that a key is masked whole before the text is cut."""

_LETTERS = rb"A-Za-z0-9+/_=\\-"
_RUN = re.compile(rb"[%b]{256,}" % _LETTERS)
_END = re.compile(rb"[^%b]" % _LETTERS)
_ADDRESS = re.compile(r"https?:(?:\\?/){2}[^\s\"'<>]+", re.IGNORECASE)


def text(spool: Path, *, limit: int = LIMIT, secret: str = "") -> str:
    """Return at most `limit` bytes of the body; addresses lose their queries, of payloads the beginning stays."""
    try:
        with reading(spool) as body:
            raw = b"".join(_pieces(body.data, body.start, limit + SLACK))
    except Unreadable:
        return ""
    words = _ADDRESS.sub(_without_query, raw.decode("utf-8", "replace"))
    words = mask(mask(words, secret), secret.replace("/", r"\/"))
    return paragraph(words).encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def _without_query(found: re.Match[str]) -> str:
    address, mark, _ = found[0].partition("?")
    return f"{address}?…" if mark else address


def _pieces(data: mmap.mmap, position: int, room: int) -> Iterator[bytes]:
    """Yield the text between the payloads, a note in the place of each, until there is no more room."""
    while position < len(data) and room > 0:
        run = _RUN.search(data, position, min(position + room + SLACK, len(data)))
        stop = run.start() + HEAD if run else position + room
        yield data[position:stop]
        room -= stop - position
        position = stop
        if run:
            position = seek(data, _END, run.end(), len(data))
            note = f"…{position - stop:,} more characters…".encode()
            yield note
            room -= len(note)
