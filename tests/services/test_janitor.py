import os
import time
from pathlib import Path

import pytest

from studio.models import State
from studio.models.generations import spool_name
from studio.services import janitor
from tests.factories import make_generation

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

    assert janitor.clean_up() == 0
    assert _names(settings.SPOOL_DIR) == {kept}


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.REFUSED, State.CANCELLED])
def test_clean_up_removes_the_spool_of_a_settled_generation(bob, model, settings, state: State):
    row = make_generation(bob, model, state=state)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1))

    assert janitor.clean_up() == 1
    assert _names(settings.SPOOL_DIR) == set()


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (25, 0)])
def test_clean_up_lost_generations_late_answer_waits_a_day(bob, model, settings, hours: float, left: int):
    row = make_generation(bob, model, state=State.UNKNOWN)
    _file(settings.SPOOL_DIR, spool_name(row.pk, 1), hours=hours)

    janitor.clean_up()

    assert len(_names(settings.SPOOL_DIR)) == left


def test_clean_up_drafts_and_folders_go_after_a_day(settings):
    young = _file(settings.SPOOL_DIR, "young.draft", hours=23)
    _file(settings.SPOOL_DIR, "old.draft", hours=25)
    (settings.SPOOL_DIR / "develop-old").mkdir()
    _file(settings.SPOOL_DIR / "develop-old", "original")
    os.utime(settings.SPOOL_DIR / "develop-old", (0, 0))

    assert janitor.clean_up() == 2
    assert _names(settings.SPOOL_DIR) == {young}


def test_clean_up_without_a_folder_is_nothing(settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "none"

    assert janitor.clean_up() == 0
