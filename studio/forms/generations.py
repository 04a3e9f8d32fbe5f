"""The composer's form: its fields are those that the chosen model takes."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField

from studio.forms import TextField, clean_text
from studio.models import ImageModel

PROMPT_LENGTH = 4000
UNKNOWN_MODEL = "This model cannot be used now. Choose another one."
BASIC = ("submission_id", "model", "prompt", "n", "shared")
IN_THE_ROW = ("size", "quality")
LABELS = {"output_format": "Format", "output_compression": "Compression"}


def label_of(name: str) -> str:
    """Return the words that stand for a field."""
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _between(name: str, low: int, high: int) -> dict[str, str]:
    sentence = f"{name} is a number from {low} to {high:,}."
    return dict.fromkeys(("invalid", "min_value", "max_value", "required"), sentence)


def _whole(name: str, low: int, high: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(min_value=low, max_value=high, error_messages=_between(name, low, high), **more)


def _free(name: str) -> forms.Field | None:
    """Return the field for a setting that takes any value, or nothing if the studio does not know it."""
    match name:
        case "negative_prompt":
            words = forms.Textarea(attrs={"rows": 2, "placeholder": "What should not be in the picture"})
            return TextField(max_length=PROMPT_LENGTH, widget=words, required=False)
        case "seed":
            return _whole("Seed", 0, 2**31 - 1, required=False)
        case "steps":
            return _whole("Steps", 1, 150, required=False)
        case "guidance":
            return forms.FloatField(
                min_value=0, max_value=50, error_messages=_between("Guidance", 0, 50), required=False
            )
        case "size":
            wrong = "Write the size as width and height, for example 1024x1024."
            return forms.RegexField(r"^\d{2,5}x\d{2,5}$", error_messages={"invalid": wrong}, required=False)
    return None


def _choice(name: str, values: list[str]) -> forms.ChoiceField:
    offered = values if name in IN_THE_ROW else ["", *values]
    wrong = {"invalid_choice": f"This model does not take this {label_of(name).lower()}. Choose another one."}
    choices = [(value, value or "as the model likes") for value in offered]
    return forms.ChoiceField(choices=choices, required=False, error_messages=wrong)


@dataclass(frozen=True)
class Tile:
    """One size as a shape: `ratio` is width by height, 1 where the model decides."""

    value: str
    label: str
    ratio: float
    checked: bool


class GenerationForm(forms.Form):
    """A prompt, a model, a count, and the settings that this model takes; anything else is ignored."""

    submission_id = forms.UUIDField(
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This form has expired. Press the button again."
        )
    )
    prompt = TextField(
        max_length=PROMPT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Describe a picture"}),
        error_messages={
            "required": "Write what you want to see.",
            "max_length": f"A prompt has at most {PROMPT_LENGTH:,} characters; this one has %(show_value)d.",
        },
    )
    shared = forms.TypedChoiceField(
        choices=[("1", "Shared with the team"), ("0", "Private")],
        coerce=lambda value: value == "1",
        required=False,
        empty_value=None,
    )

    def __init__(self, *args: Any, model: ImageModel, known: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.model = model
        self.known = known
        self.fields["n"] = _whole("The count", 1, model.max_n)
        for name in model.accepts:
            values = model.values_of(name)
            field = _choice(name, values) if values else _free(name)
            if field and name not in BASIC:
                field.label = label_of(name)
                self.fields[name] = field

    @classmethod
    def sent(cls, data: Mapping[str, Any], models: Iterable[ImageModel], fallback: ImageModel) -> Self:
        """Return the form for what was sent; an unknown model becomes an error at the model."""
        chosen = next((model for model in models if str(model.pk) == data.get("model")), None)
        return cls(data, model=chosen or fallback, known=chosen is not None)

    @classmethod
    def opened(cls, model: ImageModel, **wanted: Any) -> Self:
        """Return an unsent form that keeps what fits of the wanted values."""
        start: dict[str, Any] = {"n": min(4, model.max_n), "shared": settings.DEFAULT_SHARED} | wanted
        start["shared"] = "1" if start["shared"] else "0"
        start["submission_id"] = uuid.uuid4()
        return cls(model=model, initial=start)

    def clean(self) -> dict[str, Any]:
        if not self.known:
            self.add_error(None, UNKNOWN_MODEL)
        return self.cleaned_data

    @property
    def settings(self) -> dict[str, Any]:
        """What was asked for beyond prompt and count; empty values are left out."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in BASIC and value not in (None, "")
        }

    @property
    def asked(self) -> dict[str, Any]:
        """Everything that `services.generations.submit` takes, but the person."""
        shared = self.cleaned_data["shared"]
        return {
            "submission_id": self.cleaned_data["submission_id"],
            "model": self.model,
            "text": self.cleaned_data["prompt"],
            "settings": self.settings,
            "n": self.cleaned_data["n"],
            "shared": settings.DEFAULT_SHARED if shared is None else shared,
        }

    @property
    def tiles(self) -> list[Tile]:
        """The sizes to choose from, as shapes; the first one stands when none is chosen."""
        values = self.model.values_of("size")
        wanted = self["size"].value() if values else None
        checked = wanted if wanted in values else next(iter(values), None)
        return [Tile(value, size_label(value), ratio_of(value), value == checked) for value in values]

    @property
    def more(self) -> list[BoundField]:
        """The fields under "More"."""
        row = {*BASIC, *IN_THE_ROW} if self.model.values_of("size") else {*BASIC, "quality"}
        return [self[name] for name in self.fields if name not in row]

    @property
    def opens_more(self) -> bool:
        """Whether something under "More" is set or wrong, so that it must be seen."""
        return any(field.errors or field.value() not in (None, "") for field in self.more)


def usual_seconds(model: ImageModel) -> int | None:
    """Return the model's usual time in whole seconds, if it has drawn before."""
    return max(1, round(model.usual_ms / 1000)) if model.usual_ms else None


def model_label(model: ImageModel) -> str:
    """Return the model's name and its usual time, as the picker shows them."""
    usual = usual_seconds(model)
    return f"{model.label} · {usual} s" if usual else model.label


def ratio_of(size: str) -> float:
    """Return width by height of "1792x1024"; 1 for anything else."""
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", size)
    return round(int(match[1]) / int(match[2]), 4) if match else 1.0


def size_label(size: str) -> str:
    """Say a size in words: its shape and its pixels."""
    if "x" not in size:
        return "Size as the model likes" if size == "auto" else size
    ratio = ratio_of(size)
    shape = "Square" if ratio == 1 else "Landscape" if ratio > 1 else "Portrait"
    return f"{shape}, {size.replace('x', ' × ')} pixels"


def carried(data: Mapping[str, Any], model: ImageModel) -> tuple[dict[str, Any], list[str]]:
    """Return what of a half-filled form fits another model, and the words for what is set aside."""
    wanted = {name: clean_text(str(value)) for name, value in data.items() if value and name not in BASIC}
    kept = model.fitting(wanted)
    known = {"size", "quality", "negative_prompt", "seed", "steps", "guidance"}
    aside = [_aside(name, value) for name, value in wanted.items() if name in known and name not in kept]
    count = str(data.get("n", ""))
    if count.isascii() and count.isdigit() and int(count[:4]) >= 1:
        kept["n"] = min(int(count[:4]), model.max_n)
        if kept["n"] < int(count[:4]):
            aside.append(f"more than {model.max_n} at once")
    if data.get("shared") in ("0", "1"):
        kept["shared"] = data["shared"] == "1"
    return kept | {"prompt": clean_text(str(data.get("prompt", "")))[:PROMPT_LENGTH]}, aside


def _aside(name: str, value: str) -> str:
    words = label_of(name).lower()
    return f"{words} {value.replace('x', '×')}" if name in IN_THE_ROW else words
