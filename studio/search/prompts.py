"""Finds prompts by what they say, by who wrote them, and by what came of them, on either database."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from studio.models import History, ImageModel, Outline, Prompt, Sort, User
from studio.models.images import ImageQuerySet
from studio.models.prompts import PromptQuerySet
from studio.prepared import prepared
from studio.search.asked import Asked
from studio.search.engine import engine
from studio.search.images import between, within
from studio.search.parse import Term, terms_of, words_in

LOOKED_THROUGH, PICTURES_LOOKED_THROUGH = 2000, 600
"""Rows of an order that are looked through one by one, before an index is asked for what is rarer."""

OUTLINES = {
    Outline.LANDSCAPE: Q(width__gt=F("height")),
    Outline.PORTRAIT: Q(width__lt=F("height")),
    Outline.SQUARE: Q(width=F("height")),
}
OF_PICTURES = ("relay", "model", "shape", "colour", "liked", "collection", "tag", "stars", "cost")
"""What is asked of the pictures of a prompt: one of them must have all of it."""


def page(asked: Asked, user: User, sort: Sort, size: int, *, after: tuple[Any, UUID] | None) -> list[Prompt]:
    """Return the first few prompts in this order, or those that come after one.

    What is common shows up among the first rows of an order, what is rare is found by an index: either way would be
    slow for the other.
    """
    history = History(asked.view.value)
    if not asked.filters and not after:
        return _first(user, history=history, sort=sort, size=size)
    rows, column = Prompt.objects.in_history(history, user, sort), sort.column(history)
    rows = rows.before(column, *after) if after else rows
    if not asked.filters:
        return list(rows[:size])
    some = PICTURES_LOOKED_THROUGH if _asks_pictures(asked) else LOOKED_THROUGH
    end = _beyond(user, history, sort, some, after)
    near = rows.down_to(column, *end) if end else rows
    found = list(_asked(near, asked, history, user, near=True)[:size])
    if end is None or len(found) == size:
        return found
    return list(_asked(rows, asked, history, user, near=False)[:size])


@prepared
def _first(user: User, *, history: History, sort: Sort, size: int) -> PromptQuerySet:
    return Prompt.objects.in_history(history, user, sort)[:size]


def _beyond(
    user: User, history: History, sort: Sort, some: int, after: tuple[Any, UUID] | None
) -> tuple[Any, UUID] | None:
    """Return the place of the row that comes after so many."""
    if not after:
        return _beyond_first.first(user, history=history, sort=sort, some=some)
    rows = Prompt.objects.in_order(history, user, sort).before(sort.column(history), *after)
    return rows.values_list(sort.column(history), "pk")[some : some + 1].first()


@prepared
def _beyond_first(
    user: User, *, history: History, sort: Sort, some: int
) -> QuerySet[Prompt, tuple[Any, UUID]]:
    rows = Prompt.objects.in_order(history, user, sort)
    return rows.values_list(sort.column(history), "pk")[some : some + 1]


def search(rows: PromptQuerySet, text: str) -> PromptQuerySet:
    """Return the rows that hold every term; a word that begins somebody's name finds what they wrote as well."""
    return _saying(rows, text, engine().prompts)


def _asked(rows: PromptQuerySet, asked: Asked, history: History, user: User, *, near: bool) -> PromptQuerySet:
    rows = _saying(rows, asked.words, engine().prompts_near if near else engine().prompts)
    rows = rows.filter(**between(asked, history.moment))
    if asked.person:
        rows = rows.filter(_by([asked.person]))
    if not _asks_pictures(asked):
        return rows
    near = near or bool(asked.words)  # the words are then the rarer ones
    pictures = _pictures(asked, user, near).order_by()
    if near:
        return rows.filter(Exists(pictures.filter(generation__prompt__digest=OuterRef("digest"))))
    return rows.filter(digest__in=pictures.values("generation__prompt__digest"))


def _asks_pictures(asked: Asked) -> bool:
    return not set(asked.filters).isdisjoint(OF_PICTURES)


def _pictures(asked: Asked, user: User, near: bool) -> ImageQuerySet:
    """Return the pictures that this person may see in this view, and that are as they are asked for.

    For the few of one prompt (`near`) by an expression: by the column SQLite would look through all that a model drew.
    """
    rows = within(asked.but(stars=0), user)
    by = Coalesce("model", Value(None)) if near else F("model")
    if asked.model:
        rows = rows.alias(by=by).filter(by=asked.model)
    if asked.relay:
        rows = rows.alias(by=by).filter(by__in=ImageModel.objects.filter(relay=asked.relay).values("pk"))
    if asked.colour:
        rows = rows.filter(hue=asked.colour)
    if asked.stars:
        rating: Any = Coalesce("rating", Value(0)) if near else F("rating")
        rows = rows.filter(GreaterThanOrEqual(rating, 100 * asked.stars))
    return rows.filter(OUTLINES[asked.shape]) if asked.shape else rows


def _saying(rows: PromptQuerySet, text: str, saying: Callable[[list[Term]], Q]) -> PromptQuerySet:
    terms = terms_of(text)
    if not terms:
        return rows
    people = _people(terms)
    plain = [term for term in terms if not (term.without or people[term])]
    if plain:
        rows = rows.filter(saying(plain))
    for term in terms:
        by = _by(people[term])
        if term.without:
            rows = rows.exclude(saying([term]) | by) if people[term] else rows.exclude(saying([term]))
        elif people[term]:
            rows = rows.filter(saying([term]) | by)
    return rows


def _by(people: list[UUID]) -> Q:
    """Return what picks the prompts of these people, also where the row is that of somebody who ran the same later."""
    theirs = Prompt.objects.shared().filter(digest=OuterRef("digest"), author__in=people)
    return Q(author__in=people) | Q(Exists(theirs))


def _people(terms: Iterable[Term]) -> dict[Term, list[UUID]]:
    """Return whom each term names: its first word begins a name of theirs, and what follows goes on there."""
    everyone = [(pk, f" {' '.join(words_in(name))}") for pk, name in _everyone()]
    return {term: [pk for pk, name in everyone if f" {' '.join(term.words)}" in name] for term in terms}


@prepared
def _everyone() -> QuerySet[User, tuple[UUID, str]]:
    return User.objects.values_list("pk", "name")
