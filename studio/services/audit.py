"""Writes down who did what, and looks whether anybody has meddled with it."""

import logging
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from studio import logs, origin
from studio.db import at_the_end
from studio.inserts import insert
from studio.models import AuditEntry, User

done = logging.getLogger("studio.done")


def record(*, actor: User | None, action: str, subject: object, **detail: Any) -> None:
    """Add an entry as the last thing of the caller's transaction; `actor` is None when the studio itself acted.

    The chain is locked from then to the commit and nothing is locked after it, so that nobody waits in a circle.
    """
    here = origin.current()
    entry = AuditEntry(at=timezone.now(), actor=actor, action=action, subject=str(subject), detail=detail)
    entry.address, entry.request_id, entry.token = here.address, here.request_id, here.token
    at_the_end(_append, entry)
    logs.say(done, action, subject=entry.subject, actor=actor.pk if actor else None)


def _append(entries: list[AuditEntry]) -> None:
    """Let entries join the chain in their order."""
    seq, previous = AuditEntry.objects.last_link()
    for entry in entries:
        entry.follow(seq, previous)
        seq, previous = entry.seq, entry.hash
    insert(*entries)


@dataclass(frozen=True)
class Chain:
    """How far the chain holds: its last good entry, and the first that does not follow, if one does not."""

    count: int
    head: str
    broken: AuditEntry | None = None
    cut_off: bool = False

    @property
    def is_whole(self) -> bool:
        return self.broken is None and not self.cut_off


def verify(*, head: str = "") -> Chain:
    """Follow the chain from its beginning; `head` ("number:hash") is an entry that was noted down and must be there.

    The chain alone finds what was changed, removed or put in between, not what was cut off at its end.
    """
    count, previous, met = 0, "", not head
    for entry in AuditEntry.objects.all().oldest_first():
        if entry.seq != count + 1 or entry.hash != entry.hash_after(previous):
            return Chain(count, previous, broken=entry)
        count, previous = entry.seq, entry.hash
        met = met or head == f"{count}:{previous}"
    return Chain(count, previous, cut_off=not met)
