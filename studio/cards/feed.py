"""The feed of Create: one's generations, comparisons and grids as cards, newest first."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from studio.cards.comparisons import ComparisonCard, group_cards_of
from studio.cards.generations import Card, cards_of
from studio.cards.grids import GridCard, grid_cards_of
from studio.cards.places import read_models
from studio.models import Comparison, Generation, Grid, User
from studio.models.paging import first_of, page_of
from studio.prepared import prepared

PAGE = 10

LAST = UUID(int=(1 << 128) - 1)
"""An id after all others."""


def feed_of(person: User, *, before: UUID | None) -> dict[str, Any]:
    """Return the cards of a page of the feed; a comparison or a grid is one card, and its generations have none of
    their own.
    """
    below, size = before or LAST, PAGE + 1
    rows: list[Generation | Comparison | Grid] = [
        *_alone(person, below, size=size),
        *_groups(person, below, size=size),
        *_grids(person, below, size=size),
    ]
    for row in rows:
        row.owner = person
    page = page_of(sorted(rows, key=lambda row: row.pk, reverse=True), PAGE)
    alone = [row for row in page.rows if isinstance(row, Generation)]
    read_models(alone)
    single = cards_of(alone, person=person)
    grouped = group_cards_of([row for row in page.rows if isinstance(row, Comparison)], person=person)
    tables = grid_cards_of([row for row in page.rows if isinstance(row, Grid)], person=person)
    cards: dict[UUID, Card | ComparisonCard | GridCard] = {card.row.pk: card for card in single}
    cards |= {card.row.pk: card for card in grouped} | {card.row.pk: card for card in tables}
    return {"cards": [cards[row.pk] for row in page.rows], "older": page.older and page.older.pk}


@prepared
def _alone(person: User, before: UUID, *, size: int) -> QuerySet[Generation]:
    rows = Generation.objects.owned_by(person).alone().newest_first().before(before)
    return first_of(rows, size).select_related("prompt")


@prepared
def _groups(person: User, before: UUID, *, size: int) -> QuerySet[Comparison]:
    rows = Comparison.objects.owned_by(person).newest_first().before(before)
    return first_of(rows, size).select_related("prompt")


@prepared
def _grids(person: User, before: UUID, *, size: int) -> QuerySet[Grid]:
    return first_of(Grid.objects.owned_by(person).newest_first().before(before), size)
