"""Below the floor nothing new is taken on, and administrators hear of it before (SAFETY T25)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from studio.errors import Unavailable
from studio.models import Comparison, Generation, Notice, State
from studio.services import comparisons, disk, generations, running_low
from studio.services.orders import Order
from studio.words import say_notice
from tests.factories import make_generation

pytestmark = pytest.mark.django_db
FULL = "Storage is almost full. An administrator was told."


@pytest.fixture
def full(monkeypatch) -> None:
    monkeypatch.setattr(disk, "FLOOR", 1 << 62)


def _order(model) -> Order:
    return Order(model=model, text="A lake", n=1, shared=True, settings={})


def test_t25_submit_on_a_full_disk_is_refused_and_writes_nothing(bob, model, full):
    with pytest.raises(Unavailable, match=FULL):
        generations.submit(person=bob, submission_id=uuid4(), order=_order(model))

    assert not Generation.objects.exists()


def test_t25_submit_again_on_a_disk_that_filled_up_is_the_same_generation(bob, model, monkeypatch):
    key = uuid4()
    row = generations.submit(person=bob, submission_id=key, order=_order(model))
    monkeypatch.setattr(disk, "FLOOR", 1 << 62)

    assert generations.submit(person=bob, submission_id=key, order=_order(model)) == row


def test_t25_comparison_on_a_full_disk_is_refused_and_writes_nothing(bob, model, other_model, full):
    with pytest.raises(Unavailable, match=FULL):
        comparisons.start(
            person=bob, submission_id=uuid4(), models=[model, other_model], text="A lake", settings={}, n=1,
            shared=True,
        )  # fmt: skip

    assert not Comparison.objects.exists()


def test_t25_retry_on_a_full_disk_is_refused_and_holds_nothing(bob, model, money, full):
    row = make_generation(bob, model, state=State.FAILED)

    with pytest.raises(Unavailable, match=FULL):
        generations.retry(generation=row, person=bob)

    assert money(row).reserved == 0


def test_t25_form_on_a_full_disk_is_503_and_keeps_what_was_typed(as_bob, model, full):
    form = {"prompt": "A lake", "model": model.pk, "n": 1, "submission_id": uuid4()}

    response = as_bob.post(reverse("generations.create"), form)

    assert (response.status_code, FULL in response.text, "A lake</textarea>" in response.text) == (
        503,
        True,
        True,
    )


def test_t25_administrators_are_told_once_a_day_before_anything_is_refused(alice, bob, monkeypatch):
    assert not running_low.warn_of_the_disk()
    monkeypatch.setattr(disk, "least", lambda: 1_900_000_000)

    assert [running_low.warn_of_the_disk(), running_low.warn_of_the_disk()] == [True, False]
    disk.check()

    [notice] = Notice.objects.all()
    assert (notice.person, say_notice(notice.kind, notice.values)) == (
        alice,
        ("A disk is nearly full", "1.9 GB are left: below 1 GB nothing new is drawn. Make room."),
    )
