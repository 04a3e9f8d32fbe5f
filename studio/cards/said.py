"""What the card of a generation says: its reason in words, the seconds of a pause, its place in the line."""

import math
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from studio.models import Generation, State, installation
from studio.services.drawing import line
from studio.services.receipts import hides_models
from studio.words import NO_REASON, Reader, Reason
from studio.words.drawing import EDIT, in_line


@dataclass(frozen=True)
class Countdown:
    """The words of a pause in three parts, of which the second counts the seconds down; `said` stands still."""

    said: str
    before: str
    seconds: int
    after: str


def said(row: Generation, why: Reason | None = None) -> str:
    """Return a reason (the row's own) in words; a blind comparison's name nothing by which a relay could be known."""
    return (row.why if why is None else why).said(reader_of(row))


def closed(row: Generation) -> Reason:
    """That an administrator must let drawing go on, or resume the relay, first."""
    if (team := installation()).is_stopped and row.state == State.QUEUED:
        return Reason("drawing_stopped", why=team.stopped_why)
    relay = row.drawn_by.relay
    return Reason("waits_for_relay", why=relay.pause) if relay.is_paused else NO_REASON


def again(row: Generation) -> int | None:
    """Seconds until a waiting generation is tried again by itself."""
    if row.state not in (State.QUEUED, State.RECEIVED) or row.claimed_by or row.not_before is None:
        return None
    return max(0, math.ceil((row.not_before - timezone.now()).total_seconds()))


def countdown(row: Generation) -> Countdown | None:
    """The words of a pause around the seconds that are left of it."""
    left = again(row)
    if left is None or (row.state == State.QUEUED and said(row, closed(row))):
        return None
    before, wait, after = row.why.split(reader_of(row))
    return Countdown(said(row), before, left, after) if wait else None


def reader_of(row: Generation) -> Reader:
    """Return who reads of this run: its person, or one who must not learn the model yet."""
    return Reader.BLIND if hides_models(row) else Reader.PERSON


def edit(row: Generation) -> str:
    """What leads back to the composer with everything that was asked for."""
    if row.state == State.REFUSED:
        return "Edit prompt"
    return EDIT.get(row.reason, "") if row.state == State.FAILED else ""


def places_of(rows: list[Generation]) -> dict[UUID, str]:
    """Say how many are before each row that waits, and when it begins where somebody is.

    A blind comparison's says no time: it would tell the models apart.
    """
    waiting = [row for row in rows if row.state == State.QUEUED]
    if not waiting:
        return {}
    found = line.look()
    ahead = found.ahead()
    shown = [row for row in waiting if ahead.get(row.pk) and not hides_models(row)]
    begins = found.starts if shown and not installation().is_stopped else {}
    told = {row.pk: begins.get(row.pk) for row in shown}
    return {row.pk: in_line(ahead.get(row.pk, 0), told.get(row.pk)) for row in waiting}
