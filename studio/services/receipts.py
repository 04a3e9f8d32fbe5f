"""The receipt: what was asked, what left, what came, who drew it, what it cost, when it was kept."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from studio.models import Generation, Image, ImageModel, RelayRequest, Unit, User

HIDDEN = "until one picture of the comparison is picked"


def of_generation(generation: Generation) -> dict[str, Any]:
    """Return all facts of a generation and its images, ready for JSON; a blind comparison keeps its models' names."""
    if not hides_models(generation):
        requests_of(generation)  # once, for all its images
    return _of_run(generation, [of_image(image) for image in generation.images.order_by("index")])


def of_one(image: Image, *, reader: User) -> dict[str, Any]:
    """Return all facts of one image and its generation; its neighbours are nobody's business here."""
    own = of_image(image)
    own.pop("key", None)
    if image.old_name and image.owner_id == reader.pk:
        own["old_name"] = image.old_name
    return {"image": own, **_of_run(image.generation, [own["id"]])}


def _of_run(generation: Generation, images: list[Any]) -> dict[str, Any]:
    if hides_models(generation):
        return {**_asked(generation), **_named(None), "hidden": HIDDEN, "images": images}
    requests = requests_of(generation)
    return {
        **_asked(generation),
        **_named(generation.model),
        "settings": generation.settings,
        "preset": _preset(generation),
        "drawn_by": _named(generation.drawn_by),
        "trail": generation.trail,
        "cost_usd": dollars(total_cost(requests)),
        "cost": _cost(generation),
        "reason": generation.reason,
        "sentence": generation.why.said(),
        "sent_at": generation.sent_at,
        "received_at": generation.received_at,
        "settled_at": generation.settled_at,
        "requests": [_of_request(each) for each in requests],
        "images": images,
    }


def _cost(generation: Generation) -> Mapping[str, str | int] | None:
    """Return what it has cost in smallest parts, and the price of one image on its day; nothing where unknown."""
    if not generation.cost_unit:
        return None
    unit = Unit(generation.cost_unit)
    known: dict[str, str | int] = {"unit": unit.value, "parts_of_one": unit.parts}
    known |= {} if generation.cost is None else {"parts": generation.cost}
    return known | ({} if generation.rate is None else {"each": f"{generation.rate.normalize():f}"})


def to_hand_out(generation: Generation) -> dict[str, Any]:
    """Return the receipt without where the files lie: that is the studio's own business."""
    receipt = of_generation(generation)
    for image in receipt["images"]:
        image.pop("key", None)
    return receipt


def requests_of(generation: Generation) -> list[RelayRequest]:
    """Return every request that left for this generation, with the model and relay that it was for."""
    requests = RelayRequest.objects.select_related("model__relay")
    prefetch_related_objects([generation], Prefetch("relay_requests", requests))
    return sorted(generation.relay_requests.all(), key=lambda each: each.attempt)


def _asked(generation: Generation) -> dict[str, Any]:
    return {
        "generation": str(generation.pk),
        "state": generation.state,
        "prompt": generation.prompt.text,
        "person": str(generation.owner),
        "n": generation.n,
        "asked_at": generation.created_at,
    }


def of_image(image: Image) -> dict[str, Any]:
    """Return the facts of one kept image: what was requested, sent and dropped for it, what came, what was revised."""
    # Before the pick of a blind comparison settings that fitted, types, times and costs would name the model.
    plain = {"id": str(image.pk), "index": image.index, "sha256": image.sha256, "shared": image.shared}
    if hides_models(image.generation):
        return plain
    relay_request = request_of(image)
    return plain | {
        "key": image.key,
        "media_type": image.media_type,
        "width": image.width,
        "height": image.height,
        "byte_size": image.byte_size,
        "requested": image.generation.settings,
        "sent": sent_of(relay_request) if relay_request else {},
        "dropped": relay_request.dropped if relay_request else [],
        "applied": {"size": f"{image.width}x{image.height}", "media_type": image.media_type},
        "revised_prompt": image.revised_prompt,
        "saved_at": image.saved_at,
        "link_dies_at": image.link_dies_at,
    }


def hides_models(generation: Generation) -> bool:
    """Say whether the names of model and relay are kept from everybody: a blind comparison until its pick."""
    return generation.comparison is not None and generation.comparison.hides_models


def request_of(image: Image) -> RelayRequest | None:
    """Return the request on the wire that brought this image: the last one for its slot."""
    requests = [each for each in image.generation.relay_requests.all() if image.index in each.slots]
    return max(requests, key=lambda each: each.attempt, default=None)


def sent_of(relay_request: RelayRequest) -> dict[str, Any]:
    """Return the fields that left with a request, but the model's name."""
    return {name: value for name, value in relay_request.sent.items() if name != "model"}


def total_cost(requests: list[RelayRequest]) -> Decimal | None:
    """Return what the relays said these requests cost together, in USD; nothing if none of them said."""
    known = [each.cost for each in requests if each.cost is not None]
    return sum(known, Decimal(0)) if known else None


def dollars(cost: Decimal | None) -> str | None:
    """Write a cost without empty decimals beyond cents: 0.04, 0.039, 1.20."""
    if cost is None:
        return None
    whole, _, parts = f"{cost:f}".partition(".")
    return f"{whole}.{parts.rstrip('0').ljust(2, '0')}"


def _of_request(relay_request: RelayRequest) -> dict[str, Any]:
    facts = ("attempt", "sent_at", "ended_at", "status", "outcome", "slots", "dropped")
    return {
        **{name: getattr(relay_request, name) for name in facts},
        **_named(relay_request.model),
        "trace_id": relay_request.trace_id,
        "sent": relay_request.sent,
        "cost_usd": dollars(relay_request.cost),
        "tokens": relay_request.tokens,
    }


def _preset(generation: Generation) -> dict[str, Any] | None:
    """Return the house preset that it was asked for with, in the version of then."""
    preset = generation.preset
    return {"name": preset.name, "version": generation.preset_version} if preset else None


def _named(model: ImageModel | None) -> Mapping[str, str | None]:
    """Return the names of a model and its relay; nothing for one that is unknown or hidden."""
    return {"relay": model.relay.name if model else None, "model": model.model_id if model else None}
