"""Putting words on pictures, and taking them off."""

from collections.abc import Iterable
from itertools import batched
from uuid import UUID

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Image, Tag, Tagged, User
from studio.models.tags import LENGTH, tidy
from studio.services import audit
from studio.services.screening import gate
from studio.words import Reason

AT_ONCE = 1_000
AT_MOST = 20
"""Tags that are put on at once."""


def add(*, person: User, images: Iterable[UUID], names: Iterable[str]) -> int:
    """Put tags on the pictures this person may look at; return how many pictures those are."""
    wanted = _checked(names)
    found = 0
    with write_transaction():
        tags = Tag.objects.ensured(wanted)
        for keys in batched(images, AT_ONCE):
            seen = Image.objects.visible_to(person).kept().filter(pk__in=keys).values_list("pk", flat=True)
            rows = [Tagged(image_id=pk, tag=tag, person=person) for pk in seen for tag in tags]
            Tagged.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
            found += len(rows) // len(tags)
    return found


def remove(*, person: User, image: Image, tag: Tag) -> None:
    """Take a tag off: its owner of a picture, whoever put it there, or a moderator, who leaves a trace."""
    rows = Tagged.objects.filter(image=image, tag=tag)
    with write_transaction():
        row = rows.first()
        if row is None:
            return
        if person.pk not in {image.owner_id, row.person_id} and not person.is_moderator:
            raise StudioError(Reason("not_your_tag"), code="not_yours")
        row.delete()
        if person.pk not in {image.owner_id, row.person_id}:
            audit.record(actor=person, action="tag.removed", subject=image.pk, tag=tag.name)


def _checked(names: Iterable[str]) -> list[str]:
    wanted = sorted({tidy(name) for name in names} - {""})
    if not wanted:
        raise StudioError(Reason("tag_wants_words"), param="names")
    if len(wanted) > AT_MOST:
        raise StudioError(Reason("too_many_tags", most=AT_MOST), param="names")
    if long := next((name for name in wanted if len(name) > LENGTH), ""):
        raise StudioError(Reason("tag_too_long", most=LENGTH, name=long), param="names")
    gate.check_names(*wanted, param="names")
    return wanted
