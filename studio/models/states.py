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
