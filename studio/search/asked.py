"""What the address of a gallery asks for, as one value that can be read, changed and written again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from studio.models import Gallery, Hue, Outline
from studio.search.spans import Span

LONGEST = 200
"""Characters of a search."""


class Misasked(ValueError):
    """An address that asks for what there cannot be; `fields` are the names of its parts that cannot be read."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class Liking(StrEnum):
    """Whose heart a picture must have."""

    MINE = "mine"
    ANYONE = "anyone"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Everything that a gallery can be asked for; each field is a part of the address, under the name in `PARTS`."""

    view: Gallery = Gallery.MINE
    words: str = ""
    person: UUID | None = None
    relay: UUID | None = None
    model: UUID | None = None
    shape: Outline | None = None
    colour: Hue | None = None
    since: date | None = None
    until: date | None = None
    liked: Liking | None = None
    collection: UUID | None = None
    tag: str = ""
    stars: int = 0
    cost: Span | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        """Read a query string; raises Misasked."""
        values, wrong = {}, []
        for name, (part, read) in PARTS.items():
            try:
                if text := query.get(part, "").strip():
                    values[name] = read(text)
            except ValueError:
                wrong.append(part)
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            wrong.append("until")
        if wrong:
            raise Misasked(wrong)
        return cls(**values)

    def query(self) -> dict[str, str]:
        """Return the parts of the address, in one order; what is not asked for is left out, but not the view."""
        asked = {PARTS[each.name][0]: getattr(self, each.name) for each in fields(self)}
        return {part: _written(value) for part, value in asked.items() if value}

    def __str__(self) -> str:
        return urlencode(self.query())

    def but(self, **changes: Any) -> Self:
        """Return the same with other values."""
        return replace(self, **changes)

    @property
    def filters(self) -> list[str]:
        """The fields that are asked for beside the view: what a person can take off again."""
        return [each.name for each in fields(self) if each.name != "view" and getattr(self, each.name)]


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _words(text: str) -> str:
    if len(text) > LONGEST or "\0" in text:  # which PostgreSQL refuses to compare with
        raise ValueError(text)
    return text


def _stars(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 5:
        raise ValueError(text)
    return int(text)


PARTS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "view": ("view", Gallery),
    "words": ("q", _words),
    "person": ("person", UUID),
    "relay": ("relay", UUID),
    "model": ("model", UUID),
    "shape": ("shape", Outline),
    "colour": ("colour", Hue),
    "since": ("since", date.fromisoformat),
    "until": ("until", date.fromisoformat),
    "liked": ("liked", Liking),
    "collection": ("collection", UUID),
    "tag": ("tag", _words),
    "stars": ("stars", _stars),
    "cost": ("cost", Span.read),
}
"""Field → its part of the address, and what reads it (raises ValueError)."""
