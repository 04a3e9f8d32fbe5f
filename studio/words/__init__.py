"""Every sentence about a state or a failure: a code and its values become words for whoever reads them.

Rows, errors and audit entries keep a code and its values (`Reason`); what is said is never stored, compared or cut.
A new sentence is one entry in the dictionary of its room: a text with the values in braces, a function of the values,
or one of these for each `Reader` that is told something else.
"""

from collections.abc import Callable, Mapping
from typing import Any

from studio.words import (
    bills,
    cases,
    database,
    doors,
    drawing,
    imports,
    library,
    making,
    money,
    notices,
    outside,
    pictures,
    programs,
    relays,
    rescue,
    rules,
    selecting,
    team,
    webhooks,
)
from studio.words.readers import MOMENT, Reader, Sentence, Values, clock, wait

__all__ = ["NO_REASON", "SENTENCES", "Reader", "Reason", "own_words", "plain", "say", "say_notice"]

SENTENCES: dict[str, Sentence] = {
    **drawing.SENTENCES,
    **relays.SENTENCES,
    **bills.SENTENCES,
    **database.SENTENCES,
    **doors.SENTENCES,
    **team.SENTENCES,
    **cases.SENTENCES,
    **rules.SENTENCES,
    **library.SENTENCES,
    **making.SENTENCES,
    **money.SENTENCES,
    **outside.SENTENCES,
    **rescue.SENTENCES,
    **selecting.SENTENCES,
    **pictures.SENTENCES,
    **imports.SENTENCES,
    **programs.SENTENCES,
    **webhooks.SENTENCES,
}


def plain(values: Values) -> dict[str, Any]:
    """Return values as JSON keeps them: a reason as its code and values."""
    return {
        name: {"code": value.code, "values": value.values} if isinstance(value, Reason) else value
        for name, value in values.items()
    }


class Reason:
    """Why something is as it is: a code and its values; another reason may be among them. False when there is none."""

    __slots__ = ("code", "values")

    def __init__(self, code: str = "", /, **values: Any) -> None:
        self.code = code
        self.values = plain(values)

    def __bool__(self) -> bool:
        return bool(self.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reason) and (self.code, self.values) == (other.code, other.values)

    def __hash__(self) -> int:
        return hash(self.code)

    def __str__(self) -> str:
        return self.said()

    def __repr__(self) -> str:
        return f"Reason({self.code!r}, **{self.values!r})"

    def with_values(self, **values: Any) -> "Reason":
        """Return the same reason with some values added or changed."""
        return Reason(self.code, **self.values | values) if self else self

    def said(self, reader: Reader = Reader.PERSON) -> str:
        """Return it in words."""
        return say(self.code, self.values, reader=reader)

    def split(self, reader: Reader = Reader.PERSON) -> tuple[str, str, str]:
        """Return the words in three parts: up to the wait ("in 7 s"), the wait, and what follows."""
        return _parts(self.code, self.values, reader)


NO_REASON = Reason()


def own_words(*sentences: str) -> Reason:
    """Return what somebody else has put into words: a person, or a check of the framework's forms and tables."""
    return Reason("own_words", text=" ".join(sentences))


def say(code: str, values: Values, *, reader: Reader = Reader.PERSON) -> str:
    """Return the words for a code; "" for none, and for what this reader may not be told.

    A code of a later release says itself; a value that is missing is shown as an ellipsis.
    """
    return "".join(_parts(code, values, reader))


def say_notice(kind: str, values: Values, *, reader: Reader = Reader.PERSON) -> tuple[str, str]:
    """Return what a notice says: its heading, and the line under it."""
    told = notices.told(kind)
    filled = _Values((name, _filled(value, reader)) for name, value in values.items())
    head, line = (words.format_map(filled) if isinstance(words, str) else words(filled) for words in told[:2])
    return head, line


def _parts(code: str, values: Values, reader: Reader) -> tuple[str, str, str]:
    text = _text(code, values, reader)
    filled = {name: _filled(value, reader) for name, value in values.items()}
    if isinstance(text, str):
        before, mark, after = text.partition("{wait}")
        waiting = wait(values.get("seconds")) if mark else ""
        parts = (before.format_map(_Values(filled)), waiting, after.format_map(_Values(filled)))
    else:
        parts = (text(_Values(filled)), "", "")
    return (_first(code, values) + parts[0], *parts[1:]) if any(parts) else parts


def _text(code: str, values: Values, reader: Reader) -> str | Callable[[Values], str]:
    entry = SENTENCES.get(code, lambda _: code)
    if isinstance(entry, Mapping):
        return entry.get(reader, entry[Reader.PERSON])
    return entry


def _first(code: str, values: Values) -> str:
    """Say what had been saved before the failure, if anything had."""
    if not values.get("saved") or code in drawing.SAY_SAVED:
        return ""
    return "{saved} of {of} images saved. ".format_map(_Values(values))


def _filled(value: Any, reader: Reader) -> Any:
    """Return a value as it stands in a sentence: a reason in words, a moment as its time of day."""
    if isinstance(value, str) and (moment := MOMENT.match(value)):
        return clock(moment[0])
    if isinstance(value, Mapping) and value.keys() == {"code", "values"}:
        return say(value["code"], value["values"], reader=reader)
    return value


class _Values(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "…"
