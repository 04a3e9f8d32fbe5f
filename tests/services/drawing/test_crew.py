"""Hands draw when they are called, as many as there is work for, and finish when they are told to stop."""

import os
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections

from studio import bell
from studio.bell import Bell
from studio.services import tickets
from studio.services.drawing import claims, crew, run
from studio.services.drawing.crew import Crew
from studio.services.hands import Hands

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 5.0


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Work:
    """Stands where rows are claimed and drawn: `left` of them, each until it is `let` go."""

    def __init__(self, left: int) -> None:
        self.left, self.at_once, self.most, self.looks = left, 0, 0, 0
        self.lock, self.let = threading.Lock(), threading.Event()

    def run_next(self, *, goes_on: bool) -> bool:
        with self.lock:
            self.looks += 1
            if not self.left:
                return False
            self.left -= 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self.let.wait(PATIENCE)
        with self.lock:
            self.at_once -= 1
        return True


@pytest.fixture
def work(monkeypatch) -> Work:
    one = Work(0)
    monkeypatch.setattr(run, "run_next", one.run_next)
    return one


def test_call_brings_as_many_hands_as_there_is_work_for_and_no_more_than_there_are(work):
    work.left, own = 9, Crew(4)

    own.call(9)
    until(lambda: work.at_once == 4)
    work.let.set()

    until(lambda: not work.left and not work.at_once)
    assert (work.most, own.hands) == (4, 4)
    assert own.stop(PATIENCE)


def test_call_while_all_hands_are_busy_is_not_forgotten(work):
    """The row came after the last look of the hand that is just about to rest."""
    work.left, own = 1, Crew(1)
    own.call()
    until(lambda: work.at_once == 1)

    own.call()
    work.let.set()

    until(lambda: work.looks >= 3)  # the row, no row, and once more for the call
    assert own.stop(PATIENCE)


def test_idle_hand_is_taken_before_a_new_one(work):
    work.let.set()
    own = Crew(4)
    for number in range(1, 4):
        work.left = 1
        own.call()
        until(lambda number=number: work.looks >= 2 * number and own.idle == own.hands)

    assert own.hands == 1
    assert own.stop(PATIENCE)


def test_stop_finishes_what_is_begun_and_begins_nothing(work):
    work.left, own = 3, Crew(1)
    own.call()
    until(lambda: work.at_once == 1)

    assert not own.stop(0.01)
    work.let.set()

    assert own.stop(PATIENCE)
    assert work.left == 2


def test_hand_that_stumbles_goes_on(work, monkeypatch, caplog):
    falls = iter([ZeroDivisionError()])

    def stumble(*, goes_on: bool) -> bool:
        for error in falls:
            raise error
        return work.run_next(goes_on=goes_on)

    monkeypatch.setattr(run, "run_next", stumble)
    work.let.set()
    own = Crew(1)

    own.call()
    until(lambda: own.idle == 1)
    own.call()

    until(lambda: work.looks == 1)
    assert "a hand stumbled; it goes on" in caplog.messages
    assert own.stop(PATIENCE)


def test_hands_that_found_nothing_keep_no_connection_from_those_who_draw():
    """Those who send webhooks are as many as a process has connections to PostgreSQL, and they look every minute."""
    asked = []

    def look() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        asked.append(connections["default"])  # this thread's own
        return False

    own = Hands(4, look)
    own.call(4)
    until(lambda: len(asked) == 4 and own.idle == own.hands)

    assert [each.connection for each in asked] == [None] * 4
    assert own.stop(PATIENCE)


def test_hand_that_waits_for_others_to_choose_keeps_no_connection_from_the_one_who_chooses():
    asked, done = [], threading.Event()

    def draw() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        asked.append(connections["default"])
        claims.claim_next("me")
        connection.close()
        done.set()

    with claims._choices.lock:
        threading.Thread(target=draw).start()
        until(lambda: asked and asked[0].connection is None)

    assert done.wait(PATIENCE)


# The bell


@pytest.fixture
def own_bell(settings, tmp_path) -> Iterator[Bell]:
    settings.STATE_DIR = tmp_path
    one = Bell()
    yield one
    one.take_down()


def test_ring_is_heard_as_often_as_it_rang(own_bell):
    assert [bell.ring() for _ in range(3)] == [True] * 3

    assert own_bell.wait() == 3


def test_ring_with_nobody_there_says_so_and_clears_away_what_a_killed_process_left(own_bell, tmp_path):
    own_bell.path.rename(tmp_path / "kept")
    os.mkfifo(tmp_path / "bell-of-the-dead")

    assert not bell.ring()
    assert not (tmp_path / "bell-of-the-dead").exists()


def test_ring_that_nobody_answers_never_blocks(own_bell):
    for _ in range(70_000):  # more than a pipe holds
        assert bell._ring(own_bell.path)


def test_wake_rings_and_needs_no_ticket_where_all_workers_hear_it(own_bell, settings, transactional_db):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    engine = tickets.import_string("studio.tasks.draw").get_backend()

    tickets.wake()
    assert (own_bell.wait(), engine.results) == (1, [])

    settings.ONE_MACHINE = False
    tickets.wake()
    assert (own_bell.wait(), len(engine.results)) == (1, 1)


def test_ticket_calls_the_hands_of_its_process(work, monkeypatch):
    own = Crew(1)
    monkeypatch.setattr(crew, "_crew", own)
    work.let.set()

    assert crew.call()

    until(lambda: work.looks == 1)
    assert own.stop(PATIENCE)
