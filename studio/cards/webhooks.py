"""Webhooks and what they were told, as pages show them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from studio.models import Delivery, DeliveryState, DeliveryTry, Webhook, WebhookKind, WhyOff
from studio.relays.network.fetch import host_of
from studio.words.webhooks import PROBLEMS

SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class WebhookCard:
    """One webhook in words; of its address a list shows the host, as the rest may open something."""

    name: str
    state: str
    on: bool
    hears: str
    waiting: int
    failed: int
    missed: int
    url: str


def card_of(row: Webhook) -> WebhookCard:
    count = len(row.kinds)
    state = "Failing" if row.is_on and row.failing_since else WhyOff(row.why_off).label
    return WebhookCard(
        name=host_of(row.url),
        state=str(state),
        on=row.is_on,
        hears=str(WebhookKind(row.kinds[0]).label) if count == 1 else f"{count} events",
        waiting=getattr(row, "waiting", 0),
        failed=getattr(row, "failed", 0),
        missed=getattr(row, "failed", 0) + getattr(row, "tried", 0),
        url=reverse("webhooks.detail", args=[row.pk]),
    )


@dataclass(frozen=True)
class TryCard:
    """One try: what came of it, when, how long it took, and how the answer began."""

    came: str
    good: bool
    at: object
    took_ms: int
    answer: str


def try_of(row: DeliveryTry) -> TryCard:
    came = str(row.status) if row.status else PROBLEMS.get(row.problem, row.problem)
    good = row.status is not None and 200 <= row.status < 300
    return TryCard(came, good, row.at, row.took_ms, row.answer)


@dataclass(frozen=True)
class DeliveryCard:
    """One delivery in words; `soon` is what is tried while somebody still looks."""

    pk: str
    title: str
    kind: str
    state: str
    act: str
    at: object
    due_at: object
    tries: int
    url: str
    replay_url: str
    soon: bool = False
    last: TryCard | None = None
    attempts: list[TryCard] = field(default_factory=list)


def delivery_of(row: Delivery, attempts: Iterable[DeliveryTry] = ()) -> DeliveryCard:
    told = [try_of(each) for each in attempts]
    waits = row.state == DeliveryState.WAITING
    return DeliveryCard(
        pk=row.public_id,
        title=str(WebhookKind(row.kind).label),
        kind=row.kind,
        state="Tried again" if waits and told else str(DeliveryState(row.state).label),
        act="" if waits and not told else "Send it now" if waits else "Send it again",
        at=row.created_at,
        due_at=row.due_at if waits and told else None,
        tries=len(told),
        url=reverse("webhooks.delivery", args=[row.pk]),
        replay_url=reverse("webhooks.replay", args=[row.pk]),
        soon=waits and row.due_at < timezone.now() + SOON,
        last=told[-1] if told else None,
        attempts=told,
    )


def written(body: bytes | None) -> str:
    """Return a message for reading; nothing where there is none any more."""
    facts: Any = json.loads(body) if body else None
    return json.dumps(facts, ensure_ascii=False, indent=2) if facts else ""
