"""Where a generation stands."""

from django.db import models


class State(models.TextChoices):
    """Where a generation stands."""

    HELD = "held", "waiting for a moderator"
    QUEUED = "queued", "waiting"
    CLAIMED = "claimed", "starting"
    SENT = "sent", "asking the relay"
    RECEIVED = "received", "saving"
    DONE = "done", "done"
    REFUSED = "refused", "refused"
    FAILED = "failed", "failed"
    BROKEN = "broken", "answer unusable"
    UNKNOWN = "unknown", "contact lost"
    CANCELLED = "cancelled", "cancelled"


WAITING = (State.HELD, State.QUEUED)
RUNNING = (State.CLAIMED, State.SENT, State.RECEIVED)
ACTIVE = WAITING + RUNNING

TOLD = {
    State.HELD: "held",
    State.QUEUED: "queued",
    State.CLAIMED: "in_progress",
    State.SENT: "in_progress",
    State.RECEIVED: "in_progress",
    State.DONE: "completed",
    State.CANCELLED: "cancelled",
    State.UNKNOWN: "unknown",
}
"""Where a generation stands, as programs are told it; all else has failed."""


def told(state: str) -> str:
    """Return the word for a state by which programs know image tasks, in answers and in webhooks."""
    return TOLD.get(State(state), "failed")
