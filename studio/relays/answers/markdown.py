"""Pictures that stand in a text as markdown: `![image](data:…)`, or with a web address (RELAYS.md §1.5)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from studio.relays.answers.spool import Spans, seek

MOST = 100
"""Pictures that are looked for in one text."""

_OPENING = re.compile(rb"!\[[^\[\]]{0,1000}\]\((?:\s|\\[nrt]){0,9}<?(?=data:|https?:)", re.IGNORECASE)
_ADDRESS = re.compile(
    rb"(?:[^\s()<>\\\"]|\\/|\\u[0-9a-f]{4}|\([^\s()<>\\\"]{0,200}\)){1,8192}", re.IGNORECASE
)
_BEHIND = re.compile(rb"[)>]|\\\"")
"""What ends the text of a data: URL: the bracket, or a title in quotes before it."""


@dataclass(frozen=True)
class Drawn:
    """One picture in a text: where all of it stands, and its address, or where the text of its data: URL stands."""

    start: int
    end: int
    payload: tuple[int, int] | None = None
    url: str = ""


def pictures(text: object, spans: Spans) -> list[Drawn]:
    """Return the pictures of a text that the spans know, in order."""
    place = spans.place(text)
    return list(_drawn(spans, *place)) if place else []


def words(text: object, spans: Spans, limit: int) -> str:
    """Return the text without its pictures, at most `limit` bytes of it."""
    place = spans.place(text)
    found = pictures(text, spans)
    if not place or not found:
        return spans.text(text, limit)
    starts = [place[0], *(each.end for each in found)]
    ends = [*(each.start for each in found), sum(place)]
    return spans.joined(zip(starts, ends, strict=True), limit)


def _drawn(spans: Spans, offset: int, length: int) -> Iterator[Drawn]:
    """Yield what stands between an opening and its bracket; the text is raw JSON, its escapes not undone."""
    position, end = offset, offset + length
    for _ in range(MOST):
        opening = _OPENING.search(spans.data, position, end)
        if not opening:
            return
        start, position = opening.start(), opening.end()
        url, payload = "", None
        if spans.data[position : position + 5].lower() == b"data:":
            behind = seek(spans.data, _BEHIND, position, end)
            payload = (position, behind - position)
        elif address := _ADDRESS.match(spans.data, position, end):
            behind, url = address.end(), _plain(address[0])
        else:
            continue
        closing = spans.data.find(b")", behind, end)
        if closing < 0:
            return
        position = closing + 1
        yield Drawn(start, position, payload=payload, url=url)


def _plain(raw: bytes) -> str:
    try:
        return str(json.loads(b'"%b"' % raw))
    except ValueError:
        return raw.decode("ascii", "replace")
