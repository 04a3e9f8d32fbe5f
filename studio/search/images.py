"""Finds pictures: what somebody may see, and of that what the address of a gallery asks for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from studio.models import Comparison, Gallery, Image, ImageModel, User
from studio.models.collections import Collection, Placed
from studio.models.ids import first_at
from studio.models.images import ImageQuerySet
from studio.models.tags import Tagged, tidy
from studio.prepared import prepared
from studio.search.asked import Asked, Liking
from studio.search.engine import engine
from studio.search.match import Beginning, Match
from studio.search.parse import terms_of
from studio.search.spans import Span

FIRST, LAST = UUID(int=0), UUID(int=(1 << 128) - 1)
DAY = timedelta(days=1)
OF_INDEX = {"words", "person", "shape", "colour", "since", "until"}
"""What `within` asks nothing more for."""


def search(asked: Asked, user: User) -> ImageQuerySet:
    """Return the pictures that are asked for and that this person may see, newest first.

    It is the whole set, to count, join and change; `older` and `newer` read a few of it as fast as it gets.
    """
    rows, match = within(asked, user), match_of(asked)
    least, most = bounds_of(asked)
    if match:
        rows = rows.filter(engine().images(match))
    return rows if (least, most) == (FIRST, LAST) else rows.filter(pk__gte=least, pk__lte=most)


def older(asked: Asked, user: User, size: int, *, than: UUID | None = None) -> list[UUID]:
    """Return the newest few pictures, or the few that come after this one."""
    return _older(asked, user, size, than)[:size]


def _older(asked: Asked, user: User, size: int, than: UUID | None) -> list[UUID]:
    most = UUID(int=max(than.int - 1, 0)) if than else LAST
    return _few(asked, user, size, most=most, newest=True)


@dataclass
class FoundPage:
    """A page of pictures as tiles show them, and the one it begins after.

    Of all that is asked for: how many there are, at most WHOLE, and the first and last, where the first page tells.
    """

    last: Image | None
    rows: list[Image]
    count: int | None = None
    ends: list[UUID] | None = None


def page(asked: Asked, user: User, size: int, *, after: UUID | None = None) -> FoundPage:
    """Return the few newest pictures, or those that come after one."""
    if match_of(asked):
        begun = Beginning(_older(asked, user, size, after)) if after else _begun(asked, user, size)
        rows = _tiles(user, [*([after] if after else []), *begun.keys[:size]])
    else:
        rows = _unmatched(asked, user, size + bool(after), after)
        begun = Beginning([]) if after else Beginning.of([row.pk for row in rows], size)
    last = rows.pop(0) if rows and rows[0].pk == after else None
    return FoundPage(last, rows[:size], begun.count, begun.ends)


def _begun(asked: Asked, user: User, size: int) -> Beginning:
    if not _is_plain(asked):
        return Beginning.of(_older(asked, user, size, None), size)
    least, most = bounds_of(asked)
    return engine().begin_view(asked.view, user, match_of(asked), size, least=least, most=most)


def _unmatched(asked: Asked, user: User, size: int, after: UUID | None) -> list[Image]:
    """Return the newest few, or one and what comes after it, where no index of words is asked."""
    least, most = bounds_of(asked)
    most = min(most, after) if after else most
    if not asked.filters:
        return _first_tiles(user, least, most, view=asked.view, size=size)
    rows = within(asked, user).filter(pk__gte=least, pk__lte=most).with_tile_data(user)
    return list(rows[:size])


@prepared
def _tiles(user: User, keys: list[UUID]) -> ImageQuerySet:
    return Image.objects.visible_to(user).filter(pk__in=keys).newest_first().with_tile_data(user)


@prepared
def _first_tiles(user: User, least: UUID, most: UUID, *, view: Gallery, size: int) -> ImageQuerySet:
    return _between(user, least, most, view).with_tile_data(user)[:size]


@prepared
def _first_keys(
    user: User, least: UUID, most: UUID, *, view: Gallery, size: int, newest: bool
) -> QuerySet[Image, UUID]:
    rows = _between(user, least, most, view)
    return (rows if newest else rows.reverse()).values_list("pk", flat=True)[:size]


def _between(user: User, least: UUID, most: UUID, view: Gallery) -> ImageQuerySet:
    """Return a view of the gallery of which nothing more is asked than two ends."""
    return Image.objects.in_gallery(view, user).filter(pk__gte=least, pk__lte=most)


def newer(asked: Asked, user: User, size: int, *, than: UUID) -> list[UUID]:
    """Return the few pictures that come before this one, the nearest first."""
    return _few(asked, user, size, least=UUID(int=than.int + 1), newest=False)[:size]


def count(asked: Asked, user: User, most: int) -> int:
    """Return how many there are; beyond `most` one more than that."""
    match = match_of(asked)
    first, last = bounds_of(asked)
    if match and _is_plain(asked):
        return engine().count_view(asked.view, user, match, most + 1, least=first, most=last)
    rows = within(asked, user)
    if match:
        return engine().count(rows, match, most + 1, least=first, most=last)
    return rows.filter(pk__gte=first, pk__lte=last)[: most + 1].count()


def match_of(asked: Asked) -> Match:
    """Return what the index can answer of it."""
    facts: list[tuple[str, ...]] = []
    if asked.person:
        facts.append((f"o{asked.person.hex}",))
    if asked.model:
        facts.append((f"m{asked.model.hex}",))
    if asked.relay:
        models = ImageModel.objects.filter(relay=asked.relay).order_by("pk").values_list("pk", flat=True)
        facts.append(tuple(f"m{model.hex}" for model in models) or ("none",))
    if asked.shape:
        facts.append((asked.shape.value,))
    if asked.colour:
        facts.append((f"h{asked.colour.value}",))
    return Match(tuple(terms_of(asked.words)), tuple(facts))


def bounds_of(asked: Asked) -> tuple[UUID, UUID]:
    """Return the least and the greatest id of the days; ids are made in order of time, days in the studio's zone."""
    least = first_at(midnight(asked.since)) if asked.since else FIRST
    if asked.until is None:
        return least, LAST
    end = first_at(midnight(min(asked.until, date.max - DAY) + DAY))
    return least, UUID(int=max(end.int - 1, 0))


def _few(
    asked: Asked, user: User, size: int, *, least: UUID = FIRST, most: UUID = LAST, newest: bool
) -> list[UUID]:
    """Return so many, or more where these were found anyway."""
    if not asked.filters:
        return _first_keys(user, least, most, view=asked.view, size=size, newest=newest)
    match = match_of(asked)
    first, last = bounds_of(asked)
    least, most = max(least, first), min(most, last)
    if match and _is_plain(asked):
        return engine().walk_view(asked.view, user, match, size, least=least, most=most, newest=newest)
    rows = within(asked, user)
    if match:
        return engine().walk(rows, match, size, least=least, most=most, newest=newest)
    rows = rows.filter(pk__gte=least, pk__lte=most)
    return list((rows if newest else rows.reverse()).values_list("pk", flat=True)[:size])


def _is_plain(asked: Asked) -> bool:
    """Tell whether the index and two ends say all that is asked of a view."""
    return OF_INDEX.issuperset(asked.filters)


def within(asked: Asked, user: User) -> ImageQuerySet:
    """Return the view with what is asked of other tables."""
    rows = Image.objects.in_gallery(asked.view, user)
    if asked.cost:
        rows = rows.filter(**_costing(asked.cost))
    if asked.model or asked.relay or asked.cost:  # a cost tells the model as well
        rows = rows.exclude(generation__comparison__in=Comparison.objects.hiding_models())
    if asked.liked == Liking.MINE:
        rows = rows.filter(pk__in=user.favourites.values("image"))
    elif asked.liked:
        rows = rows.liked()
    if asked.collection:
        open_ones = Collection.objects.visible_to(user).filter(pk=asked.collection)
        rows = rows.filter(pk__in=Placed.objects.filter(collection__in=open_ones).values("image"))
    if asked.tag:
        rows = rows.filter(pk__in=Tagged.objects.filter(tag__name=tidy(asked.tag)).values("image"))
    return rows.filter(rating__gte=100 * asked.stars) if asked.stars else rows


def _costing(span: Span) -> dict[str, object]:
    """Return what picks pictures of generations that cost so much."""
    ends = {"gte": span.least, "lte": span.most}
    picks = {f"generation__cost__{end}": parts for end, parts in ends.items() if parts is not None}
    return picks | {"generation__cost_unit": span.unit}


def between(asked: Asked, column: str) -> dict[str, datetime]:
    """Return the days that are asked for as bounds of a column of moments."""
    bounds = {}
    if asked.since:
        bounds[f"{column}__gte"] = midnight(asked.since)
    if asked.until:
        bounds[f"{column}__lt"] = midnight(min(asked.until, date.max - DAY) + DAY)
    return bounds


def midnight(day: date) -> datetime:
    """Return when a day begins in the studio's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
