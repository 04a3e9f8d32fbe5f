"""The receipt of one image in words: what was asked, what came, when it was kept."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from studio.forms.shapes import times
from studio.models import Generation, Image, Rate, RelayRequest, Unit, User, installation
from studio.relays.settings import NOT_ASKED, in_order, label_of
from studio.services import receipts
from studio.templatetags.studio import bytes as in_bytes
from studio.words.money import amount
from studio.words.relays import KINDS

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP"}
LABELS = {"negative_prompt": "Without"}
IN_ONE_LINE = ("size", "aspect_ratio", "image_size", "quality", "style")
"""Settings that say what they are by their values."""

OURS = NOT_ASKED | {"modalities"}
"""Fields of a request that the studio adds by itself."""

WORDS_AT_MOST = 60
HIDDEN = "hidden until one is picked"


def of_image(image: Image, *, reader: User | None = None) -> list[dict[str, Any]]:
    """Return the facts as label and value, in reading order; what is not known, or not for its reader, is left out.

    While a comparison is blind hardly any is told: settings, type, time and cost would all name the model.
    """
    generation, relay_request = image.generation, receipts.request_of(image)
    sha256 = _code("SHA-256", image.sha256, f"{image.sha256[:4]}…{image.sha256[-4:]}")
    if receipts.hides_models(generation):
        return [{"label": "Model", "value": HIDDEN}, sha256]
    rows = [
        *_drawn_by(generation),
        {
            "label": "Brought in as",
            "value": image.old_name if reader and reader.pk == image.owner_id else None,
        },
        {"label": "House preset", "value": _preset(generation)},
        {"label": "Asked", "value": _asked(generation.settings)},
        {
            "label": "Sent",
            "value": _sent(generation.settings, receipts.sent_of(relay_request)) if relay_request else "",
        },
        {"label": "Got", "value": _got(image)},
        *_settings(generation.settings),
        {"label": "Left out", "value": ", ".join(relay_request.dropped) if relay_request else ""},
        {"label": "Revised", "value": image.revised_prompt or "no"},
        {"label": "Cost", "value": _cost(generation, relay_request)},
        {"label": "Time", "value": _time(image, relay_request)},
        {"label": "Relay link", "value": _link(image)},
        sha256,
    ]
    if relay_request:
        rows.append(_code("Trace", relay_request.trace_id, relay_request.trace_id))
    return [row for row in rows if row["value"]]


def _drawn_by(generation: Generation) -> list[dict[str, Any]]:
    """Say which model drew, in whose place, and the way there."""
    drawn_by, asked = generation.drawn_by, generation.model
    instead = f"{asked.label}, {asked.relay.name}" if drawn_by != asked else ""
    return [
        {"label": "Model", "value": f"{drawn_by.label}, {drawn_by.relay.name}"},
        {"label": "In place of", "value": instead},
        {"label": "Trail", "value": trail_words(generation.trail)},
    ]


def _preset(generation: Generation) -> str:
    preset = generation.preset
    return f"{preset.name}, version {generation.preset_version}" if preset else ""


def trail_words(trail: list[dict[str, Any]]) -> str:
    """Write the way from relay to relay: "Routeway 401 → RelayRouter 200"."""
    steps = (
        f"{step.get('relay', '')} {step.get('status') or KINDS.get(step.get('kind', ''), '')}"
        for step in trail
    )
    return " → ".join(step.strip() for step in steps)


def _code(label: str, whole: str, value: str) -> dict[str, Any]:
    """A fact to copy: shown short, copied whole."""
    return {"label": label, "value": value, "whole": whole}


def _asked(settings: dict[str, Any]) -> str:
    return ", ".join(times(str(settings[name])) for name in IN_ONE_LINE if settings.get(name))


def _sent(asked: dict[str, Any], sent: dict[str, Any]) -> str:
    """Write what left under the relay's own names, where it is not what was asked; an object's fields stand for it."""
    flat: dict[str, Any] = {}
    for name, value in sent.items():
        flat |= value if isinstance(value, dict) else {name: value}
    told = [str(value) for name, value in flat.items() if name not in OURS]
    if sorted(told) == sorted(str(value) for value in asked.values() if value not in (None, "")):
        return ""
    return ", ".join(f"{name} {_short(flat[name])}" for name in in_order(flat))


def _short(value: Any) -> str:
    text = " and ".join(map(str, value)) if isinstance(value, list) else times(str(value))
    return text if len(text) <= WORDS_AT_MOST else f"{text[:WORDS_AT_MOST].rstrip()}…"


def _got(image: Image) -> str:
    kind = FORMATS.get(image.media_type, image.media_type)
    return f"{image.width}×{image.height} {kind}, {in_bytes(image.byte_size)}"


def _settings(settings: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"label": LABELS.get(name, label_of(name)), "value": str(settings[name])}
        for name in in_order(settings)
        if name not in IN_ONE_LINE and settings[name] not in (None, "")
    ]


def _cost(generation: Generation, relay_request: RelayRequest | None) -> str:
    """Say what the relay asked for the request, which may have brought several images; else the price of its day."""
    cost = receipts.dollars(relay_request.cost) if relay_request else None
    if relay_request and cost:
        count = f" for {len(relay_request.slots)} images" if len(relay_request.slots) > 1 else ""
        return f"${cost}{count}"
    if generation.rate is None or (relay_request and relay_request.model_id != generation.drawn_by.pk):
        return ""
    unit = Unit(generation.cost_unit)
    return f"{amount(Rate(generation.rate, unit).of(1), unit)}, by the price of that day"


def _time(image: Image, relay_request: RelayRequest | None) -> str:
    if relay_request is None:
        return ""
    is_last = relay_request.attempt == image.generation.attempts
    received = image.generation.received_at if is_last else relay_request.ended_at
    if received is None or received < relay_request.sent_at:
        return ""
    kept = image.saved_at - received
    words = f"{(received - relay_request.sent_at).total_seconds():.1f} s"
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


def sight(*, shared: bool) -> str:
    """Say who sees it, unless that is what the installation's setting makes of everything."""
    if shared == installation().starts_shared:
        return ""
    return "shared with the team" if shared else "private"


def seconds(ms: float | None) -> str:
    """Write milliseconds as 4.2 s or 21 s; nothing where it would be 0.0 s."""
    if ms is None or ms < 50:
        return ""
    return f"{ms / 1000:.1f} s" if ms < 9950 else f"{ms / 1000:.0f} s"
