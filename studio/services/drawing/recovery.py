"""Finds answers on this machine's disk whose generations were given up while it was away (SAFETY §1.7)."""

import logging
import re
from uuid import UUID

from django.conf import settings

from studio.models import Generation, State
from studio.models.runs import DRAWN_BY
from studio.services.drawing import run, settlement

logger = logging.getLogger(__name__)

NAME = re.compile(r"([0-9a-f-]{36})-(\d+)\.spool")


def find_answers() -> int:
    """Save what relays answered for lost rows, if the answer lies here after all; return for how many."""
    names = [NAME.fullmatch(path.name) for path in settings.SPOOL_DIR.glob("*.spool")]
    here = {(UUID(name[1]), int(name[2])) for name in names if name}
    rows = Generation.objects.in_state(State.UNKNOWN, State.RECEIVED).filter(pk__in={pk for pk, _ in here})
    rows = rows.exclude(state=State.UNKNOWN, reason="failed_late")  # theirs was read: it says nothing more
    rows = rows.select_related("prompt", "owner", *DRAWN_BY).order_by("pk")
    return sum(_take_up(row) for row in rows if (row.pk, row.attempts) in here)


def _take_up(row: Generation) -> bool:
    """Go on with the row where its answer is; other machines could only look for it in vain."""
    this = Generation.objects.filter(pk=row.pk)
    if row.state == State.UNKNOWN:
        if not settlement.find_again(generation=row, worker=""):
            return False
        logger.warning("answer.found generation=%s", row.pk)
    this.filter(state=State.RECEIVED, claimed_by="").update(not_before=None)
    return run.run_next(rows=this) is not None
