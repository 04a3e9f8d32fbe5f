"""What administrators are told of the studio; how many pictures there are is believed where counting takes long."""

import pytest

from studio.services import health
from tests.factories import make_image

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forget(monkeypatch) -> None:
    monkeypatch.setattr(health, "_counted", (0.0, {}, None))


def test_look_counts_anew_each_time_where_that_is_quick(bob, model):
    for count in (1, 2):
        make_image(bob, model)

        assert health.look().kept == count


def test_look_believes_a_count_that_took_long_for_its_time_and_says_when_that_was(bob, model, monkeypatch):
    monkeypatch.setattr(health, "LONG", -1.0)  # every count takes longer than that
    make_image(bob, model)
    first = health.look()
    make_image(bob, model)

    second = health.look()

    assert (first.kept, second.kept, second.counted_at) == (1, 1, first.counted_at)

    monkeypatch.setattr(health, "_counted", (0.0, *health._counted[1:]))  # its time is over
    third = health.look()
    assert third.kept == 2
    assert third.counted_at > first.counted_at
