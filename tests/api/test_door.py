"""The process for programs tells stories in a loop: one question for all, and whoever leaves is heard of."""

import asyncio
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from studio.api import door, waiting
from studio.api.waiting import Wait


class Clerk:
    """Answers which generations have ended, in place of the database; notes each question."""

    def __init__(self, *, after: int = 1, fails: int = 0) -> None:
        self.after, self.fails = after, fails
        self.asked: list[int] = []

    def ended(self, pks: list[UUID]) -> set[UUID]:
        self.asked.append(len(pks))
        if len(self.asked) <= self.fails:
            raise OperationalError("database is locked")
        return set(pks) if len(self.asked) >= self.after else set()


@pytest.fixture
def clerk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    one = Clerk()
    monkeypatch.setattr(waiting, "LOOKS", 0.02)
    monkeypatch.setattr(waiting, "ended", lambda pks: one.ended(pks))
    monkeypatch.setattr(door, "_waiters", door.Waiters())
    return one


def row(*, active: bool = True) -> Any:
    return SimpleNamespace(pk=uuid4(), is_active=active)


def story(of: Any, seconds: float = 5.0) -> Any:
    return "ended" if (yield Wait(of, seconds)) else "late"


def test_told_asks_one_question_for_all_who_wait(clerk):
    async def crowd() -> list[str]:
        return await asyncio.gather(*(door.told(story(row())) for _ in range(200)))

    clerk.after = 3
    before = threading.active_count()
    assert asyncio.run(crowd()) == ["ended"] * 200
    assert max(clerk.asked) == 200
    assert 0 not in clerk.asked
    assert len(clerk.asked) <= 5
    assert threading.active_count() - before <= 20


def test_told_what_has_ended_is_not_waited_for(clerk):
    assert asyncio.run(door.told(story(row(active=False)))) == "ended"
    assert clerk.asked == []


def test_told_is_late_when_its_seconds_are_over(clerk):
    clerk.after = 1000
    assert asyncio.run(door.told(story(row(), 0.05))) == "late"


def test_told_goes_on_while_the_database_is_busy(clerk):
    clerk.fails = 2
    assert asyncio.run(door.told(story(row()))) == "ended"
    assert len(clerk.asked) == 3


@pytest.mark.parametrize("busy", [False, True], ids=["while it waits", "in the middle of a step"])
def test_told_whoever_leaves_closes_the_story(busy, clerk):
    heard: list[str] = []
    clerk.after = 1000

    def heedful() -> Any:
        time.sleep(0.2 if busy else 0)
        try:
            yield Wait(row(), 5.0)
        finally:
            heard.append("left")

    async def leave() -> None:
        task = asyncio.create_task(door.told(heedful()))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert heard == ["left"]


def test_told_events_come_as_they_are_made_and_are_closed_by_whoever_leaves(clerk):
    heard: list[str] = []

    def events() -> Any:
        try:
            yield b"first"
            assert (yield Wait(row(), 5.0))
            yield b"second"
            yield b"third"
        finally:
            heard.append("closed")

    async def read(most: int) -> list[bytes]:
        made = events()
        found, stream = [], door.told_events(next(made), made)
        async for each in stream:
            found.append(each)
            if len(found) == most:
                break
        await stream.aclose()
        return found

    assert asyncio.run(read(9)) == [b"first", b"second", b"third"]
    assert asyncio.run(read(2)) == [b"first", b"second"]
    assert heard == ["closed", "closed"]
