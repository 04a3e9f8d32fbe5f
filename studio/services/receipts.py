"""The receipt: what was asked, what left, what came, when it was kept."""

from typing import Any

from studio.models import Generation, Image


def of_generation(generation: Generation) -> dict[str, Any]:
    """Return all facts of a generation and its images, ready for JSON."""
    return {
        "generation": str(generation.pk),
        "state": generation.state,
        "prompt": generation.prompt.text,
        "person": str(generation.owner),
        "relay": generation.model.relay.name,
        "model": generation.model.model_id,
        "n": generation.n,
        "settings": generation.settings,
        "sentence": generation.sentence,
        "asked_at": generation.created_at,
        "sent_at": generation.sent_at,
        "received_at": generation.received_at,
        "settled_at": generation.settled_at,
        "requests": list(
            generation.wire_requests.order_by("attempt").values(
                "attempt", "sent_at", "ended_at", "status", "outcome", "trace_id", "slots", "dropped"
            )
        ),
        "images": [of_image(image) for image in generation.images.order_by("index")],
    }


def of_image(image: Image) -> dict[str, Any]:
    """Return the facts of one kept image."""
    return {
        "id": str(image.pk),
        "index": image.index,
        "key": image.key,
        "sha256": image.sha256,
        "media_type": image.media_type,
        "width": image.width,
        "height": image.height,
        "byte_size": image.byte_size,
        "revised_prompt": image.revised_prompt,
        "shared": image.shared,
        "saved_at": image.saved_at,
        "link_dies_at": image.link_dies_at,
    }
