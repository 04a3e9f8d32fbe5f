"""What went to a relay and how it came back, for machines that read the log."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from studio import logs
from studio.models import RelayRequest
from studio.relays.dialects.base import RelayError

drawn = logging.getLogger("studio.drawn")


@contextmanager
def of(relay_request: RelayRequest) -> Iterator[dict[str, logs.Fact]]:
    """Write how a request to a relay ended, and after how long; what is put into the facts is said as well."""
    began = time.monotonic()
    told: dict[str, logs.Fact] = {"model": relay_request.model_id, "attempt": relay_request.attempt}
    try:
        yield told
    except RelayError as error:
        told.update(kind=error.kind, status=error.status)
        raise
    finally:
        logs.say(drawn, "relay.asked", **told, ms=round((time.monotonic() - began) * 1000))
