"""From an answer that brought no pictures to one class of failure (RELAYS.md §2.8, §2.9)."""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from studio.relays.shapes import Kind, RelayError, mask, plain

Json = Mapping[str, Any]
WAIT_LIMIT = 86_400.0
SHORT = 200

_URLS = re.compile(r"https?://\S+")
_FUNDS = re.compile(r"quota|balance|credit|billing|insufficient.?funds|余额|额度", re.IGNORECASE)
_RATE = re.compile(
    r"rate.?limit|too.?many.?requests|per.?(?:second|minute|hour|day)|(?:requests|tokens|images)/",
    re.IGNORECASE,
)
_SHORTAGE = re.compile(
    r"insufficient|not enough|out of|no (?:more )?credit|exceeded your current quota|不足", re.IGNORECASE
)
_POLICY_CODE = re.compile(
    r"moderation|content.?polic|policy.?violation|safety|content.?filter|responsible.?ai|nsfw", re.IGNORECASE
)
_POLICY_TEXT = re.compile(
    r"moderation_blocked|content.{0,2}polic|safety|content.?filter|responsible.?ai|nsfw|\bflagged\b"
    r"|violat\w*.{0,40}\bpolic|(?:blocked|rejected|refused).{0,40}\b(?:moderation|policy)",
    re.IGNORECASE | re.DOTALL,
)
_PARAMETER_CODE = re.compile(r"param|invalid_(?:value|type|enum)|extra_forbidden|missing", re.IGNORECASE)
_PARAMETER_NAME = re.compile(
    r"(?:parameter|argument|field|value for)s?:? ['\"`]([\w.\[\]-]{1,80})['\"`]", re.IGNORECASE
)
_MODEL_CODE = re.compile(r"model.?(?:not.?found|does.?not.?exist|not.?exist)|no.?such.?model", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_INVALID = frozenset({400, 404, 405, 409, 413, 415, 422})


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What a relay said about a failure, in the words of the relay, cleaned but not yet judged."""

    status: int
    code: str = ""
    type: str = ""
    message: str = ""
    param: str = ""
    reasons: bool = False
    headers: Json = field(default_factory=dict)
    model: str = ""
    retries_502: bool = False
    inside_200: bool = False

    @property
    def words(self) -> str:
        """The code and the type in one string."""
        return f"{self.code} {self.type}"

    @property
    def text(self) -> str:
        """The message without web addresses, whose paths name things the message does not."""
        return _URLS.sub("", self.message)


def out_of_funds(said: Complaint) -> bool:
    """Tell an empty account from a rate limit: both come as 429, and a rate limit may mention billing."""
    if said.status == 402:
        return True
    if said.status not in (403, 429) and not (said.status in (400, 200) and _FUNDS.search(said.words)):
        return False
    if _FUNDS.search(said.words):
        return True
    is_rate = _RATE.search(f"{said.words} {said.text}")
    return bool(_FUNDS.search(said.text)) and (not is_rate or bool(_SHORTAGE.search(said.text)))


def blocked(said: Complaint) -> bool:
    """Tell a refused prompt from a refused parameter that happens to be called safety_checker."""
    if said.status not in (200, 400, 403, 422, 502):
        return False
    if said.reasons or _POLICY_CODE.search(said.words):
        return True
    is_parameter = _PARAMETER_CODE.search(said.code) or said.param not in ("", "prompt")
    return not is_parameter and bool(_POLICY_TEXT.search(said.text))


def rate_limited(said: Complaint) -> bool:
    """Any other 429, and a 503 that says when to come back."""
    return said.status == 429 or (said.status == 503 and "retry-after" in said.headers)


def model_gone(said: Complaint) -> bool:
    """A 404 that names the model, or a code that says so whatever the status."""
    if _MODEL_CODE.search(said.words):
        return True
    names = "model" in said.text.lower() or bool(said.model and said.model.lower() in said.text.lower())
    return said.status == 404 and names


def invalid(said: Complaint) -> bool:
    """The listed statuses, and the rest of 3xx and 4xx but those that say the call was cut off on the way."""
    return said.status in _INVALID or (300 <= said.status < 500 and said.status not in (408, 425, 499))


RULES: list[tuple[Kind, Callable[[Complaint], bool]]] = [
    (Kind.OUT_OF_FUNDS, out_of_funds),
    (Kind.BLOCKED, blocked),
    (Kind.RATE_LIMITED, rate_limited),
    (Kind.AUTH, lambda said: said.status in (401, 403)),
    (Kind.MODEL_GONE, model_gone),
    (Kind.INVALID, invalid),
    (Kind.BAD_ANSWER, lambda said: said.inside_200 or said.status < 300),
    (Kind.TRANSIENT, lambda said: said.status in (500, 503) or (said.status == 502 and said.retries_502)),
]


def kind_of(said: Complaint) -> Kind:
    """Return the first class whose rule holds, in the order of RELAYS.md §2.8; UNKNOWN when none does."""
    return next((kind for kind, rule in RULES if rule(said)), Kind.UNKNOWN)


def classify(
    status: int,
    *,
    headers: Json,
    body: Json,
    text: str = "",
    model: str = "",
    retries_502: bool = False,
    secret: str = "",
) -> RelayError:
    """Return the error an answer stands for; `body` is its JSON object, or {} with the raw `text`."""
    error = _error_object(body)
    said = Complaint(
        status=_status(status, error),
        code=_short(error.get("code"), secret),
        type=_short(error.get("type"), secret),
        message=plain(mask(_message(error, text), secret)),
        param=_param(error, secret),
        reasons=bool(_metadata(error).get("reasons")),
        headers=headers,
        model=model,
        retries_502=retries_502,
        inside_200=status < 300,
    )
    return RelayError(
        kind_of(said),
        status=status,
        code=said.code or said.type,
        message=said.message,
        param=said.param,
        trace_id=trace_id(headers, body, secret),
        retry_after=retry_after(headers, body),
    )


def trace_id(headers: Json, body: Json, secret: str = "") -> str:
    """Return the first id found in the error, beside it, or in the headers (order of RELAYS.md §2.9)."""
    error = body.get("error")
    inner: Json = error if isinstance(error, Mapping) else {}
    found = [inner.get("id"), inner.get("trace_id"), body.get("error_id"), body.get("request_id")]
    found += [headers.get(name) for name in ("x-request-id", "x-litellm-call-id")]
    return next((_short(value, secret) for value in found if isinstance(value, str | int) and value), "")


def retry_after(headers: Json, body: Json) -> float | None:
    """Return the seconds the relay asks us to wait, from whichever place it uses, or None."""
    metadata = _metadata(_error_object(body))
    waits = (
        _retry_after_header(str(headers.get("retry-after", ""))),
        _number(headers.get("retry-after-ms"), 0.001),
        _number(metadata.get("retry_after_seconds")),
        _reset(headers),
    )
    wait = next((wait for wait in waits if wait is not None), None)
    return None if wait is None else min(max(wait, 0.0), WAIT_LIMIT)


def _retry_after_header(text: str) -> float | None:
    """Read seconds or an HTTP date."""
    seconds = _number(text)
    if seconds is not None or not text:
        return seconds
    try:
        return parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _reset(headers: Json) -> float | None:
    """Read x-ratelimit-reset…: of the limits that are used up the longest, else the shortest of all."""
    waits: dict[str, float] = {}
    for name, value in headers.items():
        if name.startswith("x-ratelimit-reset"):
            wait = _duration(str(value))
            if wait is not None:
                waits[name] = wait
    used_up = [
        wait
        for name, wait in waits.items()
        if headers.get(name.replace("-reset", "-remaining", 1), "") == "0"
    ]
    if used_up:
        return max(used_up)
    return min(waits.values(), default=None)


def _duration(text: str) -> float | None:
    """Read "6m0s", "20ms", seconds, or a moment in seconds or milliseconds since 1970."""
    number = _number(text)
    if number is None:
        parts = _DURATION.findall(text[:64])
        return sum(float(amount) * _UNITS[unit.lower()] for amount, unit in parts) if parts else None
    if number > 1e11:
        number /= 1000
    return number - time.time() if number > 1e9 else number


def _number(value: object, factor: float = 1.0) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value) * factor
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _error_object(body: Json) -> Json:
    """Find the error's fields wherever a relay puts them: error, a plain string, detail, or the top level."""
    error = body.get("error")
    if isinstance(error, Mapping):
        return error
    detail = body.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], Mapping):
        first = detail[0]
        place = first.get("loc")
        return {
            "message": first.get("msg"),
            "type": first.get("type"),
            "param": place[-1] if isinstance(place, list) and place else "",
        }
    if isinstance(detail, Mapping):
        return detail
    message = body.get("message") or (error if isinstance(error, str) else detail)
    return (
        {**body, "message": message if isinstance(message, str) else json.dumps(body)[:SHORT]} if body else {}
    )


def _message(error: Json, text: str) -> str:
    """Return the error's sentence with the reasons that may stand beside it (RELAYS.md §1.5), else the raw text."""
    reasons = _metadata(error).get("reasons")
    named = [str(reason) for reason in reasons[:10]] if isinstance(reasons, list) else []
    message = str(error.get("message") or text)
    return f"{message} ({', '.join(named)})" if named else message


def _metadata(error: Json) -> Json:
    metadata = error.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _status(status: int, error: Json) -> int:
    """Believe a 4xx named inside a 200, but no 5xx: that would repeat a call which may have been charged."""
    if status >= 300:
        return status
    for value in (error.get("status_code"), error.get("status"), error.get("code")):
        number = _number(value)
        if number is not None and 400 <= number < 500:
            return int(number)
    return status


def _param(error: Json, secret: str) -> str:
    """Return the name of the field at fault, without its path; from the message when the relay sets none."""
    name = _short(error.get("param"), secret)
    if not name:
        found = _PARAMETER_NAME.search(str(error.get("message") or "")[:SHORT])
        name = found[1] if found else ""
    return name.rsplit(".", 1)[-1]


def _short(value: object, secret: str) -> str:
    return "" if value is None else plain(mask(str(value)[: SHORT * 4], secret), SHORT)
