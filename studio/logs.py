"""Lines of the log know their request and their generation; with LOG_FORMAT=json each is one JSON object.

Facts are ids, words of ours and numbers: never a prompt, a key, a token, an address with a secret in it, or a body.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import UUID

from studio.origin import current

Fact = UUID | str | int | float | None

_generation: ContextVar[tuple[str, str]] = ContextVar("generation", default=("", ""))
"""The generation that is worked on here, and the request that asked for it."""


@contextmanager
def about(generation: UUID, *, request: str) -> Iterator[None]:
    """Let every line that is written inside belong to a generation, and to the request that asked for it."""
    before = _generation.set((str(generation), request))
    try:
        yield
    finally:
        _generation.reset(before)


def say(logger: logging.Logger, event: str, **facts: Fact) -> None:
    """Write a line of a known name with facts, where such lines are wanted (LOG_FORMAT=json)."""
    if logger.isEnabledFor(logging.INFO):
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        logger.info("%s %s", event, told, extra={"event": event, "facts": facts})


class Belonging(logging.Filter):
    """Writes on each record to which request and generation it belongs."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.generation, asked_by = _generation.get()
        record.request_id = current().request_id or asked_by
        return True


class JsonLines(logging.Formatter):
    """One JSON object a line: control characters are escaped, and a traceback stays in its line."""

    def format(self, record: logging.LogRecord) -> str:
        event = getattr(record, "event", "")
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event,
            "message": "" if event else record.getMessage(),
            "request": getattr(record, "request_id", ""),
            "generation": getattr(record, "generation", ""),
            "error": self.formatException(record.exc_info) if record.exc_info else "",
        }
        facts: dict[str, Fact] = getattr(record, "facts", {})
        return json.dumps({name: value for name, value in line.items() if value} | facts, default=str)
