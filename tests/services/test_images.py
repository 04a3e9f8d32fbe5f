from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from studio.errors import StudioError
from studio.media.inspect import Facts
from studio.models import AuditEntry, Favourite, Image, SlotState, State
from studio.relays.base import Picture as Answered
from studio.services import images
from tests.factories import make_generation, make_image
from tests.media import naughty

pytestmark = pytest.mark.django_db
LONG_AGO = "2026-01-01T00:00Z"


def test_commit_of_a_slot_that_was_set_aside_shows_the_new_picture(bob, model):
    old = make_image(bob, model, unusable=True)
    facts = Facts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    images._commit(old.generation, 0, old.key, facts, Answered(index=0, revised_prompt="a"))

    row = Image.objects.get()
    assert (row.width, row.height, row.byte_size, row.unusable, row.developed_at) == (5, 4, 3, False, None)
    assert old.generation.slots.get().state == SlotState.SAVED


def test_commit_of_a_slot_that_was_set_aside_was_saved_now(bob, model):
    old = make_image(bob, model, unusable=True, saved_at=timezone.now() - timedelta(days=1))
    facts = Facts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    images._commit(old.generation, 0, old.key, facts, Answered(index=0, url="https://a.example/x"))

    row = Image.objects.get()
    assert timezone.now() - row.saved_at < timedelta(minutes=1)
    assert row.link_dies_at - row.saved_at > timedelta(minutes=59)


def test_favourite_twice_is_one_and_can_be_taken_back(bob, model):
    image = make_image(bob, model)

    images.favourite(image=image, person=bob, liked=True)
    images.favourite(image=image, person=bob, liked=True)
    assert Favourite.objects.count() == 1

    images.favourite(image=image, person=bob, liked=False)
    assert Favourite.objects.count() == 0


def test_trash_and_restore(bob, model):
    image = make_image(bob, model)

    images.trash(image=image, person=bob, trashed=True)
    assert (Image.objects.kept().count(), Image.objects.in_trash().count()) == (0, 1)

    images.trash(image=image, person=bob, trashed=False)
    assert (Image.objects.kept().count(), Image.objects.in_trash().count()) == (1, 0)


def test_trash_of_another_persons_image_is_refused(bob, charlie, model):
    image = make_image(bob, model)

    with pytest.raises(StudioError) as refused:
        images.trash(image=image, person=charlie, trashed=True)

    assert refused.value.code == "not_yours"
    assert not AuditEntry.objects.filter(subject=str(image.pk)).exists()


def test_keep_skips_what_is_saved(bob, model, tmp_path):
    row = make_generation(bob, model, state=State.RECEIVED)
    row.slots.update(state=SlotState.SAVED)

    states = images.keep(
        generation=row, relay=None, spool=tmp_path / "s", pictures={0: Answered(index=0, url="x")}
    )

    assert states == [SlotState.SAVED]


class Strange:
    """A relay that fails in a way nobody has thought of, at its first picture."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def collect(self, picture: Answered, *, spool: Path, into: Path, is_whole: object) -> None:
        if picture.index == 0:
            raise self.error
        into.write_bytes(naughty.png())


def test_keep_picture_that_fails_in_a_strange_way_is_unusable_and_the_next_is_kept(bob, model, tmp_path):
    row = make_generation(bob, model, n=2, state=State.RECEIVED)
    pictures = {index: Answered(index=index, url="x") for index in range(2)}

    states = images.keep(
        generation=row, relay=Strange(ZeroDivisionError()), spool=tmp_path / "s", pictures=pictures
    )

    assert states == [SlotState.UNUSABLE, SlotState.SAVED]


def test_keep_disk_that_fails_says_nothing_of_the_picture(bob, model, tmp_path):
    row = make_generation(bob, model, state=State.RECEIVED)

    with pytest.raises(OSError, match="No space"):
        images.keep(
            generation=row,
            relay=Strange(OSError("No space")),
            spool=tmp_path / "s",
            pictures={0: Answered(index=0, url="x")},
        )

    assert row.slots.get().state == SlotState.WAITING
