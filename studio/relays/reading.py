"""From a complete spool to pictures, or to the error it stands for."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.relays.classify import trace_id
from studio.relays.shapes import Kind, Picture, RelayError, paragraph, plain
from studio.relays.spool import Body, Spans, Unreadable, reading

Judge = Callable[[int, Mapping[str, str], Mapping[str, Any], str], RelayError]

TEXT_LIMIT = 8192
URL_LIMIT = 8192
PROMPT_LIMIT = 32_000


def read_pictures(spool: Path, *, urls: int, judge: Judge) -> list[Picture]:
    """Return the pictures in order, at most `urls` of them by web address; `judge` names the error if none."""
    try:
        with reading(spool) as body:
            value, spans = _object(body, judge)
            pictures = list(_pictures(value, spans, urls)) if body.status < 300 else []
            if not pictures:
                raise _without_pictures(body, value, spans, judge)
            return pictures
    except Unreadable as error:
        raise RelayError(Kind.BAD_ANSWER, code="unreadable", message=plain(str(error))) from error


def _object(body: Body, judge: Judge) -> tuple[dict[str, Any], Spans]:
    """Return the body as an object; anything else is judged by its status and its text."""
    reason = "not an object"
    try:
        value, spans = body.json()
        if isinstance(value, dict):
            return value, spans
    except Unreadable as error:
        reason = str(error)
    found = judge(body.status, body.headers, {}, body.text(TEXT_LIMIT))
    if found.kind is Kind.BAD_ANSWER:
        found.code = "unreadable"
        found.message = plain(f"{reason}: {found.message}")
    raise found


def _without_pictures(body: Body, value: dict[str, Any], spans: Spans, judge: Judge) -> RelayError:
    """Return what an answer without a single payload means."""
    plainly = spans.resolved(value, TEXT_LIMIT)
    if body.status >= 300 or value.get("error"):
        return judge(body.status, body.headers, plainly, "")
    if isinstance(value.get("data", ""), list | None):
        trace = trace_id(body.headers, plainly)
        return RelayError(
            Kind.BLOCKED, status=body.status, code="empty", message="returned no image", trace_id=trace
        )
    found = judge(body.status, body.headers, plainly, "")
    found.code = found.code or "no_data"
    return found


def _pictures(value: dict[str, Any], spans: Spans, urls: int) -> Iterator[Picture]:
    """Yield every entry that carries a payload; base64 wins over a web address."""
    data = value.get("data")
    for index, item in enumerate(data if isinstance(data, list) else []):
        if not isinstance(item, dict):
            continue
        prompt = paragraph(spans.text(item.get("revised_prompt"), PROMPT_LIMIT))
        place = _payload(item, spans)
        if place:
            yield Picture(index=index, revised_prompt=prompt, payload=place)
            continue
        url = spans.text(item.get("url"), URL_LIMIT + 1).strip()
        if url and urls > 0:
            urls -= 1
            yield Picture(index=index, revised_prompt=prompt, url=url)


def _payload(item: dict[str, Any], spans: Spans) -> tuple[int, int] | None:
    """Return where the base64 text is: under b64_json, or in a data: URL."""
    place = spans.place(item.get("b64_json"))
    if place and place[1]:
        return place
    place = spans.place(item.get("url"))
    return place if place and spans.starts_with(place, b"data:") else None
