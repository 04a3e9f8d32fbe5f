"""Races for the last administrator: whatever two of them do to each other, one stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from studio.errors import Conflict
from studio.models import User
from studio.services import accounts
from studio.services.people import suspensions
from tests.factories import make_user

ROUNDS = 10


def demote(person: User, by: User) -> None:
    accounts.edit(person=person, administrator=by, role="member")


def suspend(person: User, by: User) -> None:
    suspensions.suspend(person=person, actor=by)


def switch_off(person: User, by: User) -> None:
    accounts.edit(person=person, administrator=by, is_active=False)


ACTS: list[Callable[[User, User], None]] = [demote, suspend, switch_off]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ACTS)
@pytest.mark.parametrize("second", ACTS)
def test_two_administrators_act_on_each_other_at_once_one_stays(first, second):
    for number in range(ROUNDS):
        User.objects.all().delete()
        ann, eve = (make_user(f"{name} {number}", role="administrator") for name in ("Ann", "Eve"))

        came = at_once((first, ann, eve), (second, eve, ann))

        assert User.objects.administrators().count() == 1
        assert sorted(came) == ["done", "refused"]


def at_once(*acts: tuple[Any, User, User]) -> list[str]:
    """Do all of it at one moment, each in a thread of its own; say what came of each."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[User, User], None], person: User, by: User) -> str:
        try:
            barrier.wait()
            act(person, by)
        except Conflict:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(one, *act) for act in acts]]
