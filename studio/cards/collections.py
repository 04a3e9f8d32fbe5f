"""Finished values for collections: the cards of the list, and the pictures of one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse

from studio.cards.images import alt_of, preview, tiles
from studio.models import Collection, Gallery, Image, User
from studio.models.collections import covers_of
from studio.search.asked import Asked


def cards_of(rows: Sequence[Collection], person: User) -> list[dict[str, Any]]:
    """Return a card for each row of `with_card_data`; one query, for the pictures that stand for them."""
    covers = covers_of(rows, person)
    return [_card(row, person, covers) for row in rows]


def _card(row: Any, person: User, covers: dict[UUID, Image]) -> dict[str, Any]:
    image = covers.get(row.cover_shown)
    return {
        "pk": row.pk,
        "url": reverse("collections.detail", args=[row.pk]),
        "name": row.name,
        "facts": _count_and_sight(row, person),
        "owner": "" if row.owner_id == person.pk else str(row.owner),
        "private": not row.is_for_team,
        "picture": preview(image, person) | {"alt": alt_of(image)} if image else None,
    }


def facts_of(row: Any, person: User) -> str:
    """Say how many pictures of it the person sees, whose it is, and what others may do."""
    words = _count_and_sight(row, person)
    return words if row.owner_id == person.pk else f"{words} · {row.owner}"


def _count_and_sight(row: Any, person: User) -> str:
    count = f"{row.size:,} picture{'' if row.size == 1 else 's'}"
    is_told = row.is_for_team or row.owner_id != person.pk
    return f"{count} · {row.get_audience_display() if is_told else 'Only you see it'}"


def asked_of(collection: Collection) -> Asked:
    """Return the search that finds what somebody sees of a collection."""
    return Asked(view=Gallery.SEEN, collection=collection.pk)


def pictures_of(rows: Sequence[Image], person: User, collection: Collection) -> list[dict[str, Any]]:
    """Return the tiles of a page of the collection, each with the neighbours it can change places with."""
    found = [tile | {"day": ""} for tile in tiles(rows, person, asked_of(collection))]
    keys = ["", *(str(row.pk) for row in rows)]
    for at, tile in enumerate(found):
        tile["earlier"] = keys[at - 1] if at else None
        tile["later"] = keys[at + 2] if at + 2 < len(keys) else None
    return found
