"""Finished values for a page of the gallery: its tiles, what was asked for, how many there are, the months."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from studio.cards.images import tiles, tiles_alone
from studio.cards.places import read_owners
from studio.models import Collection, Gallery, Image, ImageModel, Relay, User
from studio.models.ids import first_at, made_at
from studio.search import alike, images
from studio.search.asked import Asked, Liking
from studio.search.match import WHOLE

PAGE = 32
"""Two screens of a desk; their thumbnails weigh 600 KB together."""

ALIKE = 24
"""Pictures of one group on the page of those that are like one."""

MOST_COUNTED = WHOLE - 1
"""Beyond so many a gallery says "1,000+": an exact count of a common word takes half a second at a million."""

NAMED: dict[str, type[Model]] = {
    "person": User,
    "relay": Relay,
    "model": ImageModel,
    "collection": Collection,
}
"""What is asked for by the id of a row, which has a name."""


def page(asked: Asked, person: User, before: UUID | None) -> dict[str, Any]:
    """Return the tiles of a page, and where the pages beside it begin."""
    found = images.page(asked, person, PAGE + 1, after=before)
    rows = found.rows
    read_owners(rows[:PAGE])
    return {
        "tiles": list(tiles(rows[:PAGE], person, asked, after=found.last)),
        "count": found.count,
        "ends": found.ends,
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "newer": _newer(asked, person, before) if before else None,
    }


def alike_of(image: Image, person: User) -> list[dict[str, Any]]:
    """Return the pictures like one in groups that say how they are like it; one query for all of them."""
    found = alike.alike(image, person, ALIKE)
    groups = {"The same picture": found.same, "They look like it": found.look, "The same words": found.words}
    seen = Image.objects.visible_to(person).filter(pk__in=[key for keys in groups.values() for key in keys])
    rows = {row.pk: row for row in seen.with_tile_data(person)}
    read_owners(list(rows.values()))
    team = Asked(view=Gallery.TEAM)
    return [
        {"title": title, "tiles": tiles_alone([rows[key] for key in keys if key in rows], person, team)}
        for title, keys in groups.items()
        if keys
    ]


def _newer(asked: Asked, person: User, before: UUID) -> UUID | None:
    """Return what the page above the one that begins after `before` begins after; nothing for the first page."""
    above = images.newer(asked, person, PAGE + 1, than=UUID(int=max(before.int - 1, 0)))
    return above[PAGE] if len(above) > PAGE else None


def around(asked: Asked, person: User, page: dict[str, Any], before: UUID | None) -> dict[str, Any]:
    """Return what stands around the tiles of a whole page; what the page told already is not asked again."""
    first = UUID(page["tiles"][0]["id"]) if page["tiles"] else None
    ends = page["ends"]
    if ends is None:
        ends = _ends(asked, person, None if before else first)
    figures = ""
    if asked.filters:
        figures = number(asked, person) if page["count"] is None else _figures(page["count"])
    return {
        "months": months(asked, ends, first),
        "chips": chips(asked, person),
        "how_many": f"{figures} picture{'' if figures == '1' else 's'}" if figures else "",
    }


def number(asked: Asked, person: User) -> str:
    """Return how many pictures there are, in figures."""
    return _figures(images.count(asked, person, MOST_COUNTED))


def _figures(count: int) -> str:
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"


def chips(asked: Asked, person: User, home: str = "", *, kept: str = "") -> list[dict[str, str]]:
    """Return what is asked for beside the view: in words, and the address without it; `kept` words stay in each."""
    told = {name: _told(name, getattr(asked, name), person) for name in asked.filters}
    rest = asked.but(words=kept or asked.words)
    return [{"label": label, "url": url_of(_without(rest, name), home)} for name, label in told.items()]


def _without(asked: Asked, name: str) -> Asked:
    return asked.but(**{name: getattr(Asked(), name)})


def _told(name: str, value: Any, person: User) -> str:
    if name in NAMED:
        rows = NAMED[name]._default_manager.filter(pk=value)
        if name == "collection":
            rows = Collection.objects.visible_to(person).filter(pk=value)
        found = rows.first()
        word = {"person": "by ", "relay": "through ", "model": "", "collection": "in "}[name]
        return f"{word}{getattr(found, 'label', None) or found or 'nobody knows'}"
    match name:
        case "words":
            return str(value)
        case "since":
            return f"from {_day(value)}"
        case "until":
            return f"until {_day(value)}"
        case "liked":
            return "favourites of mine" if value == Liking.MINE else "somebody’s favourite"
        case "tag":
            return f"#{value}"
        case "stars":
            return f"{value} stars and more" if value < 5 else "5 stars"
    return str(value.label).lower()


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def url_of(asked: Asked, home: str = "") -> str:
    """Return the address of what is asked for: in the gallery, or in another list whose address goes before it."""
    return f"{home or reverse('images.index') + '?'}{asked}"


def _ends(asked: Asked, person: User, newest: UUID | None) -> list[UUID]:
    """Return the newest picture and the oldest."""
    ends = [newest] if newest else images.older(asked, person, 1)
    return [*ends, *images.newer(asked, person, 1, than=images.FIRST)]


def months(asked: Asked, ends: list[UUID], first: UUID | None) -> list[dict[str, Any]]:
    """Return the months from the newest picture to the oldest, by year; each leads to where it begins in the list.

    `first` is the newest picture of the page at hand, whose month is marked.
    """
    if len(ends) < 2:
        return []
    last, month = (_month(pk) for pk in reversed(ends))
    here, top, found, address = _month(first) if first else month, month, [], url_of(asked)
    while month >= last:
        later = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
        end = f"&before={first_at(images.midnight(later))}" if month != top else ""
        found.append(
            {
                "name": f"{month:%b}",
                "label": f"{month:%b %Y}",
                "year": month.year if month.month == 12 or month == top else "",
                "url": address + end,
                "here": month == here,
            }
        )
        month = (month - timedelta(days=1)).replace(day=1)
    return found if len(found) > 1 else []


def _month(pk: UUID) -> date:
    return timezone.localtime(made_at(pk)).date().replace(day=1)
