"""Making collections, and what people do with the pictures in them."""

from collections.abc import Iterable
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Forbidden, StudioError
from studio.models import Audience, Collection, Generation, Image, NoticeKind, Placed, User
from studio.models.collections import GAP, NAME_LENGTH
from studio.prepared import prepared
from studio.services import audit, notices
from studio.services.screening import gate
from studio.words import Reason

AT_ONCE = 1_000
"""Keys in one statement."""

OFFERED = 50
"""Collections to choose from."""


def create(*, person: User, name: str, description: str = "", audience: str = Audience.PRIVATE) -> Collection:
    """Make an empty collection."""
    gate.check_names(name, description, param="name")
    with write_transaction():
        row = Collection.objects.create(
            owner=person, name=_named(name), description=description, audience=audience
        )
        audit.record(actor=person, action="collection.created", subject=row.pk, audience=audience)
    return row


def edit(*, collection: Collection, person: User, **facts: Any) -> None:
    """Change name, description or who sees it."""
    _only_ones_own(collection, person)
    gate.check_names(facts.get("name", ""), facts.get("description", ""), param="name")
    if "name" in facts:
        facts["name"] = _named(facts["name"])
    with write_transaction():
        Collection.objects.filter(pk=collection.pk).update(**facts, changed_at=Now())
        audience = facts.get("audience", collection.audience)
        audit.record(
            actor=person,
            action="collection.edited",
            subject=collection.pk,
            before=collection.audience,
            after=audience,
        )


def delete(*, collection: Collection, person: User) -> None:
    """Remove a collection; its pictures stay where they are."""
    _only_ones_own(collection, person)
    with write_transaction():
        collection.delete()
        audit.record(actor=person, action="collection.deleted", subject=collection.pk)


def add(*, person: User, collection: Collection, images: Iterable[UUID]) -> list[UUID]:
    """Put pictures on top, the newest first, those this person may look at; return those that are new in there."""
    if not collection.can_be_added_to_by(person):
        raise Forbidden(Reason("cannot_add_here"))
    keys = _seen(person, images)
    with write_transaction():
        return _put(collection.pk, keys, person)


def remove(*, person: User, collection: Collection, images: Iterable[UUID]) -> list[UUID]:
    """Take pictures out: the owner all of them, others what they added or made; return which."""
    rows = Placed.objects.of(collection).removable_by(person, collection)
    with write_transaction():
        gone: list[UUID] = []
        for keys in batched(images, AT_ONCE):
            found = rows.filter(image__in=keys)
            gone += found.values_list("image", flat=True)
            found.delete()
        if gone:
            _touch(collection.pk)
    return gone


def move(*, person: User, collection: Collection, image: UUID, below: UUID | None) -> None:
    """Put one picture below another one, or on top of all."""
    _only_ones_own(collection, person)
    with write_transaction():
        _locked(collection.pk)
        rows = Placed.objects.of(collection)
        position = rows.position_below(below, moving=image)
        if position is None:
            _spread(collection)
            position = rows.position_below(below, moving=image)
        if rows.filter(image=image).update(position=position):
            _touch(collection.pk)


def choose_cover(*, person: User, collection: Collection, image: UUID | None) -> None:
    """Let one of its pictures stand for it; without one it is the first."""
    _only_ones_own(collection, person)
    if image and not Placed.objects.of(collection).filter(image=image).exists():
        raise StudioError(Reason("not_in_collection"))
    with write_transaction():
        Collection.objects.filter(pk=collection.pk).update(cover=image)


def offered(*, person: User) -> list[Collection]:
    """Return where this person may put pictures, what was used last first."""
    return _offered(person)


@prepared
def _offered(person: User) -> QuerySet[Collection]:
    return Collection.objects.addable_by(person).last_used_first()[:OFFERED]


# What others do, in their transaction


def receive(*, generation: Generation, index: int) -> None:
    """Put a picture that is kept now where its person wanted it when they asked."""
    if generation.collection_id is None:
        return
    into = Collection.objects.addable_by(generation.owner).filter(pk=generation.collection_id).first()
    if into:
        kept = generation.images.filter(index=index).values_list("pk", flat=True)
        _put(into.pk, list(kept), generation.owner)


def hand_over(*, person: User, heir: User) -> int:
    """Give what the team sees of somebody who goes to somebody who stays; return how many collections."""
    count = Collection.objects.owned_by(person).for_team().update(owner=heir)
    if count:
        notices.tell(person=heir, kind=NoticeKind.COLLECTION_GIVEN, by=person, count=count)
    return count


def _seen(person: User, images: Iterable[UUID]) -> list[UUID]:
    rows = Image.objects.visible_to(person).kept()
    return [
        pk
        for keys in batched(images, AT_ONCE)
        for pk in rows.filter(pk__in=keys).values_list("pk", flat=True)
    ]


def _put(collection: UUID, keys: list[UUID], person: User) -> list[UUID]:
    """Add rows; whoever adds at the same moment waits, so that every position is given once."""
    _locked(collection)
    rows = Placed.objects.filter(collection=collection)
    there = {
        pk
        for some in batched(keys, AT_ONCE)
        for pk in rows.filter(image__in=some).values_list("image", flat=True)
    }
    new = sorted(set(keys) - there)
    first = rows.highest() + GAP
    facts = {"collection_id": collection, "added_by": person}
    places = [Placed(image_id=pk, position=first + at * GAP, **facts) for at, pk in enumerate(new)]
    Placed.objects.bulk_create(places, batch_size=AT_ONCE)
    _touch(collection)
    return new


def _spread(collection: Collection) -> None:
    """Number all of them anew, with room between them; needed after some twenty moves into one place."""
    rows = list(Placed.objects.of(collection).by_hand().reverse())
    for at, row in enumerate(rows, start=1):
        row.position = at * GAP
    Placed.objects.bulk_update(rows, ["position"], batch_size=AT_ONCE)


def _locked(pk: UUID) -> None:
    """Let others wait who add, but not those who only name it: they may hold what this transaction needs next."""
    Collection.objects.select_for_update(no_key=True).get(pk=pk)


def _touch(pk: UUID) -> None:
    Collection.objects.filter(pk=pk).update(changed_at=Now())


def _named(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise StudioError(Reason("collection_wants_a_name"), param="name")
    if len(tidy) > NAME_LENGTH:
        raise StudioError(Reason("collection_name_too_long", most=NAME_LENGTH), param="name")
    return tidy


def _only_ones_own(collection: Collection, person: User) -> None:
    if collection.owner_id != person.pk:
        raise Forbidden(Reason("not_your_collection"))
