"""Finished values for the tiles of the gallery: fifty of them are drawn on a page (HOUSE §4.6)."""

import functools
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from studio.media.names import SIDES
from studio.models import Gallery, Image, User
from studio.models.ids import first_at, made_at
from studio.search.asked import Asked
from studio.signing import thumbnail_url

ALT_LENGTH = 120
ROW = 16
"""How high a row of the gallery is, in rem: browsers choose a thumbnail by it, and 512 pixels do on a sharp screen.

Rows grow to 17 rem; nobody sees that sixteenth, and the large thumbnail costs three times as much.
"""
FIRST = 6
"""Pictures that a browser fetches as soon as it reads of them; the others wait until it knows where they stand."""

NOBODY = str(UUID(int=0))
"""Stands in an address until it is somebody's: one that is made by formatting costs a tenth."""


def words(text: str, length: int = ALT_LENGTH) -> str:
    """Return the beginning of a text on one line, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rsplit(' ', 1)[0]}…"


def alt_of(image: Image) -> str:
    """Return what a picture shows in words: its person's, else the beginning of the prompt."""
    if image.alt_text:
        return image.alt_text
    prompt = image.__dict__.get("prompt_text")  # `with_card_data` brings it along
    return words(image.generation.prompt.text if prompt is None else prompt)


def preview(image: Image, person: User) -> dict[str, Any]:
    """Return what an <img> of the image needs; until there are thumbnails it is the original itself."""
    facts = {
        "width": image.width,
        "height": image.height,
        "ratio": image.ratio,
        "tone": image.tone or "#8888",
        "original": original_url(image),
    }
    if image.developed_at is None:
        return facts | {"src": facts["original"], "small": facts["original"], "srcset": ""}
    small, large = (thumbnail_url(image, side, person.pk) for side in SIDES)
    by_width = min(1, image.ratio)  # the side is the long one, srcset counts the width
    srcset = f"{small} {SIDES[0] * by_width:.0f}w, {large} {SIDES[1] * by_width:.0f}w"
    return facts | {"src": large, "small": small, "srcset": srcset, "sizes": f"{image.ratio * ROW:.1f}rem"}


def small_preview(image: Image, person: User) -> dict[str, Any]:
    """Return what the smallest picture of the image needs, where rows show several: one name is signed, not two."""
    small = original_url(image) if image.developed_at is None else thumbnail_url(image, SIDES[0], person.pk)
    facts = {"width": image.width, "height": image.height, "tone": image.tone or "#8888"}
    return facts | {"small": small, "url": image_url(image.pk)}


def tiles(
    images: Iterable[Image], person: User, asked: Asked, *, after: Image | None = None
) -> Iterator[dict[str, Any]]:
    """Yield a tile for each image; what the one before it said already, `after` at first, is not said again.

    The first of a day carries the day's name, and the first of a person or a day their initials.
    """
    urls = _Urls(asked)
    today = timezone.localdate()
    last = (timezone.localdate(made_at(after.pk)), after.owner_id) if after else (None, None)
    for number, image in enumerate(images):
        day = timezone.localdate(made_at(image.pk))
        found = _tile(image, person, asked.view, urls) | {"day": "", "first": number < FIRST}
        if day != last[0]:
            found |= {"day": day_name(day, today), "day_span": _span(day)}
        yield found | ({"person": ""} if (day, image.owner_id) == last else {})
        last = (day, image.owner_id)


def _span(day: date) -> str:
    """Return the smallest id that can be made on this day, and that of the next one."""
    midnights = (
        timezone.make_aware(datetime.combine(each, time.min)) for each in (day, day + timedelta(days=1))
    )
    return " ".join(str(first_at(midnight)) for midnight in midnights)


def tile(image: Image, person: User, asked: Asked) -> dict[str, Any]:
    """Return one tile, without a day."""
    return _tile(image, person, asked.view, _Urls(asked))


def tiles_alone(images: Iterable[Image], person: User, asked: Asked) -> list[dict[str, Any]]:
    """Return tiles without days, for a page where nothing is chosen."""
    urls = _Urls(asked)
    return [_tile(image, person, asked.view, urls) | {"circle": False} for image in images]


def _tile(image: Image, person: User, gallery: Gallery, urls: "_Urls") -> dict[str, Any]:
    return (
        preview(image, person)
        | urls.of(image.pk)
        | {
            "id": str(image.pk),
            "circle": True,
            "alt": alt_of(image),
            "liked": image.is_favourite,  # type: ignore[attr-defined]
            "trashed": image.in_trash,
            "gone": image.in_trash != (gallery == Gallery.TRASH),
            "person": "" if gallery in {Gallery.MINE, Gallery.TRASH} else str(image.owner),
            "initials": image.owner.initials,
            "private": image.owner_id == person.pk and not image.shared,
        }
    )


class _Urls:
    """The addresses of one image, made by formatting: resolving two hundred for a page would cost 3 ms."""

    def __init__(self, asked: Asked | None = None) -> None:
        query = f"?{asked}" if asked else ""
        names = {"url": "detail", "favourite_url": "favourite", "trash_url": "trash"}
        self.patterns = {key: reverse(f"images.{name}", args=[NOBODY]) + query for key, name in names.items()}
        if asked and asked.view == Gallery.SEEN and asked.collection:  # there it is walked by hand
            self.patterns["url"] = reverse("images.detail", args=[NOBODY]) + f"?collection={asked.collection}"
        self.patterns["download_url"] = reverse("media.original", args=[NOBODY]) + "?download=1"

    def of(self, pk: UUID) -> dict[str, str]:
        own = str(pk)
        return {key: pattern.replace(NOBODY, own) for key, pattern in self.patterns.items()}


@functools.cache
def _plain_urls() -> _Urls:
    return _Urls()


def framed(image: Image, person: User) -> dict[str, Any]:
    """Return what the frame of an image shows in the sheet of its run."""
    liked = image.is_favourite  # type: ignore[attr-defined]
    return preview(image, person) | _plain_urls().of(image.pk) | {"id": str(image.pk), "liked": liked}


def day_name(day: date, today: date) -> str:
    """Write a day as a small heading."""
    if day >= today - timedelta(days=1):
        return "Yesterday" if day < today else "Today"
    return f"{day:%A}, {day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B %Y}"


def moment(at: datetime) -> str:
    """Write a time in the studio's zone; the page puts it into the reader's."""
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y, %H:%M}"


@functools.cache
def _original() -> str:
    return reverse("media.original", args=[NOBODY]) + "?v="


def original_url(image: Image) -> str:
    """Return an address that browsers may keep: other bytes in the same place have another."""
    return _original().replace(NOBODY, str(image.pk)) + image.edition


@functools.cache
def _detail() -> str:
    return reverse("images.detail", args=[NOBODY])


def image_url(pk: UUID) -> str:
    """Return the address of an image's page, made by formatting."""
    return _detail().replace(NOBODY, str(pk))
