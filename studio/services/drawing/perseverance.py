"""Database steps that must be taken: what a relay has answered was paid for (SAFETY §6, rows 32 and 45)."""

import logging
import time
from collections.abc import Callable

from django.db import connection

from studio.outages import outage

logger = logging.getLogger(__name__)

PATIENCE = 3600.0
"""Seconds after which a step is given up; the row still says what may be done next."""

PAUSE = 1.0


def persevere[**P, T](step: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Return what the step returns; repeat it while the database is busy or away. It must bear being done twice."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return step(*arguments, **named)
        except Exception as error:
            if not outage(error) or connection.in_atomic_block or time.monotonic() > give_up_at:
                raise
            logger.warning("a step of a generation waits for the database", exc_info=error)
            connection.close()
            time.sleep(PAUSE)
