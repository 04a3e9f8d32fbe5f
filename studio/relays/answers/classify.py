"""From an answer that brought no pictures to one class of failure (RELAYS.md §2.8, §2.9)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from studio.relays.answers.retry_after import number, retry_after
from studio.relays.answers.verdict import Complaint, is_page, kind_of
from studio.relays.shapes import Kind, RelayError, mask, plain

Json = Mapping[str, Any]
SHORT = 200
MESSAGES = ("message", "msg", "error_message", "error_msg")
"""Where relays that know no `error` keep its sentence."""
CONTENT = frozenset({"ok", "success", "succeeded", "done"})

_PARAMETER_NAME = re.compile(
    r"(?:parameter|argument|field|value for)s?:? ['\"`]([\w.\[\]-]{1,80})['\"`]", re.IGNORECASE
)


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
    said = Complaint(  # judged as it was said: a mask takes key_model_access_denied for a key
        status=_status(status, error),
        code=_short(error.get("code")),
        type=_short(error.get("type")),
        message=plain(_message(error, text)),
        param=_param(error),
        reasons=bool(_metadata(error).get("reasons")),
        headers=headers,
        model=model,
        retries_502=retries_502,
        inside_200=status < 300,
        is_page=is_page(text, headers),
    )
    kind = kind_of(said)
    is_front = kind is Kind.NOT_OPEN and said.is_front
    return RelayError(
        kind,
        status=status,
        code="in_front" if is_front else mask(said.code or said.type, secret),
        message=plain(mask(_message(error, text), secret)),
        param=mask(said.param, secret),
        trace_id=trace_id(headers, body, secret),
        retry_after=retry_after(headers, _metadata(error)),
    )


def trace_id(headers: Json, body: Json, secret: str = "") -> str:
    """Return the first id found in the error, beside it, or in the headers (order of RELAYS.md §2.9)."""
    error = body.get("error")
    inner: Json = error if isinstance(error, Mapping) else {}
    found = [inner.get("id"), inner.get("trace_id"), body.get("error_id"), body.get("request_id")]
    found += [headers.get(name) for name in ("x-request-id", "x-litellm-call-id")]
    return next(
        (mask(_short(value), secret) for value in found if isinstance(value, str | int) and value), ""
    )


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
    message = next(
        (body[name] for name in MESSAGES if body.get(name)), error if isinstance(error, str) else detail
    )
    return (
        {**body, "message": message if isinstance(message, str) else json.dumps(body)[:SHORT]} if body else {}
    )


def complains(body: Json) -> bool:
    """Say whether an answer without an `error` says in another place that it failed."""
    if body.get("success") is True:
        return False
    words = [str(body[name]).strip().lower() for name in (*MESSAGES, "detail") if body.get(name)]
    return body.get("success") is False or any(word not in CONTENT for word in words)


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
        found = number(value)
        if found is not None and 400 <= found < 500:
            return int(found)
    return status


def _param(error: Json) -> str:
    """Return the name of the field at fault, without its path; from the message when the relay sets none."""
    name = _short(error.get("param"))
    if not name:
        found = _PARAMETER_NAME.search(str(error.get("message") or "")[:SHORT])
        name = found[1] if found else ""
    return name.rsplit(".", 1)[-1]


def _short(value: object) -> str:
    return "" if value is None else plain(str(value)[: SHORT * 4], SHORT)
