"""The relays a studio starts with: those whose keys are in the environment, and the sandbox."""

from typing import Any

from django.conf import settings
from django.db.models import Q

from studio.models import Dialect, ImageModel, Relay
from studio.relays.dialects.known_models import SHAPED, SQUARE_WIDE_TALL, STYLED, by_name
from studio.services import tickets
from studio.services.relays import edit, sandboxes

BASE_URLS = {
    Dialect.ROUTEWAY: "https://api.routeway.ai/v1",
    Dialect.ROUTMY: "https://api.rout.my/v1",
    Dialect.RELAYROUTER: "https://relayrouter.io/v1",
    Dialect.OPENAI: "https://api.openai.com/v1",
}
USUAL_URLS = BASE_URLS | {Dialect.CHAT: "https://openrouter.ai/api/v1"}
"""Where the relay of each dialect answers, for those that have one of their own."""

SANDBOX_NAMES = {
    Dialect.ROUTEWAY: "Sandbox",
    Dialect.OPENAI: "Sandbox (OpenAI style)",
    Dialect.ROUTMY: "Sandbox (rout.my style)",
    Dialect.RELAYROUTER: "Sandbox (RelayRouter style)",
    Dialect.CHAT: "Sandbox (chat style)",
    Dialect.GENERIC: "Sandbox (generic style)",
}
"""The sandbox's relays, in the order of the picker."""

SANDBOX_MODELS: dict[str, list[dict[str, Any]]] = {
    Dialect.ROUTEWAY: [
        {
            "model_id": "sandbox-flux",
            "label": "Sandbox Flux",
            "accepts": {
                "size": SQUARE_WIDE_TALL,
                "quality": STYLED["quality"],
                "negative_prompt": [],
                "seed": [],
                "steps": [],
                "guidance": [],
            },
        },
        {
            "model_id": "sandbox-sketch:free",
            "label": "Sandbox Sketch",
            "accepts": {"size": ["1024x1024", "512x512"]},
        },
    ],
    Dialect.OPENAI: [
        {
            "model_id": "gpt-image-sandbox",
            "label": "Sandbox GPT Image",
            "accepts": by_name("gpt-image-sandbox"),
        },
        {
            "model_id": "gpt-image-2-sandbox",
            "label": "Sandbox GPT Image 2",
            "accepts": by_name("gpt-image-2-sandbox"),
        },
    ],
    Dialect.ROUTMY: [
        {"model_id": "sandbox/canvas", "label": "Sandbox Canvas", "accepts": SHAPED},
        {"model_id": "sandbox/canvas-pro", "label": "Sandbox Canvas Pro", "accepts": SHAPED | STYLED},
        {
            "model_id": "sandbox/talking-brush",
            "label": "Sandbox Talking Brush",
            "accepts": SHAPED,
            "per_call": 1,
            "by_chat": True,
        },
    ],
    Dialect.RELAYROUTER: [
        {
            "model_id": "gpt-image-sandbox",
            "label": "Sandbox GPT Image",
            "accepts": {"size": by_name("gpt-image-sandbox")["size"]},
            "enabled": False,  # the same as OpenAI's, with less to set
        },
        {"model_id": "sandbox-poster", "label": "Sandbox Poster", "accepts": {"size": []}},
    ],
    Dialect.CHAT: [
        {
            "model_id": "sandbox/talking-brush",
            "label": "Sandbox Talking Brush",
            "accepts": SHAPED,
            "per_call": 1,
        },
        {
            "model_id": "sandbox/plate",
            "label": "Sandbox Plate",
            "accepts": SHAPED | {"image_only": []},
            "per_call": 1,
        },
    ],
    Dialect.GENERIC: [
        {"model_id": "sandbox-litho", "label": "Sandbox Litho", "accepts": {"size": []}},
        {"model_id": "sandbox-lino", "label": "Sandbox Lino", "accepts": {"size": []}},
    ],
}
"""The sandbox's models as their lists would make them."""

UNTOLD = {
    (Dialect.ROUTEWAY, "sandbox-flux"): ["accepts"],
    (Dialect.ROUTMY, "sandbox/canvas"): ["draws", "enabled"],
    (Dialect.ROUTMY, "sandbox/canvas-pro"): ["accepts", "draws", "enabled"],
    (Dialect.ROUTMY, "sandbox/talking-brush"): ["by_chat", "draws", "enabled"],
    (Dialect.RELAYROUTER, "gpt-image-sandbox"): ["enabled"],
}
"""What no list of the sandbox tells, or would tell otherwise; beside the labels."""


def ensure() -> None:
    """Make the relays whose keys are in the environment if they are missing, and the sandbox when it is on.

    Nothing is asked of a relay here: a worker reads the list of a relay that has not been read yet.
    """
    for dialect, url in BASE_URLS.items():
        key = settings.RELAY_KEYS.get(dialect, "")
        if key:
            _ensure_relay(dialect, url, key)
    if not sandboxes.is_off():
        _ensure_sandbox()
    else:
        Relay.objects.filter(sandbox=True).update(enabled=False)


def _ensure_relay(dialect: Dialect, url: str, key: str) -> None:
    named = Q(name=dialect.label) | Q(dialect=dialect, base_url=url)
    relay = Relay.objects.filter(named).order_by("pk").first()
    relay = relay or edit.add_relay(name=dialect.label, dialect=dialect, base_url=url, api_key=key)
    if relay.synced_at is None:
        tickets.sync(relay)


def _ensure_sandbox() -> None:
    """Make what is missing of the sandbox; names and models that people changed stay as they are."""
    for dialect, name in SANDBOX_NAMES.items():
        known = Relay.objects.filter(sandbox=True, dialect=dialect).order_by("pk").first()
        relay = edit.add_relay(
            name=known.name if known else name,
            dialect=dialect,
            base_url=f"{settings.SANDBOX_URL}/{dialect}/v1",
            api_key=settings.SANDBOX_KEY,
            sandbox=True,
        )
        Relay.objects.filter(pk=relay.pk).update(enabled=True)
        for model in SANDBOX_MODELS[dialect]:
            facts = model | {"by_hand": ["label", *UNTOLD.get((dialect, model["model_id"]), [])]}
            ImageModel.objects.get_or_create(relay=relay, model_id=model["model_id"], defaults=facts)
