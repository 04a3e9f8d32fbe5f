"""Adds relays and models, from the environment or by command."""

from typing import Any

from django.conf import settings

from studio.models import Dialect, ImageModel, Relay
from studio.models.relays import IMAGES_AT_ONCE
from studio.models.transactions import writing

BASE_URLS = {
    Dialect.ROUTEWAY: "https://api.routeway.ai/v1",
    Dialect.OPENAI: "https://api.openai.com/v1",
}
SQUARE_WIDE_TALL = ["1024x1024", "1792x1024", "1024x1792"]
SANDBOX_MODELS: dict[str, list[dict[str, Any]]] = {
    Dialect.ROUTEWAY: [
        {
            "model_id": "sandbox-flux",
            "label": "Sandbox Flux",
            "accepts": {
                "size": SQUARE_WIDE_TALL,
                "quality": ["standard", "hd"],
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
            "accepts": {
                "size": ["1024x1024", "1536x1024", "1024x1536", "auto"],
                "quality": ["auto", "low", "medium", "high"],
            },
        },
    ],
}


def add_relay(*, name: str, dialect: str, base_url: str, api_key: str, sandbox: bool = False) -> Relay:
    """Return the relay of this name with these facts, made or brought up to date."""
    with writing():
        relay = Relay.objects.filter(name=name).first() or Relay(name=name)
        relay.dialect, relay.base_url, relay.sandbox = dialect, base_url, sandbox
        relay.api_key = api_key
        relay.full_clean(exclude=["base_url"] if sandbox else [])
        relay.save()
    return relay


def add_model(
    *,
    relay: Relay,
    model_id: str,
    label: str = "",
    accepts: dict[str, list[str]],
    max_n: int = IMAGES_AT_ONCE,
) -> ImageModel:
    """Return the relay's model of this id, made or brought up to date."""
    with writing():
        model, _made = ImageModel.objects.update_or_create(
            relay=relay,
            model_id=model_id,
            defaults={"label": label or model_id, "accepts": accepts, "max_n": max_n},
        )
    return model


def ensure_from_environment() -> None:
    """Make the relays whose keys are in the environment if they are missing, and the sandbox when it is on."""
    for dialect, url in BASE_URLS.items():
        key = settings.RELAY_KEYS.get(dialect, "")
        if key and not Relay.objects.filter(name=dialect.label).exists():
            add_relay(name=dialect.label, dialect=dialect, base_url=url, api_key=key)
    if settings.SANDBOX:
        _ensure_sandbox()
    else:
        Relay.objects.filter(sandbox=True).update(enabled=False)


def _ensure_sandbox() -> None:
    for dialect, models in SANDBOX_MODELS.items():
        name = "Sandbox" if dialect == Dialect.ROUTEWAY else f"Sandbox ({Dialect(dialect).label} style)"
        url = f"{settings.SANDBOX_URL}/{dialect}/v1"
        relay = add_relay(
            name=name, dialect=dialect, base_url=url, api_key=settings.SANDBOX_KEY, sandbox=True
        )
        Relay.objects.filter(pk=relay.pk).update(enabled=True)
        for model in models:
            if not ImageModel.objects.filter(relay=relay, model_id=model["model_id"]).exists():
                add_model(relay=relay, **model)
