"""How the studio stands: whether it can draw and keep, what waits, what went wrong today."""

import datetime
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Count, Min, Sum
from django.utils import timezone

from studio.models import Generation, Image, Relay, State, WorkerProcess, schema
from studio.models.ids import first_at
from studio.models.states import ACTIVE
from studio.relays.answers.room import FLOOR
from studio.services import disk
from studio.storages import WrongClock
from studio.words import NO_REASON, Reason

ALIVE = 3
"""Beats that a worker may miss and still counts as alive."""

TROUBLES = (State.FAILED, State.REFUSED, State.BROKEN, State.UNKNOWN)
BACKUP = "last_backup"
"""A file in the state folder that a backup touches when it is done."""

STOPPING = "stopping"
"""A file in the state folder while the supervisor waits for the worker to finish (config/supervise.py)."""

BEATS = datetime.timedelta(seconds=60)
"""Within which a worker must have given a sign of life."""

TRY_EVERY = 5.0

_tried = (-TRY_EVERY, NO_REASON)
"""When the storage was tried last, by the monotonic clock, and why it took no file."""

LONG, BELIEVED = 0.05, 300.0
"""A count of all pictures that took so many seconds is believed for so many by the process that made it."""

_counted: tuple[float, dict[str, Any], datetime.datetime] = (0.0, {}, timezone.now())
"""Until when the count is believed, by the monotonic clock; what it found; when that was."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What an administrator should know, read in a fixed number of statements."""

    workers: list[WorkerProcess]
    gone: list[WorkerProcess]
    relays: list[Relay]
    waiting: Counter[str]
    oldest: datetime.datetime | None
    images_today: int
    ended_today: Counter[str]
    failures: list[tuple[str, int]]
    kept: int
    missing: int
    used: int
    counted_at: datetime.datetime
    free: int | None
    spool_free: int
    refusal: Reason
    database: str
    is_current: bool
    backup: datetime.datetime | None

    @property
    def writable(self) -> bool:
        return not self.refusal

    @property
    def is_low(self) -> bool:
        return self.spool_free < FLOOR


def look(*, fresh: bool = True) -> Health:
    """Look at everything; the storage is tried by writing a small file and removing it, unless lately will do."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    ended = Generation.objects.filter(settled_at__gte=today).order_by()
    kept, counted_at = _kept()
    alive = datetime.timedelta(seconds=settings.LEASE_SECONDS * ALIVE / 3)
    workers = list(WorkerProcess.objects.order_by("name"))
    names = set(WorkerProcess.objects.seen_within(alive).values_list("pk", flat=True))
    active = Generation.objects.in_state(*ACTIVE).order_by().values_list("state")
    return Health(
        workers=[each for each in workers if each.pk in names],
        gone=[each for each in workers if each.pk not in names],
        relays=list(Relay.objects.in_use()),
        waiting=Counter(dict(active.annotate(Count("pk")))),
        oldest=Generation.objects.in_state(State.QUEUED).aggregate(first=Min("created_at"))["first"],
        images_today=Image.objects.filter(saved_at__gte=today, pk__gte=first_at(today)).count(),
        ended_today=Counter(dict(ended.values_list("state").annotate(Count("pk")))),
        failures=_failures(today),
        kept=kept["count"],
        missing=kept["missing"],
        used=kept["size"] or 0,
        counted_at=counted_at,
        free=disk.free(getattr(default_storage, "location", "")),
        spool_free=disk.free(settings.SPOOL_DIR) or 0,
        refusal=refusal() if fresh else refusal_lately(),
        database=connection.vendor,
        is_current=schema.fits(),
        backup=_backup(),
    )


def _kept() -> tuple[dict[str, Any], datetime.datetime]:
    """Return how many pictures are kept, and when that was counted: where it takes long, up to five minutes ago."""
    global _counted
    if time.monotonic() > _counted[0]:
        began = time.monotonic()
        found = Image.objects.filter(removed_at=None).aggregate(
            count=Count("pk"), size=Sum("byte_size"), missing=Count("missing_since")
        )
        until = began + BELIEVED if time.monotonic() - began > LONG else 0.0
        _counted = (until, found, timezone.now())
    return _counted[1:]


def _failures(since: datetime.datetime) -> list[tuple[str, int]]:
    """Return which kinds of failures there were, the most frequent first."""
    rows = Generation.objects.in_state(*TROUBLES).filter(settled_at__gte=since).order_by()
    return sorted(rows.values_list("error_kind").annotate(Count("pk")), key=lambda row: -row[1])


def is_ready() -> dict[str, bool]:
    """Return whether the database answers and fits, pictures can be stored, somebody draws, and nobody stops it all.

    Anybody may ask, so this is cheap however often that is.
    """
    return {
        "database": _answers(),
        "migrations": not schema.newer() and not schema.older(),
        "storage": not refusal_lately(),
        "worker": WorkerProcess.objects.seen_within(BEATS).exists(),
        "staying": not (settings.STATE_DIR / STOPPING).exists(),
    }


def _answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def refusal_lately() -> Reason:
    """Return why the storage took no file when it was tried last; it is tried once in TRY_EVERY seconds."""
    global _tried
    if time.monotonic() > _tried[0] + TRY_EVERY:
        _tried = (time.monotonic(), refusal())
    return _tried[1]


def refusal() -> Reason:
    """Write a small file into the storage and remove it; return why that did not go."""
    name = f"health/{secrets.token_hex(8)}"
    try:
        default_storage.delete(default_storage.save(name, ContentFile(b"Lightfast")))
    except WrongClock:
        return Reason("storage_clock")
    except Exception:  # whatever a storage raises: the answer is no
        return Reason("storage_not_writable")
    return NO_REASON


def _backup() -> datetime.datetime | None:
    try:
        at = (settings.STATE_DIR / BACKUP).stat().st_mtime
    except OSError:
        return None
    return datetime.datetime.fromtimestamp(at, datetime.UTC)
