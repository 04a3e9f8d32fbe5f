"""Backups: what is copied, what is noticed, what is deleted, and what a restore refuses."""

import json
import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from studio.errors import Conflict
from studio.models import AuditEntry, WorkerProcess
from studio.services import health
from studio.services.backups import checking, making, restoring, shelf
from studio.services.backups.manifest import Manifest

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(tmp_path: Path, settings, monkeypatch) -> Path:
    """Where backups go, of a storage with two files that have the same contents, and one other."""
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.STATE_DIR = tmp_path
    (tmp_path / "spool").mkdir()
    for name, content in (("a", b"alike"), ("b", b"alike"), ("c", b"other")):
        default_storage.save(f"originals/{name}.png", ContentFile(content))
    default_storage.save("health/x", ContentFile(b"not ours to keep"))
    return tmp_path / "backups"


def heap(place: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in (place / "files").rglob("*") if path.is_file())


def relabel(folder: Path, **changes: object) -> None:
    path = folder / shelf.LABEL
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_make_keeps_equal_files_once_and_says_so(place, tmp_path):
    made = making.make(place=place)

    assert (made.label.files, made.copied, heap(place)) == (3, 3, [b"alike", b"other"])
    assert AuditEntry.objects.get(action="studio.backed_up").detail == {"files": 3, "size": 15}
    assert (tmp_path / health.BACKUP).exists()
    assert {path.stat().st_mode & 0o077 for path in place.rglob("*")} == {0}


def test_make_again_copies_only_what_is_new_or_changed(place):
    making.make(place=place, why="-first")
    default_storage.save("originals/c.png", ContentFile(b"newer"))

    made = making.make(place=place, why="-second")

    assert (made.label.files, made.copied, heap(place)) == (3, 1, [b"alike", b"newer", b"other"])


def test_make_without_files_lists_them_and_copies_none(place):
    made = making.make(place=place, with_files=False)

    with Manifest(made.folder / shelf.MANIFEST) as manifest:
        assert [line.key for line in manifest] == [f"originals/{name}.png" for name in "abc"]
    assert not (place / "files").exists()
    assert checking.check(place).files == 0


def test_make_beside_another_is_refused(place):
    with shelf.alone(place), pytest.raises(Conflict) as refusal:
        making.make(place=place)

    assert refusal.value.code == "backup_under_way"


def test_forget_deletes_old_backups_and_what_only_they_had(place):
    making.make(place=place, why="-first")
    default_storage.save("originals/c.png", ContentFile(b"newer"))
    making.make(place=place, why="-second")
    (place / ".2026-01-01T000000Z.partial").mkdir()

    assert making.forget(place=place, keep=1) == (1, 1)
    assert [path.name[-7:] for path in shelf.backups(place)] == ["-second"]
    assert heap(place) == [b"alike", b"newer"]
    assert not list(place.glob(".*.partial"))


def test_check_names_files_that_are_missing_or_damaged(place):
    making.make(place=place)
    assert checking.check(place).damaged == []
    for path in (place / "files").rglob("*"):
        if path.is_file() and path.read_bytes() == b"alike":
            path.write_bytes(b"alikf")

    assert checking.check(place).damaged == ["originals/a.png", "originals/b.png"]


def test_check_of_a_damaged_database_raises(place):
    folder = making.make(place=place).folder
    part = max(shelf.parts(folder), key=lambda path: path.stat().st_size)
    with part.open("r+b") as file:
        file.seek(20)
        file.write(b"?")

    with pytest.raises(Conflict) as refusal:
        checking.check(place)

    assert refusal.value.code == "backup_damaged"
    assert part.name in refusal.value.sentence


REFUSED = {
    "studio_is_here": {},
    "backup_later_make": {"format": 99},
    "backup_other_database": {"database": "another"},
    "database_newer": {"migrations": [["studio", "9999_from_the_future"]]},
    "backup_keys": {"keys": {"FIELD_KEYS": ["00"], "SECRET_KEY": []}},
}


@pytest.mark.parametrize("code", REFUSED)
def test_restore_that_would_do_harm_is_refused_before_anything_changes(place, bob, code, monkeypatch):
    folder = making.make(place=place).folder
    relabel(folder, **REFUSED[code])
    monkeypatch.setattr(checking, "check_database", shelf.Label.read)
    default_storage.delete("originals/a.png")

    with pytest.raises(Conflict) as refusal:
        restoring.restore(path=place)

    assert refusal.value.code == code
    assert not default_storage.exists("originals/a.png")
    assert len(shelf.backups(place)) == 1


def test_restore_while_a_worker_runs_is_refused(place, bob):
    making.make(place=place)
    WorkerProcess.objects.create(name="here:1", seen_at=Now())

    with pytest.raises(Conflict) as refusal:
        restoring.restore(path=place, over=True)

    assert refusal.value.code == "worker_runs"


def test_restore_of_an_empty_folder_says_that_there_is_none(tmp_path):
    with pytest.raises(CommandError, match="There is no whole backup in"):
        call_command("restore", str(tmp_path))


def test_verify_runs_every_check_and_names_those_that_fail(place, capsys):
    os.utime(default_storage.path("originals/a.png"), (0, 0))

    with pytest.raises(CommandError, match="verify_media: Not everything fits together"):
        call_command("verify")

    assert "entries, unbroken." in capsys.readouterr().out
