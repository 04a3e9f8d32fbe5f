"""What people do with pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched
from uuid import UUID

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Collection, Favourite, Generation, Image, User
from studio.search.parse import indexed
from studio.services import audit
from studio.services.screening import gate
from studio.words import NO_REASON, Reason

AT_ONCE = 1_000
"""Keys in one statement."""

ALT_LENGTH = 500
"""Characters of what a picture shows: screen readers read it in one breath."""

NAMED = 5
"""Collections that are called by their names."""


def favourite(*, image: Image, person: User, liked: bool) -> None:
    """Like an image, or no longer."""
    with write_transaction():
        if liked:
            Favourite.objects.get_or_create(image=image, person=person)
        else:
            Favourite.objects.filter(image=image, person=person).delete()


def favourite_all(*, images: Iterable[UUID], person: User, liked: bool) -> list[UUID]:
    """Like many images, or no longer; return those of which that was not so before."""
    with write_transaction():
        pks = list(images)
        mine = Favourite.objects.filter(image__in=pks, person=person)
        before = list(mine.values_list("image_id", flat=True))
        if not liked:
            mine.delete()
            return before
        found = Image.objects.visible_to(person).kept().filter(pk__in=pks).exclude(pk__in=before)
        added = sorted(
            found.values_list("pk", flat=True)
        )  # in one order: each heart is counted in the picture's row
        rows = [Favourite(image_id=pk, person=person) for pk in added]
        Favourite.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        return added


def describe(*, image: Image, person: User, text: str) -> None:
    """Say in words what one's picture shows, for whoever cannot see it; empty lets the prompt say it."""
    only_ones_own(image=image, person=person)
    text = " ".join(text.split())
    if len(text) > ALT_LENGTH:
        raise StudioError(Reason("alt_too_long", most=ALT_LENGTH, count=len(text)), param="alt")
    gate.check_names(text, param="alt")
    with write_transaction():
        prompt = image.generation.prompt.text
        Image.objects.filter(pk=image.pk).update(
            alt_text=text, words=indexed(prompt, image.revised_prompt, text)
        )


@dataclass(frozen=True)
class Uses:
    """What would be missed if pictures went: who likes them, and the team’s collections that hold them."""

    count: int
    people: int
    names: list[str]

    @property
    def why(self) -> Reason:
        """The question to ask first; none where nobody would miss anything."""
        if not self.people and not self.names:
            return NO_REASON
        return Reason("still_used", count=self.count, people=self.people, names=self.names)


class StillUsed(Conflict):
    """Somebody would miss the pictures; whoever is sure asks again."""


def uses(*, person: User, images: Iterable[UUID]) -> Uses:
    """Say where pictures of this person's are used; private collections of others are nobody's business."""
    people: set[UUID] = set()
    names: dict[UUID, str] = {}
    keys = list(images)
    for some in batched(keys, AT_ONCE):
        rows = Image.objects.owned_by(person).kept().filter(pk__in=some)
        people.update(Favourite.objects.filter(image__in=rows).values_list("person", flat=True))
        holding = Collection.objects.for_team().filter(places__image__in=rows)
        names.update(holding.distinct().values_list("pk", "name"))
    return Uses(len(keys), len(people), sorted(names.values())[:NAMED])


def trash(*, person: User, images: Iterable[UUID], trashed: bool = True, sure: bool = False) -> list[UUID]:
    """Put one's images into the trash, or take them out again, whole; return those that moved.

    Raises StillUsed for what somebody likes or the team collected, until the person is `sure`.
    """
    keys = list(images)
    if trashed and not sure and (why := uses(person=person, images=keys).why):
        raise StillUsed(why)
    with write_transaction():
        moved = [pk for some in batched(keys, AT_ONCE) for pk in _move(person, some, trashed)]
        _record(person, moved, trashed)
    return moved


def only_ones_own(*, image: Image, person: User) -> None:
    """Refuse what only the person may do who made the image."""
    if image.owner_id != person.pk:
        raise StudioError(Reason("not_your_picture"), code="not_yours")


def _move(person: User, keys: Iterable[UUID], trashed: bool) -> list[UUID]:
    rows = Image.objects.owned_by(person).filter(pk__in=keys, trashed_at__isnull=trashed)
    found = list(rows.order_by("pk").values_list("pk", "generation_id"))
    moved = [pk for pk, _ in found]
    Image.objects.filter(pk__in=moved).update(trashed_at=Now() if trashed else None)
    Generation.objects.filter(pk__in={run for _, run in found}).touch()
    return moved


def _record(person: User, moved: list[UUID], trashed: bool) -> None:
    action = "image.trashed" if trashed else "image.restored"
    if len(moved) == 1:
        audit.record(actor=person, action=action, subject=moved[0])
    elif moved:
        audit.record(actor=person, action=action, subject="", n=len(moved))
