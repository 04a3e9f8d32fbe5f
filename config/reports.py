"""Reports of errors to a service that speaks Sentry's protocol (SENTRY_DSN): what failed and where, and nothing else.

An error's own words may hold a prompt, a key or a body (PostgreSQL quotes the row that it refuses), so none are sent:
only types, places in the code, the constant text of the log line, and the ids of request and generation.
"""

import logging
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from studio.logs import Belonging
from studio.outages import OncePerMinute

FRAME = ("filename", "function", "lineno", "module", "in_app")
KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk")

once, belonging = OncePerMinute(), Belonging()


def start(dsn: str, *, release: str) -> None:
    """Report what is logged as an error, of web and worker; without an address nothing is loaded."""
    if not dsn:
        return
    try:
        import sentry_sdk  # noqa: PLC0415 - only who asks for reports has it
        from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415
        from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415
    except ImportError:
        raise ImproperlyConfigured("SENTRY_DSN needs a package: install requirements-sentry.txt") from None
    sentry_sdk.init(
        dsn=dsn,
        release=f"lightfast@{release}",
        default_integrations=False,
        integrations=[
            AtexitIntegration(
                callback=lambda pending, timeout: None
            ),  # what waits is sent first, and nothing is said
            LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None),
        ],
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        before_send=bare,
    )


def bare(event: Any, hint: dict[str, Any]) -> Any:
    """Return the report with nothing in it but what is named here; none for the second line of an outage (row 43)."""
    record = hint.get("log_record")
    if record is None or not once.filter(record):
        return None
    belonging.filter(record)
    found: dict[str, Any] = {name: event[name] for name in KEPT if name in event}
    found["logentry"] = {"message": str(record.msg)[:200] if record.args or record.exc_info else record.name}
    found["tags"] = {"request": record.request_id, "generation": record.generation}
    errors = event.get("exception", {}).get("values", [])
    found["exception"] = {"values": [_error(each) for each in errors]}
    return found


def _error(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    places = [{name: frame[name] for name in FRAME if name in frame} for frame in frames]
    return {"type": error.get("type"), "module": error.get("module"), "stacktrace": {"frames": places}}
