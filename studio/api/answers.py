"""What a generation is for a program: OpenAI's shape, the pictures at addresses that last, and what we know beyond."""

import base64
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse

from studio.models import Generation, Image, State
from studio.models.tokens import Delivers
from studio.services.drawing import line
from studio.services.receipts import hides_models
from studio.signing import lasting

WORDS = {
    State.HELD: "held",
    State.QUEUED: "queued",
    State.CLAIMED: "in_progress",
    State.SENT: "in_progress",
    State.RECEIVED: "in_progress",
    State.DONE: "completed",
    State.CANCELLED: "cancelled",
    State.UNKNOWN: "unknown",
}
"""Where a generation stands, in the words of an image task; all else has failed."""

NO_TOKENS = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
"""The usage in OpenAI's shape: relays that draw by the picture count no tokens."""


def images_of(row: Generation, delivers: str) -> dict[str, Any]:
    """Return the answer to a call: the pictures that are kept, in order."""
    return {
        "created": int(row.created_at.timestamp()),
        "data": [_picture(image, delivers) for image in kept(row)],
        "usage": NO_TOKENS,
        "lightfast": facts_of(row),
    }


def kept(row: Generation) -> Iterable[Image]:
    """The pictures of a generation that its person still has."""
    return Image.objects.visible_to(row.owner).kept().filter(generation=row).order_by("index")


def _picture(image: Image, delivers: str) -> dict[str, Any]:
    found: dict[str, Any] = {"revised_prompt": image.revised_prompt or None}
    if delivers in (Delivers.BOTH, Delivers.ADDRESS):
        found["url"] = address_of(image)
    if delivers in (Delivers.BOTH, Delivers.DATA):
        found["b64_json"] = data_of(image)
    return found


def data_of(image: Image) -> str:
    """Return the original in base64."""
    with default_storage.open(image.key) as file:
        return base64.b64encode(file.read()).decode()


def address_of(image: Image) -> str:
    """Return the picture's lasting address, good without a cookie."""
    return settings.STUDIO_URL + reverse("api.picture", args=[image.pk, lasting(image.pk)])


def facts_of(row: Generation, ignored: Iterable[str] = ()) -> dict[str, Any]:
    """Return what we know beyond OpenAI's shape; libraries keep keys that they do not know."""
    return {
        "generation_id": str(row.pk),
        "model": None if hides_models(row) else row.drawn_by.model_id,
        "relay": None if hides_models(row) else row.drawn_by.relay.name,
        "cost": {"amount": row.cost, "unit": row.cost_unit} if row.cost is not None else None,
        "trace_id": row.trace_id or None,
        "page": settings.STUDIO_URL + reverse("generations.detail", args=[row.pk]),
        "ignored": list(ignored),
    }


def task_address(row: Generation) -> str:
    """Return where a program looks at a generation."""
    return settings.STUDIO_URL + reverse("api.task", args=[row.pk])


def task_of(row: Generation, *, delivers: str) -> dict[str, Any]:
    """Return a generation as a task that a program looks at from time to time; a blind comparison's names no model."""
    hidden = hides_models(row)
    ahead, begins = _in_line(row)
    usual = None if hidden else row.drawn_by.usual(row.settings, row.n)
    status = WORDS.get(State(row.state), "failed")
    there = list(kept(row))
    address = task_address(row)
    failed = status in ("failed", "unknown") or (status == "cancelled" and row.reason)
    return {
        "id": str(row.pk),
        "task_id": str(row.pk),
        "object": "image.generation",
        "status": status,
        "created_at": int(row.created_at.timestamp()),
        "completed_at": row.settled_at and int(row.settled_at.timestamp()),
        "model": None if hidden else row.model.model_id,
        "queue_position": ahead,
        "estimated_seconds": usual and max(1, round((begins or 0) + usual.median_ms / 1000)),
        "progress": {"done": len(there), "total": row.n},
        "data": [_picture(image, delivers) for image in there] if not row.is_active else [],
        "usage": NO_TOKENS,
        "cost": facts_of(row)["cost"],
        "error": {"message": row.why.said() or str(State(row.state).label), "code": status}
        if failed
        else None,
        "urls": {"get": address, "cancel": f"{address}/cancel"},
    }


def _in_line(row: Generation) -> tuple[int | None, int | None]:
    """Return how many are before a row that waits, by turns, and in how many seconds about it begins."""
    if row.state != State.QUEUED:
        return None, None
    found = line.look()
    return found.ahead().get(row.pk), line.waits(found).get(row.pk)
