"""What may stand before a colon in a search box (`person:`, `model:`, `relay:`, `tag:`), and what goes on after it."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from studio.models import ImageModel, Relay, Tag, User
from studio.search.asked import Asked
from studio.search.parse import words_in

OPERATOR = re.compile(r'(?:^|(?<=\s))(person|model|relay|tag):(?:"([^"]*)"?|(\S*))', re.IGNORECASE)
LAST = re.compile(r'(?:^|\s)((?:person|model|relay|tag):(?:"[^"]*|\S*)|[^\s":-]{2,})$', re.IGNORECASE)
"""What somebody is typing just now, at the end of the box."""

MOST = 8


class Offer(NamedTuple):
    """One way to go on: the field, what it would be, and its name."""

    field: str
    value: Any
    name: str


def resolved(asked: Asked, user: User) -> Asked | None:
    """Return the same with `person:bob` in its words read as a filter; nothing where there is none to read."""
    changes: dict[str, Any] = {}
    left = asked.words
    for found in OPERATOR.finditer(asked.words):
        field, text = found[1].lower(), found[2] or found[3] or ""
        if offer := next(_offers(field, text, user), None):
            changes[field] = offer.value
            left = left.replace(found[0], " ")
    return asked.but(words=" ".join(left.split()), **changes) if changes else None


def completions(asked: Asked, user: User) -> list[tuple[Offer, Asked]]:
    """Return ways to go on with the last word of the box, each with what would then be asked for."""
    typed = LAST.search(asked.words)
    if typed is None:
        return []
    field, colon, text = typed[1].partition(":")
    fields = [field.lower()] if colon else ["person", "model", "tag"]
    words = asked.words[: typed.start(1)].strip()
    offers = [offer for each in fields for offer in _offers(each, text.strip('"') if colon else field, user)]
    return [(offer, asked.but(words=words, **{offer.field: offer.value})) for offer in offers[:MOST]]


def _offers(field: str, text: str, user: User) -> Iterator[Offer]:
    """Yield what has a word in its name that begins so; whoever may sign in may know who is here, and what draws."""
    if field == "tag":
        names = Tag.objects.visible_to(user).beginning(text).by_name().values_list("name", flat=True)
        yield from (Offer(field, name, name) for name in names[:MOST])
        return
    rows = {
        "person": User.objects.order_by("name").values_list("pk", "name"),
        "model": ImageModel.objects.order_by("label").values_list("pk", "label"),
        "relay": Relay.objects.order_by("name").values_list("pk", "name"),
    }[field]
    asked = f" {' '.join(words_in(text))}"
    for pk, name in rows:
        if asked in f" {' '.join(words_in(name))}":
            yield Offer(field, pk, name)
