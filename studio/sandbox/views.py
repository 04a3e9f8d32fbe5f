"""The sandbox relay's addresses: models, drawing (plainly or in a chat), and the links its answers carry."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from studio.sandbox import faults, ledger, store, streams
from studio.sandbox.chat import Chat
from studio.sandbox.dialects import Refused, SandboxDialect, Wish
from studio.sandbox.faults import Faults
from studio.sandbox.generic import Generic
from studio.sandbox.judging import judged
from studio.sandbox.openai import OpenAI
from studio.sandbox.relayrouter import RelayRouter
from studio.sandbox.routeway import Routeway
from studio.sandbox.routmy import RoutMy
from studio.sandbox.store import StoredPicture

DIALECTS: dict[str, SandboxDialect] = {
    each.name: each for each in (Routeway(), RoutMy(), RelayRouter(), OpenAI(), Chat(), Generic())
}
EASEL = Lock()  # one picture at a time per process: memory stays that of one picture


@csrf_exempt
@login_not_required
@require_GET
def models(request: HttpRequest, dialect: str) -> HttpResponseBase:
    """Answer the models of a dialect."""
    speaker, trace_id = _speaker(dialect), _trace_id(request)
    try:
        _check_key(request, speaker)
    except Refused as refused:
        return _refusal(speaker, refused, trace_id)
    return JsonResponse(speaker.model_rows(), headers=speaker.headers(trace_id=trace_id))


@csrf_exempt
@login_not_required
@require_POST
def generations(request: HttpRequest, dialect: str) -> HttpResponseBase:
    """Answer an order for images."""
    speaker = _speaker(dialect)
    return _serve(request, speaker, speaker.read)


@csrf_exempt
@login_not_required
@require_POST
def completions(request: HttpRequest, dialect: str) -> HttpResponseBase:
    """Answer a chat whose model draws."""
    speaker = _speaker(dialect)
    return _serve(request, speaker, speaker.read_chat)


@csrf_exempt
@login_not_required
@require_POST
def moderations(request: HttpRequest, dialect: str) -> HttpResponseBase:
    """Judge a text, or fail as it asks for."""
    speaker, trace_id = _speaker(dialect), _trace_id(request)
    try:
        _check_key(request, speaker)
        body = _body(request)
        asked = _decoded(body)
        text = str(asked.get("input") or "") if isinstance(asked, dict) else ""
        ordered, words = faults.split(text)
        time.sleep(ordered.seconds.get("slow", 0))
        _fail(speaker, ordered, text, body)
    except Refused as refused:
        return _refusal(speaker, refused, trace_id)
    answer = {"id": trace_id, "model": "sandbox-moderation", "results": [judged(words)]}
    return _odd_answer(request, ordered) or JsonResponse(answer, headers=speaker.headers(trace_id=trace_id))


@login_not_required
@require_GET
def usage(request: HttpRequest, dialect: str) -> HttpResponseBase:
    """Give an account of what was drawn in this dialect, as CSV: each order as it was taken, whatever became of it."""
    speaker = _speaker(dialect)
    try:
        _check_key(request, speaker)
    except Refused as refused:
        return _refusal(speaker, refused, _trace_id(request))
    rows = (line for line in ledger.read() if line["dialect"] == speaker.name)
    lines = [f"{line['time']},{line['model']},{line['id']},{line['n']}" for line in rows]
    return HttpResponse("\n".join(["time,model,trace_id,images", *lines]), content_type="text/csv")


def _serve(request: HttpRequest, speaker: SandboxDialect, read: Callable[[object], Wish]) -> HttpResponseBase:
    """Read an order, draw it, and answer with pictures, or with the failure the prompt asks for."""
    trace_id = _trace_id(request)
    try:
        _check_key(request, speaker)
        body = _body(request)
        order = read(_decoded(body))
        ordered, prompt = faults.split(order.prompt)
        drawing = _draw(order, prompt, ordered)
        _note(order, speaker, body=body, ordered=ordered, kept=drawing.kept, trace_id=trace_id)
        time.sleep(settings.SANDBOX_DELAY + ordered.seconds.get("slow", 0))
        _fail(speaker, ordered, order.prompt, body)
    except Refused as refused:
        return _refusal(speaker, refused, trace_id)
    odd = _odd_answer(request, ordered)
    return odd or _answer(request, speaker, order, drawing, ordered=ordered, trace_id=trace_id)


@csrf_exempt
@login_not_required
@require_GET
def result(request: HttpRequest, token: str) -> HttpResponseBase:
    """Answer the picture behind a link until the link dies; then 403, as storage hosts do."""
    try:
        path = store.find(token)
        picture = path.open("rb")
    except store.Gone as gone:
        return HttpResponse("This link has expired.\n", status=gone.status, content_type="text/plain")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(picture, content_type="image/png", headers={"Cache-Control": "private, no-store"})


def _speaker(dialect: str) -> SandboxDialect:
    if dialect not in DIALECTS:
        raise Http404
    return DIALECTS[dialect]


def _trace_id(request: HttpRequest) -> str:
    """Return the name the site gave this request (its header carries it too), else one of our own."""
    return getattr(request, "id", "") or secrets.token_hex(12)


def _check_key(request: HttpRequest, speaker: SandboxDialect) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else ""
    if not settings.SANDBOX_KEY or not constant_time_compare(key, settings.SANDBOX_KEY):
        raise speaker.unauthorized(key=key)


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused(413, "The request body is too large.") from None


def _decoded(body: bytes) -> object:
    """Return the JSON value, or None (which no dialect takes) for what is not JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True)
class Drawing:
    """What was drawn: the pictures, and in words what the painter understood."""

    kept: list[StoredPicture]
    understood: str


def _draw(order: Wish, prompt: str, ordered: Faults) -> Drawing:
    """Paint what will be sent and put it into the folder."""
    if not ordered.draws:
        return Drawing([], "")
    from studio.sandbox import painter  # noqa: PLC0415 - NumPy loads only where something is drawn

    store.sweep()
    words = f"{prompt} {order.model.style}".strip()
    count, kept = ordered.count(order.n), []
    for index in range(count):
        with EASEL:
            data = painter.paint(
                words,
                width=order.width,
                height=order.height,
                seed=order.seed + index,
                quality=order.quality,
                negative_prompt=order.negative_prompt,
                format=order.format,
            )
        kept.append(store.keep(faults.spoil(data, ordered) if index == count - 1 else data))
    return Drawing(kept, painter.describe(words, negative_prompt=order.negative_prompt))


def _note(
    order: Wish,
    speaker: SandboxDialect,
    *,
    body: bytes,
    ordered: Faults,
    kept: list[StoredPicture],
    trace_id: str,
) -> None:
    ledger.write(
        dialect=speaker.name,
        model=order.model.id,
        n=order.n,
        body=body,
        faults=ordered.words,
        pictures=[picture.sha256 for picture in kept],
        trace_id=trace_id,
    )


def _fail(speaker: SandboxDialect, ordered: Faults, prompt: str, body: bytes) -> None:
    """Raise the refusal that was ordered."""
    refused = ordered.refusal(speaker)
    if refused:
        raise refused
    if "401 once" in ordered and store.first_time(prompt.encode()):
        raise speaker.unauthorized(key="rehearsed-key")
    if "500 once" in ordered and store.first_time(speaker.name.encode() + body):
        raise speaker.failed(500)


def _refusal(speaker: SandboxDialect, refused: Refused, trace_id: str) -> HttpResponse:
    body, headers = speaker.error(refused, trace_id=trace_id)
    return JsonResponse(body, status=refused.answered, headers=headers)


def _odd_answer(request: HttpRequest, ordered: Faults) -> HttpResponseBase | None:
    """Return what is not an answer of the dialect at all."""
    if "403 page" in ordered:
        page = "<!doctype html><title>Attention required</title><p>Sorry, you have been blocked.</p>\n"
        return HttpResponse(page, status=403)
    if "html" in ordered:
        return HttpResponse("<!doctype html><title>Sandbox</title><p>One moment, please.</p>\n")
    if "not json" in ordered:
        return HttpResponse('{"created": 17, "data": [{"url": ', content_type="application/json")
    if "drop" in ordered:
        return streams.cut_short(request, [b'{"created": 17, "data": [{'])
    if "drip" in ordered:
        return streams.cut_short(request, streams.drip(ordered.seconds["drip"]))
    if "hang" in ordered:
        time.sleep(ordered.seconds["hang"])
        return streams.cut_short(request, [b" "])
    return None


def _answer(
    request: HttpRequest,
    speaker: SandboxDialect,
    order: Wish,
    drawing: Drawing,
    *,
    ordered: Faults,
    trace_id: str,
) -> HttpResponseBase:
    """Return the dialect's 200: links, or base64 streamed from the files."""
    marks = [secrets.token_hex(16) for _ in drawing.kept] if order.inline else []
    pictures: list[dict[str, object]] = [{"b64_json": mark} for mark in marks]
    if not order.inline:
        pictures = [{"url": _link(request, picture, ordered)} for picture in drawing.kept]
    if speaker.revises:
        pictures = [picture | {"revised_prompt": drawing.understood} for picture in pictures]
    text = json.dumps(speaker.answer(order, pictures=pictures, created=int(time.time())))
    chunks, length = streams.filled(text, marks, drawing.kept if order.inline else [])
    if "cut end" in ordered:
        return streams.cut_short(request, chunks, announced=length + streams.MISSING)
    headers = speaker.headers(trace_id=trace_id) | {"Content-Length": str(length)}
    return StreamingHttpResponse(chunks, content_type="application/json", headers=headers)


def _link(request: HttpRequest, picture: StoredPicture, ordered: Faults) -> str:
    """Return a link that says when it dies, as those to storage do."""
    late = store.LATE_SECONDS if "late url" in ordered else 0.0
    deadline = store.deadline(expired="expired url" in ordered)
    token = store.token(picture, deadline, late=late)
    path = reverse("sandbox:result", args=[token], query={"expires": int(deadline)})
    return request.build_absolute_uri(path)
