"""The form field of each setting of the one table (studio.relays.settings), and the sentence for a wrong value."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studio.cleaning import clean_text
from studio.forms.shapes import times
from studio.relays import sizes
from studio.relays.settings import TABLE, Accepts, Unfit, label_of

OWN = "own"
"""The value of the size tile that stands for a width and a height of one's own."""

BROKEN = {
    "step": f"both sides must be divisible by {sizes.STEP}",
    "steep": f"one side may be at most {sizes.STEEPEST} times the other",
    "side": f"a side has at most {sizes.LONGEST:,} pixels",
    "area": f"it has more than {sizes.AREA:,} pixels",
}
"""What is wrong with a size, by the rule that it breaks (RELAYS.md §1.4)."""

WRONG = {
    "choice": "This model does not take this {label}. Choose another one.",
    "size": "Write the size as width and height, for example 1024 and 1024.",
    "ratio": "Write the aspect ratio as width to height, for example 16:9.",
    "number": "{name} is a number from {low} to {high:,}.",
    "long": "{name} has at most {most:,} characters; this one has {length:,}.",
    "packed": "Compression works for WebP and JPEG only. Choose one of them, or leave this empty.",
}


def sentence_of(unfit: Unfit) -> str:
    """Say what is wrong with a value."""
    if unfit.rule in BROKEN:
        return f"{times(unfit.facts['size'])} cannot be drawn: {BROKEN[unfit.rule]}."
    name = label_of(unfit.name)
    return WRONG[unfit.rule].format(name=name, label=name.lower(), **unfit.facts)


def error_of(unfit: Unfit) -> ValidationError:
    """Return the form's error for a wrong value; its parameters hold the nearest size."""
    return ValidationError(sentence_of(unfit), unfit.rule, unfit.facts)


def between(name: str, low: int, high: int) -> dict[str, str]:
    """Return the one sentence for every wrong number."""
    sentence = WRONG["number"].format(name=name, low=low, high=high)
    return dict.fromkeys(("invalid", "min_value", "max_value", "required"), sentence)


def whole(name: str, low: int, high: int, **more: Any) -> forms.IntegerField:
    """Return a field for a whole number between two."""
    return forms.IntegerField(min_value=low, max_value=high, error_messages=between(name, low, high), **more)


class SizeInput(forms.TextInput):
    """Reads a size from its tile, or from the width and height beside the tiles."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        chosen = str(data.get(name) or "").strip()
        width, height = (str(data.get(f"{name}_{side}") or "").strip() for side in ("width", "height"))
        if chosen == OWN or (not chosen and (width or height)):
            return f"{width}x{height}"
        return chosen


class SettingField(forms.Field):
    """One setting of one model; what the model does not take is an error of the form."""

    def __init__(self, name: str, accepts: Accepts) -> None:
        packs = name == "output_compression"
        super().__init__(
            label=label_of(name),
            required=False,
            widget=_widget(name, accepts),
            help_text="0 to 100, for WebP and JPEG only." if packs else "",
        )
        self.name = name
        self.accepts = accepts

    def clean(self, value: Any) -> str | int | float:
        try:
            return self.accepts.validate(self.name, clean_text(str("" if value is None else value)))
        except Unfit as unfit:
            raise error_of(unfit) from None


def _widget(name: str, accepts: Accepts) -> forms.Widget:
    row, named = TABLE.get(name), accepts.named(name)
    kind = row.kind if row else "word"
    if kind == "size":
        return SizeInput()
    if named and not accepts.is_open(name):
        return forms.Select(choices=[("", "default"), *((value, value) for value in named if value)])
    if kind == "text":
        return forms.Textarea(attrs={"rows": 2, "placeholder": "What should not be in the picture"})
    if row and kind in ("whole", "number"):
        step = {"step": "any"} if kind == "number" else {}
        return forms.NumberInput(attrs={"min": row.low, "max": row.high} | step)
    return forms.TextInput()
