"""When a link that a relay gave will die, as far as the link and its answer say (RELAYS.md §2.10)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

SIGNED = (("x-amz-date", "x-amz-expires"), ("x-goog-date", "x-goog-expires"))
"""Names of the moment of signing and the seconds from then, in links to S3 and to Google's storage."""

MOMENTS = ("expires", "expires_at", "expiry", "exp", "se")
"""Names of the moment itself: seconds since 1970, or a date as Azure writes it."""

SANE = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


def death(url: str) -> datetime | None:
    """Return the moment that a link names as its end, or None."""
    try:
        asked = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
    except ValueError:
        return None
    return _signed(asked) or next(filter(None, (moment(asked.get(name)) for name in MOMENTS)), None)


def moment(value: object) -> datetime | None:
    """Return a moment that is given in seconds or milliseconds since 1970, or as a date; None if it is neither."""
    try:
        text = str(value).strip()
        number = float(text)
        found: datetime | None = datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
    except (ValueError, OverflowError, OSError):
        found = _date(value)
    return found if found and SANE[0] < found < SANE[1] else None


def _date(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value).strip()) if value else None
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None


def _signed(asked: Mapping[str, str]) -> datetime | None:
    for at, seconds in SIGNED:
        if asked.get(at) and asked.get(seconds, "").isdigit():
            start = moment_of_signing(asked[at])
            return start + timedelta(seconds=int(asked[seconds][:9])) if start else None
    return None


def moment_of_signing(text: str) -> datetime | None:
    """Return the moment that is written as 20260131T120000Z."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
