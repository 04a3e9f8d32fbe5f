"""What browsers elsewhere may do at /v1/ (settings.py): nothing, until an origin is named."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

ADDRESSES = r"^/v1/"
METHODS = ["GET", "POST", "OPTIONS"]

ASKED_WITH = [
    "accept",
    "authorization",
    "content-type",
    "user-agent",
    "api-key",
    "x-api-key",
    "idempotency-key",
    "prefer",
    "openai-organization",
    "openai-project",
    *(f"x-stainless-{name}" for name in ("arch", "lang", "os", "package-version", "retry-count", "runtime")),
    *(f"x-stainless-{name}" for name in ("runtime-version", "timeout", "read-timeout", "helper-method")),
]
"""Headers that a page may send: those of the libraries."""

TOLD_IN = [
    "idempotent-replayed",
    "location",
    "retry-after",
    "x-lightfast-ignored",
    "x-request-id",
    "x-should-retry",
]
"""Headers that a page may read."""


def origins(named: list[str]) -> list[str]:
    """Return the origins; one with a path, or a star, stops the start."""
    for each in named:
        parts = urlsplit(each)
        if (
            parts.scheme not in ("http", "https")
            or not parts.netloc
            or each != f"{parts.scheme}://{parts.netloc}"
        ):
            raise ImproperlyConfigured(
                f"LIGHTFAST_API_ORIGINS: an origin is like https://app.example.com, not {each!r}."
            )
    return named
