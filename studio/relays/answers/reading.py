"""From a complete spool to pictures, or to the error it stands for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.relays.answers.classify import complains, trace_id
from studio.relays.answers.links import moment
from studio.relays.answers.numbers import amount
from studio.relays.answers.spool import Body, Spans, Unreadable, reading
from studio.relays.answers.stream import failure
from studio.relays.answers.tokens import tokens
from studio.relays.shapes import Kind, Picture, RelayError, Usage, paragraph, plain

Judge = Callable[[int, Mapping[str, str], Mapping[str, Any], str], RelayError]

TEXT_LIMIT = 8192
URL_LIMIT = 8192
PROMPT_LIMIT = 32_000
DEATHS = ("expires_at", "expires", "url_expires_at")
"""What answers call the moment at which a link dies."""


@dataclass(frozen=True, kw_only=True)
class AnswerShape:
    """Where one kind of answer keeps things: its pictures, its error, and what it says when it holds no picture.

    `silence` returns None for what is no answer of this kind at all.
    """

    pictures: Callable[[dict[str, Any], Spans], Iterator[Picture]]
    silence: Callable[[dict[str, Any], Spans], str | None]
    error: Callable[[dict[str, Any]], object] = lambda value: value.get("error")


def read_pictures(spool: Path, *, shape: AnswerShape, urls: int, judge: Judge) -> list[Picture]:
    """Return the pictures in order, at most `urls` of them by web address; `judge` names the error if none."""
    try:
        with reading(spool) as body:
            value, spans = _object(body, judge)
            pictures = list(_limited(shape.pictures(value, spans), urls)) if body.status < 300 else []
            if not pictures:
                raise _without_pictures(body, value, spans, shape, judge)
            return pictures
    except Unreadable as error:
        raise RelayError(Kind.BAD_ANSWER, code="unreadable", message=plain(str(error))) from error


def used(spool: Path) -> Usage:
    """Return what a complete answer says that it used; what it does not say, or what can be no number, is left out."""
    try:
        with reading(spool) as body:
            value, _ = body.json()
    except Unreadable:
        return Usage()
    said = value.get("usage") if isinstance(value, dict) else None
    return Usage(amount(said.get("cost"), places=6), tokens(said)) if isinstance(said, dict) else Usage()


def _object(body: Body, judge: Judge) -> tuple[dict[str, Any], Spans]:
    """Return the body as an object; anything else is judged by its status and its text."""
    reason = "not an object"
    try:
        value, spans = body.json()
        if isinstance(value, dict):
            return value, spans
    except Unreadable as error:
        reason = str(error)
    streamed = failure(body)
    if streamed is not None:
        raise _of_stream(judge(body.status, body.headers, {"error": streamed}, ""))
    found = judge(body.status, body.headers, {}, body.text(TEXT_LIMIT))
    if found.kind is Kind.BAD_ANSWER:
        found.code = "unreadable"
        found.message = plain(f"{reason}: {found.message}")
    raise found


def _of_stream(found: RelayError) -> RelayError:
    """A stream that failed without saying why is an answer without an image, not one that cannot be read."""
    if found.kind is Kind.BAD_ANSWER:
        found.kind, found.code = Kind.BLOCKED, "empty"
    return found


def _without_pictures(
    body: Body, value: dict[str, Any], spans: Spans, shape: AnswerShape, judge: Judge
) -> RelayError:
    """Return what an answer without a single payload means."""
    plainly = spans.resolved(value, TEXT_LIMIT)
    error = shape.error(value)
    if error:
        plainly["error"] = spans.resolved(error, TEXT_LIMIT)
    if body.status >= 300 or error:
        return judge(body.status, body.headers, plainly, "")
    said = shape.silence(value, spans)
    if complains(plainly):
        found = judge(body.status, body.headers, plainly, "")
        if found.kind is not Kind.BAD_ANSWER or value.get("data") is None:
            return found
    if said is not None:
        trace, message = trace_id(body.headers, plainly), plain(said)
        return RelayError(Kind.BLOCKED, status=body.status, code="empty", message=message, trace_id=trace)
    found = judge(body.status, body.headers, plainly, "")
    found.code = found.code or "no_data"
    return found


def _limited(pictures: Iterator[Picture], urls: int) -> Iterator[Picture]:
    """Yield every payload, but web addresses only up to the limit."""
    for each in pictures:
        if each.payload is None:
            urls -= 1
        if each.payload or urls >= 0:
            yield each


def picture(index: int, item: dict[str, Any], spans: Spans, prompt: str) -> Picture | None:
    """Return the picture an entry carries, if any; base64 wins over a web address."""
    place = _payload(item, spans)
    if place:
        return Picture(index=index, revised_prompt=prompt, payload=place)
    url = spans.text(item.get("url"), URL_LIMIT + 1).strip()
    if not url:
        return None
    said = filter(None, (moment(spans.text(item.get(name), 40) or item.get(name)) for name in DEATHS))
    return Picture(index=index, revised_prompt=prompt, url=url, dies_at=next(said, None))


def _pictures(value: dict[str, Any], spans: Spans) -> Iterator[Picture]:
    """Yield every entry of `data` that carries a payload."""
    data = value.get("data")
    for index, item in enumerate(data if isinstance(data, list) else []):
        if isinstance(item, dict):
            prompt = paragraph(spans.text(item.get("revised_prompt"), PROMPT_LIMIT))
            found = picture(index, item, spans, prompt)
            if found:
                yield found


def _silence(value: dict[str, Any], spans: Spans) -> str | None:
    return "returned no image" if isinstance(value.get("data", ""), list | None) else None


def _payload(item: dict[str, Any], spans: Spans) -> tuple[int, int] | None:
    """Return where the base64 text is: under b64_json, or in a data: URL."""
    place = spans.place(item.get("b64_json"))
    if place and place[1]:
        return place
    place = spans.place(item.get("url"))
    return place if place and spans.starts_with(place, b"data:") else None


IMAGES = AnswerShape(pictures=_pictures, silence=_silence)
