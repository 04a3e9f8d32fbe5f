"""Developing: what becomes of a picture that cannot be decoded, and of one whose decoder dies (SAFETY §6, row 47)."""

import threading
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from PIL import Image as Picture

from studio.errors import StudioError
from studio.media.darkroom import DecoderDied, Developed
from studio.models import AuditEntry, Generation, Image, Slot, SlotState, State
from studio.services.drawing import thumbnails
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db
LONG_AGO = "2026-01-01T00:00Z"


def png(size: tuple[int, int] = (640, 480)) -> bytes:
    file = BytesIO()
    Picture.new("RGB", size, "#336699").save(file, "PNG")
    return file.getvalue()


class Deadly:
    """A darkroom whose child dies over every picture; it remembers which of them were alone."""

    def __init__(self) -> None:
        self.alone: list[bool] = []

    def develop(self, path: Path, *, alone: bool, **options: object) -> Developed:
        self.alone.append(alone)
        raise DecoderDied("SIGKILL")


@pytest.fixture
def deadly(monkeypatch) -> Deadly:
    darkroom = Deadly()
    monkeypatch.setattr(thumbnails, "_darkroom", lambda: darkroom)
    return darkroom


@pytest.fixture
def developed_at_once(monkeypatch) -> None:
    """Develop in this thread what the background would."""
    monkeypatch.setattr(thumbnails, "develop_soon", thumbnails.develop_quietly)


def undeveloped(person, model, **fields) -> Image:
    options = {"content": png(), "width": 640, "height": 480, "developed": False, "tone": ""}
    return make_image(person, model, **(options | {"saved_at": LONG_AGO} | fields))


def die(image: Image, times: int) -> None:
    """Let the darkroom try the picture so often, each time when its pause is over."""
    for _ in range(times):
        Image.objects.filter(pk=image.pk, develop_at__isnull=False).update(develop_at=Now())
        thumbnails.develop_forgotten()


def test_develop_stores_one_thumbnail_and_the_tone(bob, model):
    image = undeveloped(bob, model)

    thumbnails.develop(pk=image.pk)

    image.refresh_from_db()
    assert (image.tone, image.sides) == ("#336699", [512])
    assert image.developed_at is not None
    with default_storage.open(image.thumbnail_key(512)) as file:
        assert Picture.open(file).size == (512, 384)


def test_develop_what_cannot_be_decoded_is_set_aside(bob, model):
    image = undeveloped(bob, model, content=png()[:200])

    thumbnails.develop(pk=image.pk)

    image.refresh_from_db()
    assert image.unusable
    assert image.generation.slots.get().state == SlotState.UNUSABLE
    assert not Image.objects.visible_to(bob).exists()


def test_develop_a_developed_image_is_left_alone(bob, model):
    image = make_image(bob, model, content=None)

    thumbnails.develop(pk=image.pk)

    image.refresh_from_db()
    assert image.tone == "#8899aa"


def test_develop_forgotten_pictures_that_cannot_be_developed_do_not_keep_others_waiting(
    bob, model, developed_at_once
):
    for _ in range(2):
        undeveloped(bob, model, content=None)
    good = undeveloped(bob, model)

    for _ in range(2):
        thumbnails.develop_forgotten(limit=2)

    assert Image.objects.undeveloped().count() == 2
    assert Image.objects.get(pk=good.pk).developed_at is not None


def test_develop_forgotten_picture_whose_file_was_missing_is_tried_again_after_an_hour(
    bob, model, developed_at_once
):
    image = undeveloped(bob, model, content=None)
    thumbnails.develop_forgotten()
    default_storage.save(image.key, ContentFile(png()))

    thumbnails.develop_forgotten()
    assert Image.objects.undeveloped().exists()

    Image.objects.update(develop_at=Now() - timedelta(seconds=1))
    thumbnails.develop_forgotten()
    assert not Image.objects.undeveloped().exists()


def test_fault_47_a_decoder_that_was_killed_is_tried_again_alone_after_a_pause(
    bob, model, deadly, developed_at_once
):
    image = undeveloped(bob, model)
    thumbnails.develop_forgotten()
    thumbnails.develop_forgotten()

    assert deadly.alone == [False]
    die(image, 1)

    image.refresh_from_db()
    assert deadly.alone == [False, True]
    assert (image.unusable, image.deaths) == (False, 1)
    assert Image.objects.visible_to(bob).get() == image
    assert image.generation.slots.get().state == SlotState.SAVED


def test_fault_47_the_third_death_alone_sets_the_picture_aside_and_keeps_the_original(
    bob, model, deadly, developed_at_once
):
    image = undeveloped(bob, model)

    die(image, 4)

    image.refresh_from_db()
    assert (image.unusable, deadly.alone) == (True, [False, True, True, True])
    assert image.generation.slots.get().state == SlotState.UNDEVELOPED
    assert default_storage.exists(image.key)
    die(image, 1)
    assert len(deadly.alone) == 4


def test_fault_47_a_picture_that_was_killed_and_then_goes_well_is_as_any_other(
    bob, model, deadly, developed_at_once, monkeypatch
):
    image = undeveloped(bob, model)
    die(image, 3)
    monkeypatch.undo()
    monkeypatch.setattr(thumbnails, "develop_soon", thumbnails.develop_quietly)

    die(image, 1)

    image.refresh_from_db()
    assert (image.deaths, image.develop_at, image.sides, image.unusable) == (0, None, [512], False)


def test_fault_47_develop_again_shows_the_picture_once_that_went_well(bob, alice, model, developed_at_once):
    image = undeveloped(bob, model, unusable=True)
    Slot.objects.update(state=SlotState.UNDEVELOPED)
    version = Generation.objects.get().version

    thumbnails.develop_again(image=image, person=alice)
    assert not Image.objects.visible_to(bob).exists()
    thumbnails.develop_forgotten()

    assert Image.objects.visible_to(bob).get().sides == [512]
    assert image.generation.slots.get().state == SlotState.SAVED
    assert Generation.objects.get().version > version
    assert AuditEntry.objects.get(action="image.redeveloped").actor == alice


def test_fault_47_develop_again_that_fails_leaves_it_set_aside(bob, alice, model, developed_at_once):
    image = undeveloped(bob, model, content=png()[:200], unusable=True)
    Slot.objects.update(state=SlotState.UNDEVELOPED)

    thumbnails.develop_again(image=image, person=alice)
    thumbnails.develop_forgotten()

    image.refresh_from_db()
    assert (image.unusable, image.develop_at) == (True, None)
    assert image.generation.slots.get().state == SlotState.UNDEVELOPED


def test_develop_again_leaves_the_place_to_a_retry_that_came_between(bob, alice, model, developed_at_once):
    image = undeveloped(bob, model, unusable=True)
    Slot.objects.update(state=SlotState.UNDEVELOPED)
    thumbnails.develop_again(image=image, person=alice)
    Slot.objects.update(state=SlotState.WAITING)
    Generation.objects.update(state=State.SENT)

    thumbnails.develop_forgotten()

    image.refresh_from_db()
    assert (image.unusable, image.develop_at) == (True, None)
    assert image.generation.slots.get().state == SlotState.WAITING


def test_develop_again_what_is_not_set_aside_is_refused(bob, alice, model):
    with pytest.raises(StudioError, match="not set aside"):
        thumbnails.develop_again(image=make_image(bob, model), person=alice)


def test_develop_again_while_its_generation_runs_is_refused(bob, alice, model):
    row = make_generation(bob, model, state=State.SENT)

    with pytest.raises(StudioError, match="still running"):
        thumbnails.develop_again(image=make_image(bob, model, generation=row, unusable=True), person=alice)


def test_develop_a_picture_that_was_replaced_meanwhile_changes_nothing(bob, model, monkeypatch):
    image = undeveloped(bob, model)
    real = thumbnails.local_copy

    def replaced(row: Image, folder: Path) -> Path:
        Image.objects.filter(pk=row.pk).update(sha256="f" * 64)
        return real(row, folder)

    monkeypatch.setattr(thumbnails, "local_copy", replaced)
    thumbnails.develop(pk=image.pk)

    assert Image.objects.get(pk=image.pk).developed_at is None


def test_print_number_of_a_picture_developed_again_is_another(bob, model):
    image = undeveloped(bob, model)
    thumbnails.develop(pk=image.pk)
    first = Image.objects.get(pk=image.pk).print_number

    Image.objects.update(developed_at=None)
    thumbnails.develop(pk=image.pk)

    assert Image.objects.get(pk=image.pk).print_number != first


# The large thumbnail, made when somebody asks for it


def test_side_for_a_large_one_makes_it_once(bob, model):
    image = undeveloped(bob, model, content=png((1200, 900)), width=1200, height=900)
    thumbnails.develop(pk=image.pk)
    image.refresh_from_db()

    assert thumbnails.side_for(image, 960) == 960

    image.refresh_from_db()
    assert image.sides == [512, 960]
    with default_storage.open(image.thumbnail_key(960)) as file:
        assert Picture.open(file).size == (960, 720)


def test_side_for_a_small_picture_needs_no_larger_one(bob, model):
    image = make_image(bob, model, width=512, height=300)

    assert thumbnails.side_for(image, 960) == 512


def test_side_for_an_old_picture_sends_what_it_has(bob, model):
    image = make_image(bob, model, sides=[320, 960])

    assert [thumbnails.side_for(image, side) for side in (512, 960)] == [960, 960]


def test_side_for_too_many_at_the_door_sends_the_small_one(bob, model, monkeypatch):
    monkeypatch.setattr(thumbnails, "_door", threading.BoundedSemaphore(1))
    image = make_image(bob, model, content=png((1200, 900)), width=1200, height=900)

    with thumbnails._door:
        assert thumbnails.side_for(image, 960) == 512


def test_side_for_a_picture_whose_file_is_missing_sends_the_small_one(bob, model):
    image = make_image(bob, model, content=None, width=1200, height=900)

    assert thumbnails.side_for(image, 960) == 512


def test_local_copy_is_the_stored_file_itself(bob, model, tmp_path):
    key = default_storage.save("originals/a/b/0.png", ContentFile(b"x"))
    image = make_image(bob, model, content=None)
    Image.objects.update(key=key)
    image.refresh_from_db()

    assert thumbnails.local_copy(image, tmp_path).read_bytes() == b"x"


def test_keep_a_picture_again_forgets_the_old_thumbnails_and_deaths(bob, model):
    old = make_image(bob, model, unusable=True, deaths=2, sides=[512, 960])
    new = Image(
        generation=old.generation, owner=bob, index=0, key=old.key, media_type="image/png", width=1, height=1,
        byte_size=1, sha256="e" * 64, shared=True,
    )  # fmt: skip

    Image.objects.keep(new)

    old.refresh_from_db()
    assert (old.unusable, old.deaths, old.sides, old.edition) == (False, 0, [], "e" * 12)
