"""What people do with pictures."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Favourite, Generation, Image, User
from studio.services import audit


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
        added = list(found.values_list("pk", flat=True))
        rows = [Favourite(image_id=pk, person=person) for pk in added]
        Favourite.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
        return added


def trash(*, image: Image, person: User, trashed: bool) -> None:
    """Put one's image into the trash, or take it out again."""
    _own(image, person)
    with write_transaction():
        Image.objects.filter(pk=image.pk).update(trashed_at=Now() if trashed else None)
        Generation.objects.filter(pk=image.generation_id).touch()
        audit.record(actor=person, action="image.trashed" if trashed else "image.restored", subject=image.pk)


def _own(image: Image, person: User) -> None:
    if image.owner_id != person.pk:
        raise StudioError("Only the person who made this image can do that.", code="not_yours")
