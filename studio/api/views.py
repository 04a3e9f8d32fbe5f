"""The addresses under /v1: drawing, looking at a task, cancelling it, models, one's own key, and the pictures."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from studio.api import answers, bodies, door, errors, waiting
from studio.api.bearer import ProgramRequest, program
from studio.api.openapi import document
from studio.api.shapes import DrawnEvent, KeyAnswer, KeyFacts, ModelFacts, ModelList, UsageFacts
from studio.api.waiting import Events, Story, Wait
from studio.errors import StudioError
from studio.models import Generation, Image, ImageModel
from studio.models.runs import DRAWN_BY
from studio.services import calls, generations
from studio.signing import is_lasting
from studio.views.fetch import fetch
from studio.views.media import ASKED_AGAIN, send
from studio.words import Reason

KEY_LENGTH = 255
NAMES, NAME_LENGTH = 30, 60
"""How many unused fields the header names, and how much of each."""

SPARE = 5.0
"""Seconds before a client's own time-out at which we answer that it is still being drawn."""


@program("POST", draws=True)
def images(request: ProgramRequest) -> Story:
    """Draw: POST /v1/images/generations, answered when the pictures are kept, at once with `async`, or as a stream."""
    wanted = bodies.read(request.read(), request.token)  # `body` would stop at what a form may have
    if wanted.runs_async or _prefers_async(request):
        return _task(_ask(request, wanted).generation, wanted.delivers, status=202)
    if wanted.stream:
        return _stream(request, _events(request, wanted))
    with waiting.place():
        asked = _ask(request, wanted)
        answer = yield from _answer(request, asked, wanted)
    if asked.replayed:
        answer["Idempotent-Replayed"] = "true"
    return answer


@program("GET")
def task(request: ProgramRequest, pk: UUID) -> Story:
    """Look at a generation; ?wait=N up to 55 seconds for its end. One that failed is an answer like any other."""
    row = _own(request, pk)
    if row is None:
        return errors.nowhere(str(pk))
    seconds = min(_number(request.GET.get("wait")), 55.0)
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


@program("GET")
def models(request: ProgramRequest) -> HttpResponse:
    """List the models that this person may use, so that every client's filter finds those that draw."""
    rows = [row for row in ImageModel.objects.offered() if request.token.may_use(row)]
    seen: set[str] = set()
    data = []
    for row in rows:
        own = row.alias or row.model_id
        name = own if own not in seen else f"{row.relay.name}/{row.model_id}"
        seen.add(name)
        data.append(_model(row, name))
    return errors.in_json(ModelList(data=data))


@program("GET")
def key(request: ProgramRequest) -> HttpResponse:
    """Say whose token this is, and what is left of the tightest of its limits."""
    limits = answers.limits_of(request.token)
    tightest = min(limits, key=lambda each: each.remaining / each.limit if each.limit else 0.0)
    data = KeyFacts(
        label=request.token.name,
        scope=request.token.scope,
        person=request.user.name,
        limit=tightest.limit,
        usage=tightest.usage,
        limit_remaining=tightest.remaining,
        limit_reset=tightest.reset,
        limit_unit=tightest.unit,
        limits=limits,
        expires_at=request.token.expires_at,
    )
    return errors.in_json(KeyAnswer(data))


@csrf_exempt
@login_not_required
@require_safe
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


@csrf_exempt
@login_not_required
@require_safe
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
    row = _fresh(asked.generation)
    found = answers.images_of(row, wanted.delivers, wanted.ignored)
    calls.take_up(call=asked.call)
    if not found.data:
        return errors.ended(row)
    answer = errors.in_json(found)
    answer["x-lightfast-ignored"] = _in_header(wanted.ignored)
    return answer


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


def _stream(request: ProgramRequest, events: Events) -> HttpResponseBase:
    """Answer with events; what is refused before the first of them is an error like any other."""
    first = next(events)
    assert isinstance(first, bytes)
    tell: Any = door.told_events if isinstance(request, ASGIRequest) else waiting.told_events
    answer = StreamingHttpResponse(tell(first, events), content_type="text/event-stream")
    answer["Cache-Control"], answer["X-Accel-Buffering"] = "no-store", "no"
    return answer


def _events(request: ProgramRequest, wanted: bodies.ImagesCall) -> Events:
    """Ask, then yield a sign of life every 15 seconds, one event for each picture, or the error."""
    with waiting.place():
        row = _ask(request, wanted).generation
        yield b": drawing\n\n"
        for _ in range(int(waiting.LONGEST / waiting.PING)):
            if (yield Wait(row, waiting.PING)):
                break
            yield b": ping\n\n"
    row = _fresh(row)
    there = list(answers.kept(row))
    for image in there:
        yield _event(_completed(row, image))
    if not there:
        yield b"data: " + errors.ended(row).content + b"\n\n"


def _completed(row: Generation, image: Image) -> DrawnEvent:
    return DrawnEvent(
        b64_json=answers.data_of(image),
        url=answers.address_of(image),
        created_at=int(row.created_at.timestamp()),
        size=f"{image.width}x{image.height}",
        quality=row.settings.get("quality", "auto"),
        background=row.settings.get("background", "auto"),
        output_format=image.media_type.rpartition("/")[2],
        usage=UsageFacts(),
        lightfast=answers.facts_of(row),
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


def _model(row: ImageModel, name: str) -> ModelFacts:
    return ModelFacts(
        id=name,
        created=int(row.relay.created_at.timestamp()),
        owned_by=row.relay.name,
        name=row.label,
        supported_sizes=row.accepted.named("size"),
        supported_parameters=row.accepted.asked,
        max_n=row.max_n,
    )


def _prefers_async(request: ProgramRequest) -> bool:
    return request.GET.get("async") == "1" or "respond-async" in request.headers.get("Prefer", "")


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
