"""Chores are done by one worker of all, when they are due by the database's clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db.models.functions import Now

from studio.models import Chore
from studio.services import chores
from studio.services.chores import Often

HOURLY = Often(timedelta(hours=1))


@pytest.mark.parametrize(
    ("often", "pause"),
    [
        (HOURLY, timedelta(hours=1)),
        (Often(at=time(4, 41)), timedelta(hours=2, minutes=41)),
        (Often(at=time(2)), timedelta(days=1)),
        (Often(at=time(1, 30)), timedelta(hours=23, minutes=30)),
    ],
)
def test_pause_is_the_time_until_the_next_one(often: Often, pause: timedelta):
    assert often.pause(datetime(2026, 3, 1, 2, tzinfo=UTC)) == pause


def test_take_due_chore_is_given_to_one_alone(db):
    Chore.objects.create(name="sweep", due_at=Now() - timedelta(seconds=1))

    assert chores.due() == {"sweep"}
    assert [chores.take("sweep", HOURLY) for _ in range(2)] == [True, False]
    assert chores.due() == set()


def test_write_down_new_chore_waits_its_time_and_an_old_one_keeps_its_own(db):
    Chore.objects.create(name="sweep", due_at=Now() - timedelta(seconds=1))

    chores.write_down([("sweep", HOURLY), ("count", HOURLY)])

    assert chores.due() == {"sweep"}
    assert set(Chore.objects.values_list("pk", flat=True)) == {"sweep", "count"}
