import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from studio.media.names import ALL_SIDES, SIDES
from studio.models import (
    AuditEntry,
    Case,
    CaseKind,
    Favourite,
    Generation,
    Image,
    RelayRequest,
    Slot,
    SlotState,
    State,
)
from studio.models.relay_requests import spool_name
from studio.services import generations, leftovers, retention
from studio.services.moderation import cases
from studio.words import say
from tests.factories import make_generation, make_image
from tests.money import money_of
from tests.said import UNREADABLE

ELSEWHERE = say("answer_elsewhere", {})
pytestmark = pytest.mark.django_db


def _file(folder: Path, name: str, *, hours: float = 0) -> str:
    path = folder / name
    path.write_bytes(b"x")
    then = time.time() - hours * 3600
    os.utime(path, (then, then))
    return name


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("state", [State.QUEUED, State.CLAIMED, State.SENT, State.RECEIVED])
def test_clean_up_keeps_what_a_running_generation_needs(bob, model, settings, state: State):
    row = make_generation(bob, model, state=state)
    kept = _file(settings.SPOOL_DIR, spool_name(row.pk, 1), hours=48)

    assert leftovers.remove() == 0
    assert _names(settings.SPOOL_DIR) == {kept}


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.REFUSED, State.CANCELLED])
def test_clean_up_removes_spool_and_failed_drafts_of_a_settled_generation(bob, model, settings, state: State):
    row = make_generation(bob, model, state=state)
    row.slots.update(state=SlotState.SAVED)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1))
    _file(settings.SPOOL_DIR, f"{row.pk}-0.draft")

    assert leftovers.remove() == 2
    assert _names(settings.SPOOL_DIR) == set()


@pytest.mark.parametrize("state", [State.QUEUED, State.RECEIVED, State.UNKNOWN])
def test_clean_up_keeps_the_draft_of_a_picture_that_may_still_come(bob, model, settings, state: State):
    row = make_generation(bob, model, state=state)
    kept = _file(settings.SPOOL_DIR, f"{row.pk}-0.draft")

    assert leftovers.remove() == 0
    assert _names(settings.SPOOL_DIR) == {kept}


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (25, 0)])
def test_clean_up_lost_generations_late_answer_waits_a_day(bob, model, settings, hours: float, left: int):
    row = make_generation(bob, model, state=State.UNKNOWN)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1), hours=hours)

    leftovers.remove()

    assert len(_names(settings.SPOOL_DIR)) == left


def test_clean_up_drafts_and_folders_go_after_a_day(settings):
    young = _file(settings.SPOOL_DIR, "young.draft", hours=23)
    _file(settings.SPOOL_DIR, "old.draft", hours=25)
    (settings.SPOOL_DIR / "develop-old").mkdir()
    _file(settings.SPOOL_DIR / "develop-old", "original")
    os.utime(settings.SPOOL_DIR / "develop-old", (0, 0))

    assert leftovers.remove() == 2
    assert _names(settings.SPOOL_DIR) == {young}


def test_clean_up_without_a_folder_is_nothing(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "none"

    assert leftovers.remove() == 0


# Answers that have come and cannot be saved


def _waiting(bob, model, *, hours: float, tried: float = 10, **slots: str) -> Generation:
    """An answer of four images that came hours ago and was tried minutes ago; `_0="saved"` sets a slot."""
    row = make_generation(bob, model, n=4, state=State.RECEIVED)
    times = {"received_at": Now() - timedelta(hours=hours), "not_before": Now() - timedelta(minutes=tried)}
    Generation.objects.filter(pk=row.pk).update(**times)
    for name, state in slots.items():
        if state == SlotState.SAVED:
            make_image(bob, model, generation=row)
        Slot.objects.filter(generation=row, index=int(name[1:])).update(state=state, round=row.round)
    return row


def _end(row: Generation) -> tuple[str, str, tuple[int, int, int]]:
    row.refresh_from_db()
    return row.state, str(row.why), money_of(row)


THREE_SAVED = {"_0": "saved", "_1": "saved", "_2": "saved", "_3": "pending_storage"}


def test_row_34_storage_refused_one_of_four_for_a_day_ends_done_without_it(bob, model, settings, money):
    row = _waiting(bob, model, hours=25, **THREE_SAVED)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1))

    assert retention.end_hopeless() == 1

    sentence = "One image could not be stored within a day and was given up. It may have been charged."
    assert _end(row) == (State.DONE, f"3 of 4 images saved. {sentence}", (0, 3, 0))
    allowance = bob.allowances.get()
    assert (allowance.reserved, allowance.spent) == (0, 3)
    assert AuditEntry.objects.filter(subject=str(row.pk), action="generation.done").count() == 1
    assert RelayRequest.objects.get(generation=row).outcome == "not_stored"


def test_row_34_storage_refused_all_for_a_day_is_presumed_spent(bob, model, settings):
    row = _waiting(bob, model, hours=25, **{f"_{index}": "pending_storage" for index in range(4)})
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1))

    retention.end_hopeless()

    sentence = "4 images could not be stored within a day and were given up. They may have been charged."
    assert _end(row) == (State.BROKEN, sentence, (0, 0, 4))


@pytest.mark.parametrize(("hours", "tried"), [(23, 10), (25, 61)])
def test_row_34_storage_is_tried_for_a_day_in_which_a_worker_ran(bob, model, settings, hours, tried):
    row = _waiting(bob, model, hours=hours, tried=tried, **THREE_SAVED)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1))

    assert retention.end_hopeless() == 0
    assert _end(row)[0] == State.RECEIVED


def test_row_34_given_up_image_can_be_asked_for_again(bob, model):
    row = _waiting(bob, model, hours=25, **THREE_SAVED)
    retention.end_hopeless()

    generations.retry(generation=row, person=bob)

    assert _end(row)[::2] == (State.QUEUED, (1, 3, 0))


def test_end_hopeless_without_the_spool_an_hour_long_ends_unknown_and_may_be_found(bob, model):
    row = _waiting(bob, model, hours=1.1)

    assert retention.end_hopeless() == 1

    assert _end(row) == (State.UNKNOWN, ELSEWHERE, (0, 0, 4))
    assert row.error_raw == f"No file of the answer on this machine: {row.pk}-1.spool"
    assert AuditEntry.objects.filter(subject=str(row.pk), action="generation.unknown").count() == 1
    assert RelayRequest.objects.filter(generation=row).count() == 1
    assert not Generation.objects.ready().exists()


def test_end_hopeless_without_the_spool_keeps_and_counts_what_was_saved(bob, model):
    row = _waiting(bob, model, hours=1.1, _0="saved")

    retention.end_hopeless()

    assert _end(row) == (State.UNKNOWN, f"1 of 4 images saved. {ELSEWHERE}", (0, 1, 3))


@pytest.mark.parametrize(
    "slots", [{}, {"_0": "pending_storage"}], ids=["spool here", "spool read by another machine"]
)
def test_end_hopeless_leaves_what_some_worker_can_read(bob, model, settings, slots):
    row = _waiting(bob, model, hours=2, **slots)
    if not slots:
        _file(settings.SPOOL_DIR, spool_name(row.pk, 1))

    assert retention.end_hopeless() == 0
    assert _end(row)[0] == State.RECEIVED


@pytest.mark.parametrize(
    "change",
    [
        {"received_at": Now() - timedelta(minutes=50)},
        {"not_before": None},
        {"not_before": Now() - timedelta(minutes=61)},
        {"claimed_by": "somebody"},
        {"state": State.SENT},
    ],
    ids=["an hour is not over", "never tried", "not tried lately", "being tried", "not answered"],
)
def test_end_hopeless_leaves_the_others_alone(bob, model, change):
    row = _waiting(bob, model, hours=25)
    Generation.objects.filter(pk=row.pk).update(**change)

    assert retention.end_hopeless() == 0
    assert _end(row)[2] == (4, 0, 0)


def test_end_hopeless_answer_that_stumbles_for_a_day_ends_broken(bob, model, settings):
    row = _waiting(bob, model, hours=25)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1))

    retention.end_hopeless()

    assert _end(row) == (State.BROKEN, UNREADABLE, (0, 0, 4))
    assert row.error_raw == ""


# What relays answered


@pytest.mark.parametrize(("days", "left"), [(6.9, "{}"), (7.1, "")])
def test_row_15_forget_answers_clears_what_is_older_than_a_week(bob, model, days: float, left: str):
    row = make_generation(bob, model, state=State.SENT)
    then = Now() - timedelta(days=days)
    RelayRequest.objects.filter(generation=row).update(raw="{}", sent_at=then, trace_id="req-7")

    cleared = retention.forget_answers()

    relay_request = RelayRequest.objects.get(generation=row)
    assert (cleared, relay_request.raw, relay_request.trace_id) == (left == "", left, "req-7")


def test_clean_up_forgets_old_answers(bob, model):
    row = make_generation(bob, model, state=State.SENT)
    RelayRequest.objects.filter(generation=row).update(raw="{}", sent_at=Now() - timedelta(days=8))

    retention.clean_up()

    assert RelayRequest.objects.get(generation=row).raw == ""


# The trash


def _trashed(bob, model, *, days: float, **fields) -> Image:
    """An image with its thumbnails, in the trash for some days."""
    image = make_image(bob, model, **fields)
    for side in SIDES:
        default_storage.save(image.thumbnail_key(side), ContentFile(b"thumbnail"))
    Image.objects.filter(pk=image.pk).update(trashed_at=Now() - timedelta(days=days))
    return image


def _files(image: Image) -> list[bool]:
    return [default_storage.exists(key) for key in (image.key, *map(image.thumbnail_key, SIDES))]


def test_purge_trash_after_thirty_days_row_and_files_are_gone(bob, charlie, model):
    image = _trashed(bob, model, days=30.1)
    Favourite.objects.create(person=charlie, image=image)

    assert retention.purge_trash() == 1

    assert _files(image) == [False] * 3
    assert (Image.objects.count(), Favourite.objects.count()) == (0, 0)
    entry = AuditEntry.objects.get(action="image.purged")
    assert (entry.actor, entry.subject) == (None, str(image.pk))
    assert entry.detail == {"generation": str(image.generation_id), "index": 0}


def test_purge_trash_keeps_the_generation_and_what_it_cost(bob, model):
    image = _trashed(bob, model, days=31)

    retention.purge_trash()

    row = Generation.objects.get(pk=image.generation_id)
    assert (row.state, money_of(row).spent, row.prompt.text) == (State.DONE, 1, "A mountain lake at dawn")
    assert bob.allowances.get().spent == 1
    assert list(row.slots.missing()) == []  # it is not asked for again


@pytest.mark.parametrize("days", [0, 29.9])
def test_purge_trash_keeps_what_can_still_be_restored(bob, model, days):
    image = _trashed(bob, model, days=days)
    kept = make_image(bob, model, text="Kept")

    assert retention.purge_trash() == 0
    assert _files(image) == [True] * 3
    assert set(Image.objects.values_list("pk", "unusable")) == {(image.pk, False), (kept.pk, False)}


def test_purge_trash_without_the_files_deletes_the_row(bob, model):
    image = make_image(bob, model, content=None)
    Image.objects.filter(pk=image.pk).update(trashed_at=Now() - timedelta(days=31))

    assert retention.purge_trash() == 1
    assert not Image.objects.exists()


def test_purge_trash_storage_down_is_tried_again_and_nobody_can_restore_it(bob, model, monkeypatch):
    image = _trashed(bob, model, days=31)
    monkeypatch.setattr(type(default_storage._wrapped), "delete", _refuse)

    first = retention.purge_trash()
    monkeypatch.undo()

    assert (first, list(Image.objects.in_trash())) == (0, [])
    assert not AuditEntry.objects.filter(action="image.purged").exists()
    assert retention.purge_trash() == 1
    assert _files(image) == [False] * 3


def _refuse(*args: object) -> None:
    raise OSError("The storage is down.")


def test_purge_trash_keeps_what_is_before_a_moderator(bob, model):
    image = _trashed(bob, model, days=31)
    case = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)
    waiting = retention.purge_trash()

    Case.objects.filter(pk=case.pk).move(verdict="kept", decided_at=timezone.now())

    assert (waiting, retention.purge_trash()) == (0, 1)


def test_purge_trash_that_broke_off_shows_nobody_the_picture(alice, bob, model, monkeypatch):
    image = _trashed(bob, model, days=31)
    monkeypatch.setattr(type(default_storage._wrapped), "delete", _refuse)

    retention.purge_trash()

    assert [Image.objects.visible_to(each).filter(pk=image.pk).exists() for each in (alice, bob)] == [
        False
    ] * 2


def test_purge_trash_restored_a_moment_before_is_kept(bob, model):
    image = _trashed(bob, model, days=31)
    stale = Image.objects.get(pk=image.pk)
    Image.objects.filter(pk=image.pk).update(trashed_at=None)

    assert retention._purge(stale, Image.objects.in_trash()) is False
    assert _files(image) == [True] * 3


def test_purge_trash_no_transaction_is_open_while_storage_deletes(bob, model, monkeypatch):
    _trashed(bob, model, days=31)
    blocks = []
    depth = len(connection.savepoint_ids)  # the test itself runs in a transaction
    monkeypatch.setattr(
        type(default_storage._wrapped), "delete", lambda *_: blocks.append(len(connection.savepoint_ids))
    )

    retention.purge_trash()

    assert blocks == [depth] * (1 + len(ALL_SIDES))


def test_clean_up_does_all_three(bob, model, settings):
    row = _waiting(bob, model, hours=25)
    kept = _file(settings.SPOOL_DIR, spool_name(row.pk, 1))
    _file(settings.SPOOL_DIR, f"{row.pk}-0.draft")
    _trashed(bob, model, days=31, text="Trash")

    retention.clean_up()

    assert leftovers.remove() == 1
    assert _end(row)[0] == State.BROKEN
    assert not Image.objects.exists()
    assert _names(settings.SPOOL_DIR) == {kept}
