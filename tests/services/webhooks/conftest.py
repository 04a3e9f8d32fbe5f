"""A receiver, and webhooks of bob's and of the team that lead to it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from studio.models import Delivery, Webhook, WebhookKind, installation
from studio.services.webhooks import deliveries, edit
from tests.receiver import Receiver


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    with Receiver() as one:
        settings.WEBHOOK_PRIVATE_ALLOW = frozenset({one.spot})
        yield one


@pytest.fixture
def made(receiver, bob) -> tuple[Webhook, str]:
    """Bob's webhook that hears of everything he may hear of, and its secret."""
    return edit.add(person=bob, url=receiver.url, kinds=list(WebhookKind))


@pytest.fixture
def hook(made) -> Webhook:
    return made[0]


@pytest.fixture
def secret(made) -> str:
    return made[1]


@pytest.fixture
def team_hook(receiver, alice) -> Webhook:
    """The team's webhook that hears of everything."""
    return edit.add(person=alice, url=receiver.url + "/team", kinds=list(WebhookKind), team=True)[0]


@pytest.fixture
def send(receiver) -> Callable[[], list[dict[str, Any]]]:
    """Deliver everything that waits, whenever it is due; return the bodies that arrived by that."""

    def run() -> list[dict[str, Any]]:
        before = len(receiver.messages)
        Delivery.objects.waiting().update(due_at=timezone.now(), held_until=None)
        while deliveries.deliver_next():
            pass
        return [json.loads(each.body) for each in receiver.messages[before:]]

    return run


@pytest.fixture(autouse=True)
def _heard(db) -> None:
    assert not installation().has_webhooks
