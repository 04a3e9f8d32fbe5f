"""The addresses under /v1: drawing, looking at a task, cancelling it, models, one's own key, and the pictures."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from studio.api import answers, bodies, door, errors, waiting
from studio.api.bearer import ProgramRequest, anybody, program
from studio.api.openapi import document
from studio.api.shapes import DrawnEvent, UsageFacts
from studio.api.waiting import Events, Story, Wait
from studio.errors import StudioError
from studio.models import Generation, Image
from studio.models.runs import DRAWN_BY
from studio.services import calls, generations
from studio.signing import is_lasting
from studio.views.fetch import fetch
from studio.views.media import ASKED_AGAIN, send
from studio.words import Reason

KEY_LENGTH = 255
NAMES, NAME_LENGTH = 30, 60
"""How many unused fields the header names, and how much of each."""

LOOK_LONGEST = 55.0
"""Seconds for which a look at a task may wait for its end."""

WAITS = re.compile(r'\bwait="?(\d{1,4})', re.IGNORECASE)
"""In the header Prefer (RFC 7240)."""

SPARE = 5.0
"""Seconds before a client's own time-out at which we answer that it is still being drawn."""


@program("POST", draws=True)
def images(request: ProgramRequest) -> Story:
    """Draw: POST /v1/images/generations, answered when the pictures are kept, at once with `async`, or as a stream."""
    wanted = bodies.read(request.read(), request.token)  # `body` would stop at what a form may have
    if wanted.runs_async or _prefers_async(request):
        asked = _ask(request, wanted)
        answer = yield from _later(request, asked, wanted)
    elif wanted.stream:
        asked, answer = _stream(request, wanted)
    else:
        with waiting.place():
            asked = _ask(request, wanted)
            answer = yield from _answer(request, asked, wanted)
    answer["x-lightfast-ignored"] = _in_header(wanted.ignored)
    if asked.replayed:
        answer["Idempotent-Replayed"] = "true"
    return answer


@program("GET")
def task(request: ProgramRequest, pk: UUID) -> Story:
    """Look at a generation; ?wait=N up to 55 seconds for its end. One that failed is an answer like any other."""
    row = _own(request, pk)
    if row is None:
        return errors.nowhere(str(pk))
    seconds = min(_number(request.GET.get("wait")), LOOK_LONGEST)
    if seconds and row.is_active:
        with waiting.place():
            yield Wait(row, seconds)
        row = _own(request, pk) or row
    return _task(row, request.token.delivers)


@program("POST", draws=True)
def cancel(request: ProgramRequest, pk: UUID) -> HttpResponseBase:
    """Take a waiting generation back; once the relay draws it goes on, and the error says so."""
    row = _own(request, pk)
    if row is None:
        return errors.nowhere(str(pk))
    generations.cancel(generation=row, person=request.user)
    return _task(_own(request, pk) or row, request.token.delivers)


@anybody
def picture(request: HttpRequest, pk: UUID, signature: str) -> HttpResponseBase:
    """Send an original to whoever has its lasting address, while nothing keeps it back (SAFETY §4)."""
    image = Image.objects.filter(pk=pk, owner__is_active=True).select_related("owner").first()
    if image is None or not is_lasting(signature, pk):
        return _no_picture(request)
    if not Image.objects.visible_to(image.owner).kept().filter(pk=pk).exists():
        return _no_picture(request)
    asked: Any = request
    sent = send(asked, image, image.key, image.media_type, etag=image.sha256, cache=ASKED_AGAIN)
    return _no_picture(request) if sent.status_code == 404 else sent  # its file is missing


def _no_picture(request: HttpRequest) -> HttpResponse:
    """Answer the same for what is another's, what is gone and what never was."""
    answer = errors.nowhere(request.path)
    answer["Cache-Control"] = "private, no-store"
    return answer


@anybody
def openapi(request: HttpRequest) -> HttpResponse:
    """Send the OpenAPI document of these addresses to whoever asks: it says nothing of anybody."""
    return HttpResponse(msgspec.json.encode(document()), content_type="application/json")


@csrf_exempt
@login_not_required
def elsewhere(request: HttpRequest, rest: str) -> HttpResponse:
    """Say in JSON that nothing is here."""
    return errors.nowhere(f"/v1/{rest}")


def _ask(request: ProgramRequest, wanted: bodies.ImagesCall) -> calls.Started:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_LENGTH:
        raise StudioError(Reason("idempotency_key_long", most=KEY_LENGTH), param="Idempotency-Key")
    told = request.headers.get("x-stainless-retry-count")
    again = None if told is None else _number(told) > 0
    return calls.ask(token=request.token, body=wanted.raw, order=wanted.order, key=key, is_retry=again)


def _answer(request: ProgramRequest, asked: calls.Started, wanted: bodies.ImagesCall) -> Story:
    try:
        ended = yield Wait(asked.generation, _patience(request))
    except GeneratorExit:  # the client is gone: who says the same again within minutes gets the pictures
        calls.leave(call=asked.call)
        raise
    if not ended:
        return _late(asked)
    return _came(asked, wanted)


def _came(asked: calls.Started, wanted: bodies.ImagesCall) -> HttpResponse:
    row = _fresh(asked.generation)
    found = answers.images_of(row, wanted.delivers, wanted.ignored)
    calls.take_up(call=asked.call)
    return errors.in_json(found) if found.data else errors.ended(row)


def _in_header(names: list[str]) -> str:
    """Return names that somebody else has chosen as a header may carry them; the body has all of them as they are."""
    return ", ".join(quote(name[:NAME_LENGTH]) for name in names[:NAMES])


def _late(asked: calls.Started) -> HttpResponse:
    """Answer before the client gives up: it goes on, and this is where to look at it."""
    calls.leave(call=asked.call)
    answer = errors.failure(
        504, Reason("api_still_drawing").said(), code="still_drawing", row=asked.generation
    )
    answer["Location"] = answers.task_address(asked.generation)
    return answer


def _later(request: ProgramRequest, asked: calls.Started, wanted: bodies.ImagesCall) -> Story:
    """Answer with the task: at once, or when the seconds are over for which the caller likes to wait."""
    found = WAITS.search(request.headers.get("Prefer", ""))
    with waiting.place() if found else nullcontext():
        if found and (yield Wait(asked.generation, min(float(found[1]), LOOK_LONGEST))):
            return _came(asked, wanted)
    return _task(asked.generation, wanted.delivers, status=202)


def _stream(
    request: ProgramRequest, wanted: bodies.ImagesCall
) -> tuple[calls.Started, StreamingHttpResponse]:
    """Answer with events; what is refused before the first of them is an error like any other."""
    asked: list[calls.Started] = []
    events = _events(request, wanted, asked)
    first = next(events)
    assert isinstance(first, bytes)
    tell: Any = door.told_events if isinstance(request, ASGIRequest) else waiting.told_events
    answer = StreamingHttpResponse(tell(first, events), content_type="text/event-stream")
    answer["Cache-Control"], answer["X-Accel-Buffering"] = "no-store", "no"
    return asked[0], answer


def _events(request: ProgramRequest, wanted: bodies.ImagesCall, asked: list[calls.Started]) -> Events:
    """Ask, then yield a sign of life every 15 seconds, one event for each image, or the error."""
    with waiting.place():
        asked.append(_ask(request, wanted))
        call, row, ended = asked[0].call, asked[0].generation, False
        try:
            yield b": drawing\n\n"
            for _ in range(int(waiting.LONGEST / waiting.PING)):
                if ended := bool((yield Wait(row, waiting.PING))):
                    break
                yield b": ping\n\n"
            yield from _ending(_fresh(row), wanted) if ended else [_told(_late(asked[0]))]
        except GeneratorExit:  # the client is gone, as where it waits for one answer
            calls.leave(call=call)
            raise
    if ended:
        calls.take_up(call=call)


def _ending(row: Generation, wanted: bodies.ImagesCall) -> Iterator[bytes]:
    there = list(answers.kept(row))
    for image in there:
        yield _event(_completed(row, image, wanted.ignored))
    if not there:
        yield _told(errors.ended(row))


def _told(error: HttpResponse) -> bytes:
    return b"data: " + error.content + b"\n\n"


def _completed(row: Generation, image: Image, ignored: list[str]) -> DrawnEvent:
    return DrawnEvent(
        b64_json=answers.data_of(image),
        url=answers.address_of(image),
        created_at=int(row.created_at.timestamp()),
        size=f"{image.width}x{image.height}",
        quality=row.settings.get("quality", "auto"),
        background=row.settings.get("background", "auto"),
        output_format=image.media_type.rpartition("/")[2],
        usage=UsageFacts(),
        lightfast=answers.facts_of(row, ignored),
    )


def _event(event: DrawnEvent) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.type.encode(), msgspec.json.encode(event))


def _task(row: Generation, delivers: str, *, status: int = 200) -> HttpResponse:
    answer = errors.in_json(answers.task_of(row, delivers=delivers), status)
    answer["Location"] = answers.task_address(row)
    if row.is_active:
        answer["Retry-After"] = "2"
    return answer


def _own(request: ProgramRequest, pk: UUID) -> Generation | None:
    rows = Generation.objects.owned_by(request.user).select_related("owner", *DRAWN_BY)
    return fetch(request, rows, pk)


def _fresh(row: Generation) -> Generation:
    return Generation.objects.select_related("owner", *DRAWN_BY).get(pk=row.pk)


def _prefers_async(request: ProgramRequest) -> bool:
    return request.GET.get("async") == "1" or "respond-async" in request.headers.get("Prefer", "").lower()


def _patience(request: ProgramRequest) -> float:
    """Return for how many seconds the client waits at least."""
    told = _number(
        request.headers.get("x-stainless-read-timeout") or request.headers.get("x-stainless-timeout")
    )
    return max(1.0, min(told - SPARE, waiting.LONGEST)) if told else waiting.LONGEST


def _number(text: str | None) -> float:
    try:
        return max(0.0, float(text or 0))
    except ValueError:
        return 0.0
