"""What the first page of administration shows: facts in groups, and each trouble with its one next step."""

import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from studio import VERSION
from studio.cards.images import moment
from studio.models import Installation, Relay, State
from studio.services.health import TROUBLES, Health
from studio.templatetags.studio import bytes as size
from studio.words import Reason
from studio.words.readers import span
from studio.words.relays import KINDS

LONG, JUST_NOW = datetime.timedelta(minutes=15), 5.0
"""How long something may wait before it is named as a trouble."""

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def troubles_of(health: Health, team: Installation) -> list[dict[str, Any]]:
    """Return what is wrong, the worst first, each with a link to what can be done."""
    found = []
    if not health.is_current:
        found.append(_trouble(Reason("database_old")))
    if not health.writable:
        found.append(_trouble(health.refusal))
    if not health.workers:
        found.append(_trouble(Reason("no_worker", seconds=settings.LEASE_SECONDS)))
    if health.is_low:
        found.append(_trouble(Reason("storage_low", free=size(health.spool_free))))
    if health.missing:
        found.append(_trouble(Reason("originals_missing", count=health.missing)))
    if team.is_stopped:
        found.append(_trouble(Reason("drawing_is_stopped"), "administration.settings", "Let it go on"))
    found += [_of_relay(relay) for relay in health.relays if relay.enabled and relay.trouble]
    waited = timezone.now() - health.oldest if health.oldest else datetime.timedelta()
    if waited > LONG and not team.is_stopped:
        found.append(
            _trouble(
                Reason("waits_long", span=span(round(waited.total_seconds()))),
                "relays.index",
                "Look at the relays",
            )
        )
    return found


def _trouble(why: Reason, page: str = "", act: str = "") -> dict[str, Any]:
    return {"said": why.said(), "url": reverse(page) if page else "", "act": act}


def _of_relay(relay: Relay) -> dict[str, Any]:
    url = reverse("relays.detail", args=[relay.pk])
    return {"said": relay.what_is_wrong.said(), "url": url, "act": f"Look at {relay.name}"}


def groups_of(health: Health) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the facts in groups, each a name and its value."""
    return [
        ("Queue", _queue(health)),
        ("Today", _today(health)),
        ("Workers", _workers(health)),
        ("Storage", _storage(health)),
        ("Studio", _studio(health)),
    ]


def _queue(health: Health) -> list[tuple[str, str]]:
    held, queued = health.waiting[State.HELD], health.waiting[State.QUEUED]
    drawn = sum(health.waiting[state] for state in (State.CLAIMED, State.SENT, State.RECEIVED))
    oldest = span(round((timezone.now() - health.oldest).total_seconds())) if health.oldest else "–"
    return [
        ("Waiting", str(queued)),
        ("Being drawn", str(drawn)),
        ("Held for moderators", str(held)),
        ("Oldest waits for", oldest),
    ]


def _today(health: Health) -> list[tuple[str, str]]:
    failed = sum(health.ended_today[state] for state in TROUBLES)
    kinds = [
        (KINDS.get(kind, kind or "other").capitalize(), str(count)) for kind, count in health.failures[:4]
    ]
    facts = [("Images", str(health.images_today)), ("Runs done", str(health.ended_today[State.DONE]))]
    return [*facts, ("Runs that failed", str(failed)), *kinds]


def _workers(health: Health) -> list[tuple[str, str]]:
    rows = [(each.machine, f"{each.running} running, seen {_ago(each.seen_at)}") for each in health.workers]
    rows += [(each.machine, f"last seen {_ago(each.seen_at)}") for each in health.gone[:3]]
    return rows or [("None", "no sign of life")]


def _storage(health: Health) -> list[tuple[str, str]]:
    facts = [("Takes pictures", "yes" if health.writable else "no"), ("Images kept", str(health.kept))]
    facts.append(("Used by them", size(health.used)))
    if (timezone.now() - health.counted_at).total_seconds() > JUST_NOW:
        facts.append(("Counted", _ago(health.counted_at)))
    if health.free is not None:
        facts.append(("Free", size(health.free)))
    return [*facts, ("Free for answers", size(health.spool_free))]


def _studio(health: Health) -> list[tuple[str, str]]:
    backup = _ago(health.backup) if health.backup else "not known"
    database = DATABASES.get(health.database, health.database)
    return [("Version", VERSION), ("Database", database), ("Last backup", backup)]


def _ago(at: datetime.datetime) -> str:
    seconds = max(0, round((timezone.now() - at).total_seconds()))
    return f"{span(seconds)} ago" if seconds < 86_400 else moment(at)


def relays_of(health: Health) -> list[dict[str, str]]:
    """Return each relay with how it stands."""
    return [
        {"name": relay.name, "url": reverse("relays.detail", args=[relay.pk]), **_standing(relay)}
        for relay in health.relays
    ]


def _standing(relay: Relay) -> dict[str, str]:
    if not relay.enabled:
        return {"state": "Off", "tone": ""}
    if relay.is_paused:
        return {"state": "Paused", "tone": "wait"}
    return {"state": "In trouble", "tone": "harm"} if relay.trouble else {"state": "Ready", "tone": "good"}
