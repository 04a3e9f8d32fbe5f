"""How fast one worker tells receivers, alone and beside some that hang."""

import threading
import time
from typing import Any

from studio.models import Delivery, User, Webhook, WebhookKind
from studio.services.webhooks import edit
from tests.receiver import Receiver

PATIENCE = 120.0
HANGS = 60.0
"""Seconds: longer than a try may take."""


def hook_of(person: User, receiver: Receiver) -> Webhook:
    return edit.add(person=person, url=receiver.url, kinds=[WebhookKind.COMPLETED])[0]


def told(person: User, hook: Webhook, receiver: Receiver, *, count: int) -> dict[str, Any]:
    """Have so much told; return how it went, from the first that arrived to the last."""
    came: list[float] = []
    all_came = threading.Event()

    def arrived() -> None:
        came.append(time.monotonic())
        if len(came) >= count:
            all_came.set()

    receiver.before = arrived
    Delivery.objects.bulk_create(Delivery(webhook=hook, kind=WebhookKind.TEST) for _ in range(count - 1))
    began = time.monotonic()
    edit.ask_for_test(webhook=hook, person=person)
    all_came.wait(PATIENCE)
    took = came[-1] - came[0] if came else 0.0
    first = round(1000 * (came[0] - began)) if came else None
    return {"arrived": len(came), "a_second": round(len(came) / took, 1) if took else None, "first_ms": first}


def beside(person: User, *, hanging: list[Receiver], each: int) -> None:
    """Have some receivers hang with a queue behind each."""
    for receiver in hanging:
        receiver.before = lambda: time.sleep(HANGS)
        hook = hook_of(person, receiver)
        Delivery.objects.bulk_create(Delivery(webhook=hook, kind=WebhookKind.TEST) for _ in range(each))
        edit.ask_for_test(webhook=hook, person=person)
