"""Celery as the engine: tickets go out signed after the commit, and only ours are done."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.db import transaction
from django.utils import timezone

from config import celery
from studio import tasks
from studio.services import tickets


@pytest.fixture
def sent(settings) -> Any:
    """What goes to a broker that lives in this process's memory."""
    settings.TASKS = {"default": {"BACKEND": "config.celery.Backend"}}
    settings.ONE_MACHINE = False
    celery.app.conf.broker_url = "memory://"
    with celery.app.connection_for_read() as connection, connection.SimpleQueue("celery") as queue:
        queue.clear()
        yield queue
        queue.clear()


def _said(sent: Any) -> list[Any]:
    """Return what the next ticket says, taken off its signature."""
    [signed] = sent.get(timeout=2).payload[0]
    return signing.loads(signed, salt=celery.SALT)


@pytest.mark.django_db(transaction=True)
def test_enqueue_in_a_transaction_goes_out_when_it_is_committed(sent):
    with transaction.atomic():
        tasks.sync_relay.enqueue("0197")
        assert sent.qsize() == 0

    assert _said(sent) == ["studio.tasks.sync_relay", ["0197"], {}]


@pytest.mark.django_db(transaction=True)
def test_wake_after_some_seconds_is_a_ticket_for_later(sent):
    tickets.wake(after=60)

    eta = sent.get(timeout=2).headers["eta"]
    assert timezone.datetime.fromisoformat(eta) - timezone.now() > timedelta(seconds=50)


def test_ticket_of_ours_is_done(monkeypatch):
    done: list[str] = []
    monkeypatch.setattr(tasks.catalogue, "refresh", lambda pk: done.append(pk))

    celery.ticket(signing.dumps(["studio.tasks.sync_relay", ["0197"], {}], salt=celery.SALT))

    assert done == ["0197"]


@pytest.mark.parametrize("salt", ["another", "studio.tickets "])
def test_ticket_of_a_stranger_is_thrown_away(monkeypatch, caplog, salt: str):
    monkeypatch.setattr(tasks.catalogue, "refresh", lambda pk: pytest.fail("it was done"))

    celery.ticket(signing.dumps(["studio.tasks.sync_relay", ["0197"], {}], salt=salt))
