"""An engine that takes no tickets loses nothing: the row is what counts."""

from typing import Any
from uuid import uuid4

import pytest
from django.tasks.backends.base import BaseTaskBackend

from studio.db import write_transaction
from studio.models import Generation, Relay, RelayRequest, State
from studio.services import generations, tickets
from studio.services.drawing import claims, leases, run
from studio.services.orders import Order
from tests.factories import make_generation

pytestmark = pytest.mark.django_db(transaction=True)


class Away(BaseTaskBackend):
    """An engine whose server does not answer."""

    supports_defer = True

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        raise ConnectionError("The engine is away.")


@pytest.fixture(autouse=True)
def away(_alone, settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "tests.services.test_tickets.Away"}}


def test_wake_while_the_engine_is_away_accepts_what_was_submitted(bob, model):
    order = Order(model=model, text="A lake", n=1, shared=True)

    row = generations.submit(person=bob, submission_id=uuid4(), order=order)

    assert Generation.objects.get() == row
    assert row.state == State.QUEUED


def test_wake_while_the_engine_is_away_lets_the_request_to_a_limited_relay_leave(bob, model):
    Relay.objects.filter(pk=model.relay_id).update(per_minute=5)
    make_generation(bob, model)
    row = claims.claim_next(leases.WORKER)

    run._commit_sent(row, RelayRequest(generation=row, model=model, attempt=1, slots=[0]))

    assert (row.state, row.attempts) == (State.SENT, 1)


def test_sync_while_the_engine_is_away_is_left_to_the_daily_look(model):
    with write_transaction():
        tickets.sync(model.relay)
        Relay.objects.update(trouble="Kept.")

    assert Relay.objects.get().trouble == "Kept."
