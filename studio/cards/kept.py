"""What is kept with a picture, for the panel of the viewer: stars, collections, tags, its words, comments."""

import re
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery

from studio.cards.images import alt_of, moment, words
from studio.models import Collection, Comment, Image, Rating, User
from studio.models.collections import Placed
from studio.models.comments import STARS

OFFERED = 30
"""Collections that are offered to put a picture into."""

SHOWN = 3
"""Comments that stand beside the picture; its own page shows more."""


def kept_of(image: Image, person: User, *, comments: int = SHOWN) -> dict[str, Any]:
    """Return the panel of an image that this person may look at; six queries."""
    collections = _collections(image, person)
    return {
        "pk": image.pk,
        "mine": image.owner_id == person.pk,
        "trashed": image.in_trash,
        "stars": _stars(image, person),
        "collections": collections,
        "offered": _offered(person, collections),
        "tags": _tags(image, person),
        "alt": alt_of(image),
        "proposed": words(image.generation.prompt.text),
        **_comments(image, person, comments),
    }


def _stars(image: Image, person: User) -> dict[str, Any]:
    given = Rating.objects.filter(image=image)
    sums = given.aggregate(mine=Max("stars", filter=Q(person=person)), count=Count("pk"))
    mine, count = sums["mine"] or 0, sums["count"]
    others = count and not (count == 1 and mine)
    mean = f"{(image.rating or 0) / 100:.1f}".removesuffix(".0")
    return {
        "steps": [(n, n <= mine, 0 if n == mine else n) for n in range(STARS[0], STARS[1] + 1)],
        "mine": mine,
        "said": f"{mean} by {count}" if others else "",
    }


def _collections(image: Image, person: User) -> list[dict[str, Any]]:
    """Return the collections that hold it, of those this person sees."""
    rows = Collection.objects.visible_to(person).filter(places__image=image).select_related("owner")
    place = Placed.objects.filter(collection=OuterRef("pk"), image=image)
    rows = rows.annotate(adder=Subquery(place.values("added_by")[:1]))
    return [_collection(row, image, person) for row in rows.last_used_first()]


def _collection(row: Any, image: Image, person: User) -> dict[str, Any]:
    own = person.pk in {row.owner_id, row.adder, image.owner_id}
    return {"pk": row.pk, "name": row.name, "private": not row.is_for_team, "removable": own}


def _offered(person: User, holding: list[dict[str, Any]]) -> list[Collection]:
    rows = Collection.objects.addable_by(person).exclude(pk__in=[each["pk"] for each in holding])
    return list(rows.last_used_first()[:OFFERED])


def _tags(image: Image, person: User) -> list[dict[str, Any]]:
    rows = image.tagged.select_related("tag").order_by("tag__name")
    anybody = image.owner_id == person.pk or person.is_moderator
    return [{"name": row.tag.name, "removable": anybody or row.person_id == person.pk} for row in rows]


def _comments(image: Image, person: User, most: int) -> dict[str, Any]:
    rows = Comment.objects.filter(image=image).newest_first().select_related("person")
    found = list(rows.prefetch_related("mentioned")[: most + 1])
    may = person.is_moderator or image.owner_id == person.pk
    shown = [_comment(row, may or row.person_id == person.pk) for row in reversed(found[:most])]
    return {"comments": shown, "more": len(found) > most}


def _comment(row: Comment, removable: bool) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "person": row.person,
        "parts": list(parts_of(row.text, [each.name for each in row.mentioned.all()])),
        "at": row.created_at.isoformat(),
        "when": moment(row.created_at),
        "removable": removable,
    }


def parts_of(text: str, names: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield a comment in parts, and of each whether it calls somebody: their whole name, or its first word."""
    called = sorted({name for each in names for name in (each, each.split(" ")[0])}, key=len, reverse=True)
    if not called:
        yield text, False
        return
    marks = re.compile(rf"(?<![\w@])@(?:{'|'.join(map(re.escape, called))})(?!\w)", re.IGNORECASE)
    end = 0
    for found in marks.finditer(text):
        yield text[end : found.start()], False
        yield found[0], True
        end = found.end()
    yield text[end:], False
