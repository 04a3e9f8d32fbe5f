"""The receipt of one image in words: what was asked, what came, when it was kept."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from studio.models import Image, WireRequest
from studio.templatetags.studio import bytes as in_bytes

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP"}
LABELS = {
    "negative_prompt": "Without",
    "seed": "Seed",
    "steps": "Steps",
    "guidance": "Guidance",
}


def of_image(image: Image) -> list[dict[str, Any]]:
    """Return the facts as label and value, in reading order; what is not known is left out."""
    wire = request_of(image)
    model = image.generation.model
    rows = [
        {"label": "Model", "value": f"{model.label}, {model.relay.name}"},
        {"label": "Asked", "value": _asked(image.generation.settings)},
        {"label": "Got", "value": _got(image)},
        *_settings(image.generation.settings),
        {"label": "Left out", "value": ", ".join(wire.dropped) if wire else ""},
        {"label": "Revised", "value": image.revised_prompt or "no"},
        {"label": "Time", "value": _time(image, wire)},
        {"label": "Relay link", "value": _link(image)},
        {"label": "SHA-256", "value": f"{image.sha256[:4]}…{image.sha256[-4:]}", "whole": image.sha256},
        {"label": "Trace", "value": wire.trace_id if wire else "", "whole": wire.trace_id if wire else ""},
    ]
    return [row for row in rows if row["value"]]


def request_of(image: Image) -> WireRequest | None:
    """Return the request on the wire that brought this image: the last one for its slot."""
    requests = [wire for wire in image.generation.wire_requests.all() if image.index in wire.slots]
    return max(requests, key=lambda wire: wire.attempt, default=None)


def _asked(settings: dict[str, Any]) -> str:
    size = str(settings.get("size", "")).replace("x", "×")
    return ", ".join(str(part) for part in (size, settings.get("quality")) if part)


def _got(image: Image) -> str:
    kind = FORMATS.get(image.media_type, image.media_type)
    return f"{image.width}×{image.height} {kind}, {in_bytes(image.byte_size)}"


def _settings(settings: dict[str, Any]) -> list[dict[str, Any]]:
    rest = {name: value for name, value in settings.items() if name not in {"size", "quality"}}
    return [
        {"label": LABELS.get(name, name.replace("_", " ").capitalize()), "value": str(value)}
        for name, value in rest.items()
        if value not in (None, "")
    ]


def _time(image: Image, wire: WireRequest | None) -> str:
    received = image.generation.received_at
    if wire is None or received is None or received < wire.sent_at:
        return ""
    kept = image.saved_at - received
    words = f"{(received - wire.sent_at).total_seconds():.1f} s"
    return f"{words}, kept after {kept.total_seconds():.1f} s" if kept >= timedelta() else words


def _link(image: Image) -> str:
    """Say when the relay forgets the picture, and how long before that it was kept."""
    dies = image.link_dies_at
    if dies is None:
        return ""
    minutes = int((dies - image.saved_at).total_seconds() // 60)
    verb = "died" if dies <= timezone.now() else "dies"
    return f"{verb} {_clock(dies)}, kept {minutes} min before"


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
