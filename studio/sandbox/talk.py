"""Drawing in a conversation (RELAYS.md §1.5), as OpenRouter and rout.my's chat models do it."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from studio.sandbox import bodies
from studio.sandbox.bodies import Bad
from studio.sandbox.dialects import Model, Refused, Wish

KINDS = {"model": "string", "messages": "array", "modalities": "array", "image_config": "object"}
SPEECHLESS = "I cannot draw this, but I can describe it."


def checked(body: object, *, bad: Bad) -> dict[str, Any]:
    """Return the body if it asks for a picture; `n` and whatever else is not documented is refused."""
    found = bodies.checked(body, KINDS, required=("model", "messages"), bad=bad)
    if "image" not in found.get("modalities", []):
        raise bad("This model draws only when modalities holds 'image'.", "modalities")
    return found


def order(body: Mapping[str, Any], model: Model, *, bad: Bad) -> Wish:
    """Return the order in a checked body; a model that only draws refuses to be asked for text."""
    if "text" in body["modalities"] and "text" not in outputs(model):
        message = "No endpoints found that support the requested output modalities: image, text"
        raise Refused(404, message)
    made = Wish(
        model=model,
        prompt=bodies.prompt(_said(body["messages"]), bad=bad),
        n=1,
        size=bodies.shaped(body.get("image_config", {}), bad=bad),
        quality="",
        inline=model.inline,
        by_chat=True,
    )
    return bodies.hurried(made)


def outputs(model: Model) -> Sequence[str]:
    """Return what a model answers with."""
    found = model.marks.get("output_modalities", ["image", "text"])
    return found if isinstance(found, list) else []


def completion(order: Wish, *, pictures: list[dict[str, object]], created: int) -> dict[str, object]:
    """Return a chat completion: data URLs beside the text, or links among the parts of the content."""
    words = str(pictures[0]["revised_prompt"]) if pictures else SPEECHLESS
    parts = [_part(picture) for picture in pictures]
    message: dict[str, object] = {"role": "assistant", "content": words}
    if order.inline and parts:
        message["images"] = parts
    elif parts:
        message["content"] = parts
    tokens = {"prompt_tokens": max(len(order.prompt) // 4, 1), "completion_tokens": 1290 * len(pictures)}
    return {
        "id": f"gen-{created}-{secrets.token_hex(6)}",
        "object": "chat.completion",
        "created": created,
        "model": order.model.id,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": tokens
        | {"total_tokens": sum(tokens.values()), "cost": round(order.model.price * len(pictures), 6)},
    }


def _part(picture: Mapping[str, object]) -> dict[str, object]:
    inline = picture.get("b64_json")
    return {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{inline}" if inline else picture["url"]},
    }


def _said(messages: list[Any]) -> str:
    """Return the text of the last message, one string or some parts."""
    last = messages[-1] if messages and isinstance(messages[-1], dict) else {}
    content = last.get("content", "")
    parts = content if isinstance(content, list) else [{"text": content}]
    return " ".join(str(part.get("text") or "") for part in parts if isinstance(part, dict)).strip()
