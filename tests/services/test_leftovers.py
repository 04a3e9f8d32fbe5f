"""What nobody needs any more and once stayed for ever: files, sessions, pictures set aside."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from studio.models import AuditEntry, Generation, Image, RelayRequest, Slot, SlotState, State
from studio.models.relay_requests import spool_name
from studio.services import leftovers, retention
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


def _short(bob, model, settings, *, days: float, size: int = 1, suffix: str = ".spool") -> Path:
    row = make_generation(bob, model, state=State.BROKEN)
    path = settings.SPOOL_DIR / spool_name(row.pk, 1)
    path = path.with_suffix(suffix)
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    written = time.time() - days * 24 * 3600
    os.utime(path, (written, written))
    return path


@pytest.mark.parametrize("suffix", [".spool", ".part"])
def test_row_15_files_of_answers_that_fell_short_are_kept_for_seven_days(bob, model, settings, suffix):
    young = _short(bob, model, settings, days=6.9, suffix=suffix)
    old = _short(bob, model, settings, days=7.1, suffix=suffix)

    leftovers.remove()

    assert (young.exists(), old.exists()) == (True, False)


def test_row_15_file_of_an_answer_whose_pictures_are_all_there_is_removed(bob, model, settings):
    path = _short(bob, model, settings, days=0)
    Generation.objects.update(state=State.DONE)
    Slot.objects.update(state=SlotState.SAVED)

    leftovers.remove()

    assert not path.exists()


def test_row_15_files_of_answers_beyond_their_room_go_oldest_first(bob, model, settings, monkeypatch):
    monkeypatch.setattr(leftovers, "ANSWER_BYTES", 25)
    old, new, newest = (_short(bob, model, settings, days=days, size=10) for days in (3, 2, 1))

    leftovers.remove()

    assert [path.exists() for path in (old, new, newest)] == [False, True, True]


def test_sessions_that_ran_out_are_removed(bob):
    for days in (-1, 1):
        expires = timezone.now() + timedelta(days=days)
        Session.objects.create(session_key=f"key{days}", session_data="", expire_date=expires)

    retention.clean_up()

    assert list(Session.objects.values_list("session_key", flat=True)) == ["key1"]


def test_quarantined_images_are_deleted_after_thirty_days_unless_one_is_being_tried_again(bob, model):
    month = timezone.now() - timedelta(days=31)
    old = make_image(bob, model, unusable=True, saved_at=month)
    tried = make_image(bob, model, unusable=True, saved_at=month, develop_at=timezone.now())
    young = make_image(bob, model, unusable=True, saved_at=timezone.now() - timedelta(days=29))
    good = make_image(bob, model, saved_at=month)

    retention.clean_up()

    assert set(Image.objects.all()) == {tried, young, good}
    assert not default_storage.exists(old.key)
    assert AuditEntry.objects.get(action="image.purged").subject == str(old.pk)


def test_drafts_of_dead_processes_are_removed_after_a_day(settings):
    default_storage.save("originals/a/b/0.png", ContentFile(b"x"))
    folder = default_storage.drafts
    dead, alive, beside = folder / "dead", folder / "alive", folder.parent / "originals/a/b/.draft-0123"
    for path in (dead, alive, beside):
        path.write_bytes(b"x")
    for path in (dead, beside):
        os.utime(path, (1, 1))

    leftovers.remove()

    assert [path.exists() for path in (dead, beside, alive)] == [False, False, True]
    assert default_storage.exists("originals/a/b/0.png")


@pytest.mark.parametrize(
    ("on", "old", "left"), [(True, True, True), (False, False, True), (False, True, False)]
)
def test_sandbox_that_was_switched_off_a_week_ago_leaves_nothing(settings, tmp_path, on, old, left):
    settings.SANDBOX, settings.SANDBOX_DIR = on, tmp_path / "sandbox"
    ledger = settings.SANDBOX_DIR / "ledger.jsonl"
    ledger.parent.mkdir()
    ledger.write_text("{}")
    if old:
        os.utime(ledger, (1, 1))

    leftovers.remove()

    assert ledger.exists() is left


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.CANCELLED])
def test_row_15_file_of_a_paid_answer_outlives_a_retry_that_brought_nothing(bob, model, settings, state):
    path = _short(bob, model, settings, days=1.5)
    row = Generation.objects.get()
    RelayRequest.objects.create(generation=row, attempt=1, slots=[0], outcome="bad_answer")
    Generation.objects.update(state=state, round=2, attempts=2)

    leftovers.remove()

    assert path.exists()
