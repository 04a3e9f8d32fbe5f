"""verify_media: what lies in the storage against what the rows say, on a folder and on an S3 server."""

import io
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from config.backends import storages
from studio.models import AuditEntry, Export, ExportState, Generation, Image, State, User
from studio.models.ids import storage_token
from studio.services import retention, storage_check
from studio.services.drawing import thumbnails
from tests.factories import make_generation, make_image
from tests.media.naughty import png

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["folder", "s3"])
def storage(request, settings) -> str:
    """A folder, or the bucket of a real S3 server that is emptied afterwards."""
    if request.param == "folder":
        yield request.param
        return
    server = request.getfixturevalue("s3_server")
    settings.STORAGES = settings.STORAGES | {"default": storages(server.url)}
    yield request.param
    for folder in (*storage_check.FOLDERS, storage_check.ASIDE):
        for file in list(default_storage.walk(folder)):
            default_storage.delete(file.key)


@pytest.fixture
def grow_old(monkeypatch) -> Callable[[], None]:
    """Let everything that lies in the storage be of yesterday; nobody can turn back the clock of a bucket."""
    return lambda: monkeypatch.setattr(storage_check, "YOUNG", -timedelta(hours=1))


@pytest.fixture
def picture(bob, model, storage) -> Image:
    """A whole picture with its thumbnail."""
    return drawn(bob, model)


def drawn(person, model, **fields: Any) -> Image:
    image = make_image(person, model, content=png(640, 480), width=640, height=480, developed=False, **fields)
    thumbnails.develop(pk=image.pk)
    image.refresh_from_db()
    return image


def lay(key: str) -> str:
    default_storage.save(key, ContentFile(b"bytes"))
    return key


def orphan_of(generation: Generation) -> str:
    return lay(f"originals/{storage_token()}/{generation.pk}/0.png")


def run(*words: str) -> tuple[str, bool]:
    """Run the command; return what it printed, and whether it ended well."""
    out = io.StringIO()
    try:
        call_command("verify_media", *words, stdout=out)
    except CommandError as error:
        return out.getvalue() + str(error), False
    return out.getvalue(), True


# What fits


def test_check_of_whole_pictures_finds_nothing(picture, bob, model, grow_old):
    drawn(bob, model, trashed_at=None)
    grow_old()

    found = storage_check.check(contents=True)

    assert (found.files, found.known, found.images, found.is_whole) == (4, 4, 2, True)
    assert run() == (
        "4 files, 2 pictures.\nFiles that no row knows: 0\nOriginals that are missing: 0\n"
        "Originals that are not as they came: 0\nPictures that lack a thumbnail: 0\n"
        "Copies of everything that are missing: 0\nEverything fits together.\n",
        True,
    )


def test_check_walks_in_steps_over_all_rows_and_files(picture, bob, model, monkeypatch):
    monkeypatch.setattr(storage_check, "BATCH", 2)
    lost = [make_image(bob, model, content=None) for _ in range(4)]

    found = storage_check.check()

    assert (found.images, found.missing) == (5, [image.pk for image in lost])


# Files without a row


def test_row_42_orphans_older_than_a_day_are_found_and_set_aside(picture, grow_old):
    strays = [
        orphan_of(picture.generation),
        lay(f"originals/{storage_token()}/{storage_token()}/0.png"),
        lay("health/0123456789abcdef"),
        lay(f"exports/{storage_token()}/gone.zip"),
    ]
    grow_old()

    found = storage_check.check()
    printed, well = run("--repair")

    assert sorted(found.orphans) == sorted(strays)
    assert ("Files set aside: 4" in printed, well) == (True, True)
    assert [default_storage.exists(key) for key in strays] == [False] * 4
    assert sorted(file.key for file in default_storage.walk("aside")) == sorted(
        f"aside/{key}" for key in strays
    )
    assert storage_check.check(contents=True).is_whole


def test_row_42_orphans_are_only_told_without_repair(picture, grow_old):
    key = orphan_of(picture.generation)
    grow_old()

    printed, well = run()

    assert (f"Files that no row knows: 1\n  {key}\n" in printed, well) == (True, False)
    assert default_storage.exists(key)
    assert not AuditEntry.objects.filter(action="storage.mended").exists()


def test_row_42_orphans_younger_than_a_day_are_somebodys_work(picture):
    orphan_of(picture.generation)

    assert storage_check.check().is_whole


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENT, State.RECEIVED])
def test_row_42_orphans_of_a_running_generation_are_left_alone_however_old(
    picture, bob, model, grow_old, state
):
    key = orphan_of(make_generation(bob, model, state=state))
    grow_old()

    run("--repair")

    assert default_storage.exists(key)


def test_row_42_orphan_whose_row_came_during_the_walk_stays(picture, grow_old):
    key = orphan_of(picture.generation)
    grow_old()
    found = storage_check.check()
    Image.objects.filter(pk=picture.pk).update(key=key)

    done = storage_check.mend(found)

    assert (done.set_aside, default_storage.exists(key)) == (0, True)


def test_export_that_is_being_made_or_ready_is_no_orphan(picture, bob, charlie, grow_old):
    ready = lay(f"exports/{storage_token()}/copy.zip")
    Export.objects.create(person=bob, state=ExportState.READY, key=ready)
    making = lay(
        f"exports/{storage_token()}/{Export.objects.create(person=charlie, state=ExportState.MAKING).pk}.zip"
    )
    grow_old()

    run("--repair")

    assert [default_storage.exists(key) for key in (ready, making)] == [True, True]


def test_what_was_set_aside_is_deleted_after_thirty_days(picture, monkeypatch):
    key = lay("aside/originals/old.png")

    run("--repair")
    kept = default_storage.exists(key)
    monkeypatch.setattr(storage_check, "KEPT_ASIDE", -timedelta(hours=1))
    printed, _ = run("--repair")

    assert (kept, default_storage.exists(key)) == (True, False)
    assert "Files deleted that were set aside 30 days ago: 1" in printed


def test_other_things_in_the_same_place_are_not_looked_at(picture, grow_old):
    key = lay("elsewhere/thesis.txt")
    grow_old()

    assert storage_check.check().is_whole
    assert default_storage.exists(key)
    default_storage.delete(key)


# Rows without a file


def test_row_35_missing_original_is_found_marked_and_said_in_the_viewer(picture, as_bob, as_alice):
    default_storage.delete(picture.key)

    printed, well = run("--repair")

    assert (f"Originals that are missing: 1\n  {picture.pk}" in printed, well) == (True, False)
    picture.refresh_from_db()
    assert picture.missing_since is not None
    page = as_bob.get(reverse("images.detail", args=[picture.pk])).text
    assert "This image file is missing. An administrator was told." in page
    assert ("data-failed hidden" in page, "?download=1" in page) == (False, False)
    assert "1 picture has lost the original." in as_alice.get(reverse("administration.index")).text
    entry = AuditEntry.objects.get(action="storage.mended")
    assert (entry.actor, entry.detail["marked"]) == (None, 1)


def test_row_35_missing_original_that_is_back_is_marked_no_more(picture):
    default_storage.delete(picture.key)
    run("--repair")
    default_storage.save(picture.key, ContentFile(png(640, 480)))

    _, well = run("--repair")

    picture.refresh_from_db()
    assert (well, picture.missing_since) == (True, None)


def test_row_35_missing_original_that_was_set_aside_is_brought_back_with_its_thumbnail(
    picture, bob, model, grow_old
):
    drawn(bob, model)
    row = Image.objects.filter(pk=picture.pk)
    older = lay(picture.key.replace(picture.key.split("/")[1], storage_token()))
    row.update(key=older)  # as in a database that is older than the pictures
    grow_old()
    run("--repair")
    gone = [default_storage.exists(key) for key in (picture.key, picture.thumbnail_key(512))]
    row.update(key=picture.key)

    printed, well = run("--repair")

    assert gone == [False, False]
    assert ("Originals brought back from there: 1" in printed, well) == (True, True)
    assert default_storage.size(picture.key) == picture.byte_size
    assert default_storage.exists(picture.thumbnail_key(512))


def test_retry_that_fills_the_place_anew_takes_the_mark_away(picture):
    Image.objects.update(missing_since=Now())
    picture.missing_since = None

    Image.objects.keep(picture)

    assert Image.objects.get().missing_since is None


def set_aside(image: Image) -> None:
    Image.objects.update(unusable=True)


def erase_soon(image: Image) -> None:
    gone = {"is_active": False, "left_at": Now(), "erasing_since": Now()}
    User.objects.filter(pk=image.owner_id).update(**gone)


def run_again(image: Image) -> None:
    Generation.objects.update(state=State.SENT)


@pytest.mark.parametrize("do", [set_aside, erase_soon, run_again])
def test_rows_whose_files_go_first_are_not_missing(picture, do):
    default_storage.delete(picture.key)
    missing_before = storage_check.check().missing

    do(picture)

    assert (missing_before, storage_check.check().missing) == ([picture.pk], [])


def test_row_35_storage_that_is_away_marks_nothing(picture, monkeypatch):
    default_storage.delete(picture.key)

    def away(name: str) -> int:
        raise OSError("503")

    monkeypatch.setattr(default_storage._wrapped, "size", away)

    with pytest.raises(OSError, match="503"):
        storage_check.check()

    assert Image.objects.filter(missing_since=None).count() == 1


def test_storage_of_another_database_is_left_alone(bob, model, storage, grow_old):
    make_image(bob, model, content=None)
    key = lay(f"originals/{storage_token()}/{storage_token()}/0.png")
    grow_old()

    printed, well = run("--repair")

    assert printed.endswith(
        "Not one file in the storage belongs to a row of this database: one of the two is not the right one. "
        "Nothing was changed."
    )
    assert (well, default_storage.exists(key), Image.objects.get().missing_since) == (False, True, None)


def test_lost_copy_of_everything_can_be_asked_for_again(picture, bob):
    Export.objects.create(person=bob, state=ExportState.READY, key=f"exports/{storage_token()}/x.zip")

    before, after = run(), run("--repair")

    assert ("Copies of everything that are missing: 1" in before[0], before[1], after[1]) == (
        True,
        False,
        True,
    )
    assert not Export.objects.exists()


# Files that are not as they were


@pytest.mark.parametrize(("content", "words"), [(b"short", []), (b"x" * 4096, ["--contents"])])
def test_row_35_changed_original_is_told(picture, content, words):
    content = content if not words else content[:1] * picture.byte_size
    default_storage.save(picture.key, ContentFile(content))

    printed, well = run(*words)

    assert (f"Originals that are not as they came: 1\n  {picture.pk}" in printed, well) == (True, False)


def test_missing_thumbnails_are_made_again(picture, as_bob):
    default_storage.delete(picture.thumbnail_key(512))

    printed, well = run("--repair")

    assert (f"Pictures that lack a thumbnail: 1\n  {picture.pk}" in printed, well) == (True, True)
    assert "Pictures that have a thumbnail again: 1" in printed
    picture.refresh_from_db()
    assert picture.sides == [512]
    assert default_storage.exists(picture.thumbnail_key(512))


def test_thumbnails_that_cannot_be_made_again_stay_a_finding(picture):
    default_storage.delete(picture.thumbnail_key(512))
    default_storage.save(picture.key, ContentFile(b"x" * picture.byte_size))

    _, well = run("--repair")

    assert (well, storage_check.check().unmade) == (False, [picture.pk])


# Beside the clean-up


def test_picture_purged_during_the_walk_leaves_nothing(picture, bob, model, grow_old):
    drawn(bob, model)
    Image.objects.filter(pk=picture.pk).update(trashed_at=timezone.now() - timedelta(days=31))
    grow_old()
    found = storage_check.check()
    retention.purge_trash()

    storage_check.mend(found)

    assert storage_check.check().is_whole
    assert list(default_storage.walk("aside")) == []


def test_folder_keeps_its_drafts_and_really_looks_at_the_age(bob, model):
    picture = drawn(bob, model)
    old, young = orphan_of(picture.generation), orphan_of(picture.generation)
    draft = Path(default_storage.path(".drafts/0123"))
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(b"x")
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for path in (Path(default_storage.path(old)), draft):
        os.utime(path, (long_ago, long_ago))

    run("--repair")

    assert [default_storage.exists(key) for key in (old, young, ".drafts/0123")] == [False, True, True]
