"""Writes each refusal down as one line of JSON, for whoever watches over the studio (SAFETY §4)."""

import json
import logging
from datetime import UTC, datetime
from uuid import UUID

logger = logging.getLogger(__name__)


def refused(name: str, **facts: UUID | str | int | None) -> None:
    """Write the line `security.<name>`: ids and rules, never a prompt, a key, a token, a cookie or a query."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    logger.warning(json.dumps({"event": f"security.{name}", "at": at, **facts}, default=str))
