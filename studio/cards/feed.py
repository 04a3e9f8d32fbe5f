"""The feed of Create: one's generations, comparisons and grids as cards, newest first."""

from typing import Any
from uuid import UUID

from studio.cards.comparisons import ComparisonCard, group_cards_of
from studio.cards.generations import Card, cards_of
from studio.cards.grids import GridCard, grid_cards_of
from studio.models import Comparison, Generation, Grid, User
from studio.models.paging import first_of, page_of
from studio.models.runs import DRAWN_BY

PAGE = 10


def feed_of(person: User, *, before: UUID | None) -> dict[str, Any]:
    """Return the cards of a page of the feed; a comparison or a grid is one card, and its generations have none of
    their own.
    """
    mine = Generation.objects.owned_by(person).alone().newest_first().before(before)
    groups = Comparison.objects.owned_by(person).newest_first().before(before)
    grids = Grid.objects.owned_by(person).newest_first().before(before)
    rows: list[Generation | Comparison | Grid] = [
        *first_of(mine, PAGE + 1).select_related("prompt", *DRAWN_BY),
        *first_of(groups, PAGE + 1).select_related("prompt"),
        *first_of(grids, PAGE + 1),
    ]
    for row in rows:
        row.owner = person
    page = page_of(sorted(rows, key=lambda row: row.pk, reverse=True), PAGE)
    single = cards_of([row for row in page.rows if isinstance(row, Generation)], person=person)
    grouped = group_cards_of([row for row in page.rows if isinstance(row, Comparison)], person=person)
    tables = grid_cards_of([row for row in page.rows if isinstance(row, Grid)], person=person)
    cards: dict[UUID, Card | ComparisonCard | GridCard] = {card.row.pk: card for card in single}
    cards |= {card.row.pk: card for card in grouped} | {card.row.pk: card for card in tables}
    return {"cards": [cards[row.pk] for row in page.rows], "older": page.older and page.older.pk}
