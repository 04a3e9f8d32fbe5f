"""The receipt: what was asked, what left, what came, who drew it, what it cost, when it was kept."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from studio.models import Generation, Image, ImageModel, WireRequest


def of_generation(generation: Generation) -> dict[str, Any]:
    """Return all facts of a generation and its images, ready for JSON; a blind comparison keeps its models' names."""
    requests = WireRequest.objects.select_related("model__relay")
    prefetch_related_objects([generation], Prefetch("wire_requests", requests))
    hidden = hides_models(generation)
    wires = sorted(generation.wire_requests.all(), key=lambda wire: wire.attempt)
    return {
        "generation": str(generation.pk),
        "state": generation.state,
        "prompt": generation.prompt.text,
        "person": str(generation.owner),
        **_named(None if hidden else generation.model),
        "n": generation.n,
        "settings": generation.settings,
        "drawn_by": _named(None if hidden else generation.drawer),
        "trail": [] if hidden else generation.trail,
        "cost_usd": dollars(total_cost(wires)),
        "sentence": "" if hidden else generation.sentence,
        "asked_at": generation.created_at,
        "sent_at": generation.sent_at,
        "received_at": generation.received_at,
        "settled_at": generation.settled_at,
        "requests": [_of_request(wire, hidden=hidden) for wire in wires],
        "images": [of_image(image) for image in generation.images.order_by("index")],
    }


def of_image(image: Image) -> dict[str, Any]:
    """Return the facts of one kept image: what was requested, sent and dropped for it, what came, what was revised."""
    wire = request_of(image)
    return {
        "id": str(image.pk),
        "index": image.index,
        "key": image.key,
        "sha256": image.sha256,
        "media_type": image.media_type,
        "width": image.width,
        "height": image.height,
        "byte_size": image.byte_size,
        "requested": image.generation.settings,
        "sent": sent_of(wire) if wire else {},
        "dropped": wire.dropped if wire else [],
        "applied": {"size": f"{image.width}x{image.height}", "media_type": image.media_type},
        "revised_prompt": image.revised_prompt,
        "shared": image.shared,
        "saved_at": image.saved_at,
        "link_dies_at": image.link_dies_at,
    }


def hides_models(generation: Generation) -> bool:
    """Say whether the names of model and relay are kept from everybody: a blind comparison until its pick."""
    return generation.comparison is not None and generation.comparison.hides_models


def request_of(image: Image) -> WireRequest | None:
    """Return the request on the wire that brought this image: the last one for its slot."""
    requests = [wire for wire in image.generation.wire_requests.all() if image.index in wire.slots]
    return max(requests, key=lambda wire: wire.attempt, default=None)


def sent_of(wire: WireRequest) -> dict[str, Any]:
    """Return the fields that left with a request, but the model's name."""
    return {name: value for name, value in wire.sent.items() if name != "model"}


def total_cost(wires: list[WireRequest]) -> Decimal | None:
    """Return what the relays said these requests cost together, in USD; nothing if none of them said."""
    known = [wire.cost for wire in wires if wire.cost is not None]
    return sum(known, Decimal(0)) if known else None


def dollars(cost: Decimal | None) -> str | None:
    """Write a cost without empty decimals beyond cents: 0.04, 0.039, 1.20."""
    if cost is None:
        return None
    whole, _, parts = f"{cost:f}".partition(".")
    return f"{whole}.{parts.rstrip('0').ljust(2, '0')}"


def _of_request(wire: WireRequest, *, hidden: bool) -> dict[str, Any]:
    facts = ("attempt", "sent_at", "ended_at", "status", "outcome", "slots", "dropped")
    return {
        **{name: getattr(wire, name) for name in facts},
        **_named(None if hidden else wire.model),
        "trace_id": "" if hidden else wire.trace_id,
        "sent": sent_of(wire) if hidden else wire.sent,
        "cost_usd": dollars(wire.cost),
    }


def _named(model: ImageModel | None) -> Mapping[str, str | None]:
    """Return the names of a model and its relay; nothing for one that is unknown or hidden."""
    return {"relay": model.relay.name if model else None, "model": model.model_id if model else None}
