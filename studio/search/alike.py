"""Finds pictures like one: the same bytes, a similar look, the same words; no model has to be downloaded for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from studio.models import Image, User
from studio.models.images import ImageQuerySet
from studio.search.engine import engine
from studio.search.images import FIRST, LAST
from studio.search.match import Match
from studio.search.parse import Term, words_in

NEAR = 14
"""Bits of 64 in which two pictures of one look differ at most; any two differ in about 32."""

LOOKED_AT = 400
"""Pictures that are compared, the newest ones."""

SAID = (12, 6, 3)
"""How many words of the prompt must be said, the longest ones first: all of so many, or of fewer."""


@dataclass
class Alike:
    """Keys of other pictures: with the same bytes, of a similar look (the nearest first), said in the same words."""

    same: list[UUID] = field(default_factory=list)
    look: list[UUID] = field(default_factory=list)
    words: list[UUID] = field(default_factory=list)


def alike(image: Image, user: User, size: int) -> Alike:
    """Return at most `size` of each, of what this person may see and what lies in no trash."""
    found, told = Alike(), {image.pk}
    found.same = _few(user, Match(facts=((f"x{image.sha256[:16]}",),)), size, told)
    told |= set(found.same)
    if image.likeness:
        pieces = tuple(f"{name}{image.likeness[4 * at : 4 * at + 4]}" for at, name in enumerate("abcd"))
        keys = _few(user, Match(facts=(pieces,)), LOOKED_AT, told)
        found.look = _nearest(image.likeness, keys)[:size]
        told |= set(found.look)
    for terms in _terms_of(image):
        new = _few(user, Match(terms), size - len(found.words), told)
        found.words += new
        told |= set(new)
    return found


def same_bytes(rows: ImageQuerySet, sha256: str) -> Image | None:
    """Return one of these rows that holds just these bytes."""
    match = Match(facts=((f"x{sha256[:16]}",),))
    keys = engine().walk(rows.newest_first(), match, LOOKED_AT, least=FIRST, most=LAST, newest=True)
    return rows.filter(pk__in=keys, sha256=sha256).first() if keys else None


def _few(user: User, match: Match, size: int, told: set[UUID]) -> list[UUID]:
    """Return the newest few that match and were not told yet."""
    rows = Image.objects.visible_to(user).kept().newest_first()
    keys = engine().walk(rows, match, size + len(told), least=FIRST, most=LAST, newest=True)
    return [key for key in keys if key not in told][:size]


def _nearest(likeness: str, keys: list[UUID]) -> list[UUID]:
    looks = Image.objects.filter(pk__in=keys).values_list("pk", "likeness")
    apart = {pk: (int(likeness, 16) ^ int(other, 16)).bit_count() for pk, other in looks}
    return sorted((pk for pk in keys if apart[pk] <= NEAR), key=lambda pk: apart[pk])


def _terms_of(image: Image) -> Iterator[tuple[Term, ...]]:
    words = sorted(dict.fromkeys(words_in(image.generation.prompt.text)), key=len, reverse=True)
    for count in SAID:
        if chosen := words[:count]:
            yield tuple(Term((word,), whole=True) for word in chosen)
