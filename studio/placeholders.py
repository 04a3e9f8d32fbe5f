"""The fields of a saved prompt: `{subject}` is written into, of `{style:oil|watercolour|photo}` one is chosen.

Any other braces are plain text, and so is a field in double braces.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

FIELD = re.compile(r"\{\{.*?\}\}|\{\s*([^\W\d_][\w \-]{0,39}?)\s*(?::([^{}\n]{1,1000}))?\}")


@dataclass(frozen=True)
class Placeholder:
    """One field by its name; without choices anything may be written into it."""

    name: str
    choices: tuple[str, ...] = ()


def fields_of(text: str) -> list[Placeholder]:
    """Return the fields of a text, each once; what stands first says what may be chosen."""
    found: dict[str, Placeholder] = {}
    for field, _ in _marks(text):
        known = found.setdefault(field.name, field)
        if field.choices and not known.choices:
            found[field.name] = field
    return list(found.values())


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with what was written or chosen; a field without a value stays as it is."""
    parts, last = [], 0
    for field, mark in _marks(text):
        value = values.get(field.name, "").strip()
        parts += [text[last : mark.start()], value or mark[0]]
        last = mark.end()
    return "".join([*parts, text[last:]])


def _marks(text: str) -> Iterator[tuple[Placeholder, re.Match[str]]]:
    for mark in FIELD.finditer(text):
        if mark[1]:
            choices = (each.strip() for each in (mark[2] or "").split("|"))
            yield Placeholder(mark[1].lower(), tuple(dict.fromkeys(filter(None, choices)))), mark
