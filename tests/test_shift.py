"""A worker's clock: chores of all workers are taken once, those of a machine by each, none twice at a time."""

import threading
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from studio import shift
from studio.models import Chore
from studio.services.chores import Often
from studio.shift import Rota

HOURLY = Often(timedelta(hours=1))


class Work:
    """Chores that note who did them, and wait to be let go."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.let = threading.Event()

    def chore(self, name: str, often: Often = HOURLY) -> shift.Duty:
        def do() -> None:
            self.let.wait(10)
            self.done.append(name)

        return shift.Duty(name, do, often)


@pytest.fixture
def work(monkeypatch, transactional_db) -> Work:
    work = Work()
    monkeypatch.setattr(shift, "OF_ALL", [work.chore("sweep"), work.chore("count")])
    monkeypatch.setattr(shift, "OF_EACH", [work.chore("find_answers")])
    Chore.objects.create(name="sweep", due_at=Now() - timedelta(seconds=1))
    Chore.objects.create(name="count", due_at=Now() + timedelta(hours=1))
    return work


def _end(work: Work, threads: list[threading.Thread]) -> None:
    work.let.set()
    for thread in threads:
        thread.join(10)


def test_look_due_chores_are_done_once_by_all_workers_and_own_ones_by_each(work: Work):
    first = Rota(outdated=print).look()
    second = Rota(outdated=print).look()
    _end(work, first + second)

    assert sorted(work.done) == ["find_answers", "find_answers", "sweep"]


def test_look_chore_that_still_runs_is_not_begun_again(work: Work, monkeypatch):
    clock = Rota(outdated=print)
    threads = clock.look()
    Chore.objects.update(due_at=Now() - timedelta(seconds=1))
    clock.own["find_answers"] = 0.0

    threads += clock.look()
    _end(work, threads)

    assert sorted(work.done) == ["count", "find_answers", "sweep"]


def test_look_on_a_newer_database_begins_nothing_and_says_so(work: Work, monkeypatch):
    monkeypatch.setattr(shift.schema, "fits", lambda: False)
    told: list[str] = []

    assert Rota(outdated=lambda: told.append("newer")).look() == []
    assert told == ["newer"]
