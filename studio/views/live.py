"""What has changed of the cards on a page; while nothing has, the middleware `live` answers before this."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from studio.cards.comparisons import ComparisonCard, group_cards_of
from studio.cards.generations import Card, cards_of
from studio.cards.grids import GridCard, grid_card_of, grid_cards_of
from studio.cards.notices import newest
from studio.http import StudioRequest
from studio.live import Shown, changed, shows_count
from studio.models import Comparison, Generation, Grid, User
from studio.prepared import prepared
from studio.views.fetch import fetch_some, note_denied

Cards = dict[UUID, Card | ComparisonCard | GridCard]


@require_safe
def index(request: StudioRequest) -> HttpResponse:
    """Send each watched card that is not as the page shows it; one that is gone, or not theirs any more, goes."""
    watches, bell = changed(request), _bell(request)
    if not watches and not bell:
        return HttpResponse(status=204)
    asked = {shown: [watch.pk for watch in watches if watch.shown == shown] for shown in Shown}
    cards = _generations(request, asked[Shown.GENERATION]) | _comparisons(request, asked[Shown.COMPARISON])
    cards |= _grids(request, asked[Shown.GRID])
    pages, tables = _comparisons(request, asked[Shown.COLUMNS]), _tables(request, asked[Shown.TABLE])
    gone = [watch for watch in watches if watch.pk not in cards | pages | tables]
    shown: dict[str, Any] = {"cards": cards.values(), "pages": pages.values(), "tables": tables.values()}
    shown |= {"gone": gone, "bell": bell}
    return render(request, "live/index.html", shown)


def _bell(request: StudioRequest) -> dict[str, str]:
    """Return what the bell says, if the page shows another number of new notices than there are."""
    if shows_count(request):
        return {}
    return newest(request.user) if request.user.unread else {"words": ""}


def _generations(request: StudioRequest, pks: list[UUID]) -> Cards:
    if not pks:
        return {}
    rows = _visible(request.user, pks)
    note_denied(request, Generation, set(pks) - {row.pk for row in rows})
    # Stand-ins are rare, and nearly all cards are one's own: joining both would double what is read.
    prefetch_related_objects([row for row in rows if row.via_id], "via__relay")
    for row in rows:
        if row.owner_id == request.user.pk:
            row.owner = request.user
    return {card.row.pk: card for card in cards_of(rows, person=request.user)}


@prepared
def _visible(person: User, pks: list[UUID]) -> QuerySet[Generation]:
    visible = Generation.objects.visible_to(person).single()
    return visible.select_related("prompt", "model__relay").filter(pk__in=pks)


def _comparisons(request: StudioRequest, pks: list[UUID]) -> Cards:
    if not pks:
        return {}
    visible = Comparison.objects.visible_to(request.user).select_related("prompt", "owner")
    rows = fetch_some(request, visible, pks)
    return {card.row.pk: card for card in group_cards_of(rows, person=request.user)}


def _grids(request: StudioRequest, pks: list[UUID]) -> Cards:
    """One's own, as in the feed: a card says the text with all its values, of which others may see some only."""
    if not pks:
        return {}
    rows = fetch_some(request, Grid.objects.owned_by(request.user).select_related("owner"), pks)
    return {card.row.pk: card for card in grid_cards_of(rows, person=request.user)}


def _tables(request: StudioRequest, pks: list[UUID]) -> Cards:
    """A page shows one table."""
    if not pks:
        return {}
    rows = fetch_some(request, Grid.objects.visible_to(request.user).select_related("owner"), pks)
    return {row.pk: grid_card_of(row, person=request.user) for row in rows}
