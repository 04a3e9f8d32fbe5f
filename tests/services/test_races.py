"""Two that meet at the same rows: the first goes on behind a barrier while the second already waits for it."""

from collections.abc import Callable
from threading import Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import TooMany
from studio.media.inspect import PictureFacts
from studio.models import (
    Case,
    CaseKind,
    Collection,
    Generation,
    Image,
    ImageModel,
    OutsideLink,
    Prompt,
    Relay,
    SlotState,
    State,
)
from studio.relays.dialects.base import Picture as Answered
from studio.services import budgets, comparisons, generations, prompts, sharing
from studio.services.drawing import claims, leases, rows
from studio.services.drawing import run as drawing
from studio.services.drawing.settlement import AnswerFacts
from studio.services.relays import edit
from tests.factories import make_generation

pytestmark = pytest.mark.django_db(transaction=True)
REACHES_THE_LOCK = 0.4
"""Seconds in which a thread certainly gets as far as the row it has to wait for."""


class Rival(Thread):
    """Does its work in a thread of its own, and keeps what was raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.error: Exception | None = None
        self.start()
        self.join(REACHES_THE_LOCK)

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def test_cancel_while_the_worker_saves_a_picture_counts_it(bob, model, money):
    ImageModel.objects.filter(pk=model.pk).update(per_call=1)
    row = make_generation(bob, model, n=2, state=State.RECEIVED, claimed_by=leases.WORKER)
    row.relay_requests.update(slots=[0])

    with write_transaction():
        rows._set_slot(row, 0, SlotState.SAVED)
        drawing._go_on(row, row.relay_requests.get(), AnswerFacts(status=200))
        rival = Rival(lambda: generations.cancel(generation=row, person=bob))
    rival.join()

    assert rival.error is None
    assert (Generation.objects.get().state, money(row)) == (State.CANCELLED, (0, 1, 0))


def test_comparison_and_generation_of_one_prompt_wait_for_each_other_in_one_order(bob, model, other_model):
    prompts.remember(author=bob, text="A lake", shared=True)
    asked = {
        "person": bob,
        "submission_id": uuid4(),
        "text": "A lake",
        "settings": {},
        "n": 1,
        "shared": True,
    }

    with write_transaction():  # as `generations.submit` does
        budgets.reserve(person=bob, month=budgets.this_month(), amount=1)
        rival = Rival(lambda: comparisons.start(models=[model, other_model], **asked))
        prompts.remember(author=bob, text="A lake", shared=True)
    rival.join()

    assert rival.error is None
    assert Generation.objects.count() == 2


def test_move_while_a_worker_looks_at_the_limits_waits_for_it(alice, bob):
    first, second = (
        edit.add_relay(name=name, dialect="openai", base_url="https://relay.example/v1", api_key="k" * 12)
        for name in ("First", "Second")
    )
    edit.move(relay=second, administrator=alice, step=-1)  # their places say otherwise than their ids
    Relay.objects.update(at_once=1)
    model = edit.add_model(relay=first, model_id="any", accepts={})
    row = make_generation(bob, model)

    with write_transaction():
        Relay.objects.select_for_update(no_key=True).get(pk=min(first.pk, second.pk))
        claim = Rival(lambda: claims.claim_next("me"))
        move = Rival(lambda: edit.move(relay=first, administrator=alice, step=-1))
    claim.join()
    move.join()

    assert (claim.error, move.error) == (None, None)
    assert Generation.objects.get(pk=row.pk).state == State.CLAIMED
    assert list(Relay.objects.values_list("name", flat=True)) == ["First", "Second"]


def test_prompt_stays_with_the_team_when_one_run_is_taken_back_while_another_is_shared(bob, model):
    first = make_generation(bob, model, text="A lake")

    with write_transaction():  # as `generations.submit` does
        make_generation(bob, model, text="A lake")
        rival = Rival(lambda: sharing.share_generation(generation=first, person=bob, shared=False))
    rival.join()

    assert rival.error is None
    assert Prompt.objects.get().shared_at is not None


def test_picture_kept_while_its_run_is_taken_back_is_private(bob, model):
    row = make_generation(bob, model, state=State.RECEIVED)
    facts = PictureFacts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    with write_transaction():
        Generation.objects.select_for_update().get(pk=row.pk)
        rival = Rival(lambda: rows.commit(row, 0, "a/b", facts, Answered(index=0)))
        sharing.share_generation(generation=row, person=bob, shared=False)
    rival.join()

    assert rival.error is None
    assert [image.shared for image in Image.objects.all()] == [False]


def test_t25_two_retries_at_once_are_counted_one_after_the_other(bob, model, settings):
    settings.QUEUE_PER_PERSON = 2
    first, second = (make_generation(bob, model, n=2, state=State.FAILED) for _ in "ab")

    with write_transaction():
        generations.retry(generation=first, person=bob)
        rival = Rival(lambda: generations.retry(generation=second, person=bob))
    rival.join()

    assert isinstance(rival.error, TooMany)
    assert Generation.objects.in_state(State.QUEUED).get() == first


def test_worker_that_keeps_into_a_collection_keeps_nobody_waiting_who_only_names_it(bob, model):
    """Whoever names it may hold the month, or the audit, that the worker's settlement needs next."""
    if connection.vendor == "sqlite":
        pytest.skip("one transaction writes at a time there")
    into = Collection.objects.create(owner=bob, name="Harbour")
    row = make_generation(bob, model, state=State.RECEIVED, collection=into)
    facts = PictureFacts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    with write_transaction():
        rows.commit(row, 0, "a/b", facts, Answered(index=0))
        drawing.settlement.complete(generation=row)
        rival = Rival(lambda: _name_all(row, into))
        rival.join(10)
        waits = rival.is_alive()
    rival.join()

    assert (waits, rival.error) == (False, None)


def _name_all(row: Generation, into: Collection) -> None:
    with write_transaction():
        OutsideLink.objects.create(
            owner=row.owner, collection=into, digest="d" * 64, expires_at=timezone.now()
        )
        Case.objects.open_for(CaseKind.REPORT, row)
