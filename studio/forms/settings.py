"""One form field for each setting that a model may take (RELAYS.md §1), and the words for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from studio.forms import TextField
from studio.forms.shapes import times
from studio.models import ImageModel
from studio.relays import sizes
from studio.relays.shapes import SETTINGS

TEXT_LENGTH = 4000
WORD_LENGTH = 60
OWN = "own"
"""The value of the size tile that stands for a width and a height of one's own."""

PACKABLE = ("webp", "jpeg", "jpg")
LABELS = {"output_format": "Format", "output_compression": "Compression", "image_size": "Resolution"}
FREE_WORDS = ("image_size", "quality", "style", "background", "output_format", "moderation")

NOT_ASKED = frozenset({"model", "prompt", "n", "response_format", "user", "async", "stream"})
"""Fields of relays that no person decides on."""


def label_of(name: str) -> str:
    """Return the words that stand for a field."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names in our order, unknown ones last: PostgreSQL forgets the order of an object's keys."""
    known = {name: place for place, name in enumerate(SETTINGS)}
    return sorted(names, key=lambda name: (known.get(name, len(known)), name))


def listed(model: ImageModel, name: str) -> list[str]:
    """Return the values that a model names for a field, without the marker for any size."""
    return [value for value in model.values_of(name) if name != "size" or value != sizes.ANY]


def takes_own_size(model: ImageModel) -> bool:
    """Say whether a model draws sizes that it does not name."""
    return model.takes("size") and (not model.values_of("size") or sizes.ANY in model.values_of("size"))


def between(name: str, low: int, high: int) -> dict[str, str]:
    """Return the one sentence for every wrong number."""
    sentence = f"{name} is a number from {low} to {high:,}."
    return dict.fromkeys(("invalid", "min_value", "max_value", "required"), sentence)


def whole(name: str, low: int, high: int, **more: Any) -> forms.IntegerField:
    """Return a field for a whole number between two."""
    return forms.IntegerField(min_value=low, max_value=high, error_messages=between(name, low, high), **more)


def field_for(name: str, values: list[str]) -> forms.Field | None:
    """Return the field for a setting and its values, or nothing if people are not asked for it."""
    if name in NOT_ASKED:
        return None
    field: forms.Field | None = SizeField(values) if name == "size" else None
    field = field or (_choice(name, values) if values else _free(name))
    if field:
        field.label = label_of(name)
    return field


def _choice(name: str, values: list[str]) -> forms.ChoiceField:
    wrong = {"invalid_choice": f"This model does not take this {label_of(name).lower()}. Choose another one."}
    choices = [("", "default"), *((value, value) for value in values if value)]
    return forms.ChoiceField(choices=choices, required=False, error_messages=wrong)


def _free(name: str) -> forms.Field | None:
    """Return the field for a setting that takes any value, or nothing if the studio does not know it."""
    match name:
        case "negative_prompt":
            words = forms.Textarea(attrs={"rows": 2, "placeholder": "What should not be in the picture"})
            return TextField(max_length=TEXT_LENGTH, widget=words, required=False)
        case "seed":
            return whole("Seed", 0, 2**31 - 1, required=False)
        case "steps":
            return whole("Steps", 1, 150, required=False)
        case "guidance":
            wrong = between("Guidance", 0, 50)
            return forms.FloatField(min_value=0, max_value=50, error_messages=wrong, required=False)
        case "output_compression":
            return whole("Compression", 0, 100, required=False, help_text="0 to 100, for WebP and JPEG only.")
        case "aspect_ratio":
            wrong = {"invalid": "Write the aspect ratio as width to height, for example 16:9."}
            return forms.RegexField(r"^[1-9]\d{0,2}:[1-9]\d{0,2}$", error_messages=wrong, required=False)
    return TextField(max_length=WORD_LENGTH, required=False) if name in FREE_WORDS else None


class SizeInput(forms.TextInput):
    """Reads a size from its tile, or from the width and height beside the tiles."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        chosen = str(data.get(name) or "").strip()
        width, height = (str(data.get(f"{name}_{side}") or "").strip() for side in ("width", "height"))
        if chosen == OWN or (not chosen and (width or height)):
            return f"{width}x{height}"
        return chosen


class SizeField(forms.Field):
    """A size that the model names; where it takes others, any that it can draw."""

    widget = SizeInput

    def __init__(self, values: list[str]) -> None:
        super().__init__(required=False)
        self.named = [value for value in values if value != sizes.ANY]
        self.is_free = not values
        self.follows_rules = sizes.ANY in values

    def clean(self, value: Any) -> str:
        """Return the size as "1024x1024" or a name of the model's; an illegal one tells the nearest legal one."""
        size = str(value or "").strip()
        if not size or size in self.named:
            return size
        if not (self.is_free or self.follows_rules):
            raise ValidationError("This model does not take this size. Choose another one.", "invalid_choice")
        sides = sizes.parse(size)
        if sides is None:
            raise ValidationError("Write the size as width and height, for example 1024 and 1024.", "invalid")
        size = "{}x{}".format(*sides)
        if self.follows_rules and not sizes.is_legal(*sides):
            near = "{}x{}".format(*sizes.nearest_legal(*sides))
            sentence = f"{times(size)} cannot be drawn: {broken_rule(*sides)}."
            raise ValidationError(sentence, "illegal", {"nearest": near})
        return size


def broken_rule(width: int, height: int) -> str:
    """Say which rule for free sizes a size breaks (RELAYS.md §1.4)."""
    if width % sizes.STEP or height % sizes.STEP:
        return f"both sides must be divisible by {sizes.STEP}"
    if max(width, height) > sizes.STEEPEST * min(width, height):
        return f"one side may be at most {sizes.STEEPEST} times the other"
    if max(width, height) > sizes.LONGEST:
        return f"a side has at most {sizes.LONGEST:,} pixels"
    return f"it has more than {sizes.AREA:,} pixels"
