"""The OpenAPI document: the Structs of what is sent and answered, and one table of the addresses."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import msgspec
from django.conf import settings

from studio.api.shapes import (
    DrawnEvent,
    Error,
    Images,
    ImagesBody,
    KeyAnswer,
    ModelFacts,
    ModelList,
    Task,
    WebhookMessage,
)
from studio.models import WebhookKind
from studio.relays.settings import TABLE

REF = "#/components/schemas/{name}"
TYPES = {"whole": "integer", "number": "number"}
"""The kinds of settings that are no text."""


class Param(NamedTuple):
    """What is said beside the body."""

    name: str
    place: str
    about: str
    kind: str = "string"


class Address(NamedTuple):
    """One method of one address; `answers` names each status with its shape, or the media type of its bytes."""

    method: str
    path: str
    route: str
    title: str
    about: str
    answers: Mapping[int, type | str]
    body: type | None = None
    params: tuple[Param, ...] = ()
    open: bool = False


ID = Param("id", "path", "The generation, as its task or `lightfast.generation_id` names it.", "uuid")
OPERATIONS = (
    Address(
        "post",
        "/images/generations",
        "api.images",
        "Draw images",
        "Answers when the images are kept; at once with `async`; with events with `stream`. A call that a library "
        "sends again by itself gets the generation that is there.",
        {
            200: Images,
            202: Task,
            400: Error,
            402: Error,
            403: Error,
            422: Error,
            429: Error,
            502: Error,
            504: Error,
        },
        body=ImagesBody,
        params=(
            Param(
                "Idempotency-Key", "header", "The same key and body within 24 hours is the same generation."
            ),
            Param(
                "Prefer",
                "header",
                "`respond-async` is as `async: true`; `respond-async, wait=20` waits so many seconds first.",
            ),
            Param("async", "query", "`1` is as `async: true`."),
        ),
    ),
    Address(
        "get",
        "/images/generations/{id}",
        "api.task",
        "Look at a task",
        "One that failed is an answer like any other. Also at /images/tasks/{id}.",
        {200: Task, 404: Error},
        params=(ID, Param("wait", "query", "Seconds to wait for its end, at most 55.", "number")),
    ),
    Address(
        "post",
        "/images/generations/{id}/cancel",
        "api.cancel",
        "Cancel a task",
        "While it waits. Once the relay draws it goes on, and the error says so.",
        {200: Task, 400: Error, 403: Error, 404: Error},
        params=(ID,),
    ),
    Address(
        "get",
        "/models",
        "api.models",
        "List models",
        "Those that the token’s person may use.",
        {200: ModelList},
    ),
    Address(
        "get",
        "/models/{model}",
        "api.model",
        "Look at a model",
        "One of these, by the name of the list or by another under which it may be asked for.",
        {200: ModelFacts, 404: Error},
        params=(Param("model", "path", "Its name; it may have slashes."),),
    ),
    Address(
        "get",
        "/key",
        "api.key",
        "Look at the token",
        "Whose it is, and what is left of the month.",
        {200: KeyAnswer},
    ),
    Address(
        "get",
        "/media/{id}/{signature}",
        "api.picture",
        "Fetch an image",
        "The address that `url` names, byte for byte as the relay delivered it. It needs no token.",
        {200: "image/*", 302: "text/html", 404: Error},
        params=(Param("id", "path", "The image.", "uuid"), Param("signature", "path", "Its seal.")),
        open=True,
    ),
)


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of everything under /v1/."""
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lightfast",
            "version": "1",
            "description": "The image relays’ own API: change the base URL and the key, and what a script draws "
            "lands in its person’s gallery, on their budget, under the rules.",
        },
        "servers": [{"url": f"{settings.API_URL}/v1"}],
        "security": [{"token": []}],
        "paths": paths,
        "webhooks": {kind.value: {"post": _webhook(kind)} for kind in WebhookKind},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(each: Address) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": each.route.removeprefix("api."),
        "summary": each.title,
        "description": each.about,
        "parameters": [_param(one) for one in each.params],
        "responses": _answers(each),
    }
    if each.body:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _named(each.body)}},
        }
    if each.open:
        found["security"] = []
    return found


def _webhook(kind: WebhookKind) -> dict[str, Any]:
    return {
        "summary": kind.label,
        "requestBody": {"content": {"application/json": {"schema": _named(WebhookMessage)}}},
        "responses": {"2XX": {"description": "It was heard."}},
    }


def _answers(each: Address) -> dict[str, Any]:
    answers = dict(each.answers) if each.open else {**each.answers, 401: Error, 503: Error}
    return {str(status): _answer(status, what) for status, what in sorted(answers.items())}


def _answer(status: int, what: type | str) -> dict[str, Any]:
    if isinstance(what, str):
        return {"description": SAID[status], "content": {what: {}}}
    content: dict[str, Any] = {"application/json": {"schema": _named(what)}}
    if what is Images:
        content["text/event-stream"] = {"schema": _event_of(DrawnEvent)}
    return {"description": SAID[status], "content": content}


def _event_of(what: type) -> dict[str, Any]:
    """Return the schema of one event of a stream, whose data is JSON of this shape."""
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": _named(what)}
    return {"type": "object", "required": ["data"], "properties": {"event": {"type": "string"}, "data": data}}


SAID = {
    200: "Here it is.",
    202: "It is under way; `Location` says where to look.",
    302: "The store has it, at an address for a few minutes.",
    400: "A wrong value, or a prompt that a rule or the relay refused.",
    401: "No token, or one that opens nothing.",
    402: "The budget is used up.",
    403: "The token may only read.",
    404: "Not there, or not this person’s.",
    422: "The idempotency key was used for another body.",
    429: "The person’s queue is full, or too many callers wait.",
    502: "The relay failed; `lightfast.generation_id` names the row.",
    503: "The database is busy or away.",
    504: "Still drawing; look at `Location`.",
}


def _param(one: Param) -> dict[str, Any]:
    kind = {"type": "string", "format": "uuid"} if one.kind == "uuid" else {"type": one.kind}
    needed = one.place == "path"
    return {"name": one.name, "in": one.place, "required": needed, "description": one.about, "schema": kind}


def _named(shape: type) -> dict[str, str]:
    return {"$ref": REF.format(name=shape.__name__)}


def _schemas() -> dict[str, Any]:
    """Return the schemas; the body's also names the settings, of which each model takes some."""
    shapes = {what for each in OPERATIONS for what in each.answers.values() if isinstance(what, type)}
    named = sorted({ImagesBody, DrawnEvent, WebhookMessage, *shapes}, key=lambda shape: shape.__name__)
    _, schemas = msgspec.json.schema_components(named, ref_template=REF)
    schemas["ImagesBody"]["properties"] |= {
        row.name: {
            "description": f"{row.label}, where the model takes it.",
            "type": [TYPES.get(row.kind, "string"), "null"],
        }
        for row in TABLE.values()
        if row.kind != "mark"
    }
    return dict(sorted(schemas.items()))
