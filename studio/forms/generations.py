"""The composer's form: its fields are those that the chosen model takes."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from studio.forms import TextField
from studio.forms.choices import TILES, Choice, Shape, choice_of
from studio.forms.settings import SettingField, error_of, whole
from studio.forms.shapes import Tile, size_tile
from studio.models import ImageModel, Preset, User, installation
from studio.relays.settings import TEXT_LENGTH
from studio.services.orders import Order
from studio.words import NO_REASON, Reason

UNKNOWN_MODEL = "This model cannot be used now. Choose another one."
BASIC = (
    "submission_id",
    "model",
    "prompt",
    "n",
    "shared",
    "aside",
    "acknowledged",
    "parent",
    "saved",
    "collection",
    "preset",
    "preset_version",
)
UNKEPT = (*(name for name in BASIC if name not in ("model", "n")),)
PICKS = ("quality", "style")
"""Settings that stand in the row when the model names their values; the others are under "More"."""


class OriginField(forms.UUIDField):
    """What a prompt was made from, and where its pictures go; nonsense is nothing, as nobody types it."""

    def clean(self, value: Any) -> uuid.UUID | None:
        try:
            return super().clean(value)
        except ValidationError:
            return None


class GenerationForm(forms.Form):
    """A prompt, a model, a count, and the settings that this model takes; anything else is ignored."""

    submission_id = forms.UUIDField(
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This form has expired. Press the button again."
        )
    )
    prompt = TextField(
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Describe a picture"}),
        error_messages={
            "required": "Write what you want to see.",
            "max_length": f"A prompt has at most {TEXT_LENGTH:,} characters; this one has %(show_value)d.",
        },
    )
    shared = forms.TypedChoiceField(
        choices=[("1", "Shared with the team"), ("0", "Private")],
        coerce=lambda value: value == "1",
        required=False,
        empty_value=None,
    )

    aside = forms.CharField(required=False)
    acknowledged = forms.CharField(required=False)
    parent = OriginField(required=False)
    saved = OriginField(required=False)
    collection = OriginField(required=False)
    preset = forms.CharField(required=False)
    preset_version = forms.IntegerField(required=False)

    def __init__(
        self,
        *args: Any,
        model: ImageModel,
        obstacle: str = "",
        house: Preset | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.model = model
        self.house = house
        self.obstacle = obstacle
        self.fields["n"] = whole("The count", 1, model.max_n)
        for name in model.accepted.asked:
            if house is None or name not in house.fixed:
                self.fields[name] = SettingField(name, model.accepted)

    @classmethod
    def sent(
        cls,
        data: Mapping[str, Any],
        models: Iterable[ImageModel],
        fallback: ImageModel,
        *,
        person: User,
        house: Preset | None = None,
    ) -> Self:
        """Return the form for what was sent; a model this person cannot use now becomes an error above it."""
        chosen = next((model for model in models if str(model.pk) == data.get("model")), None)
        if chosen is None:
            return cls(data, model=fallback, obstacle=UNKNOWN_MODEL, house=house)
        reason = chosen.obstacle(person)
        return cls(data, model=chosen, obstacle=cannot(chosen, reason) if reason else "", house=house)

    @classmethod
    def opened(cls, model: ImageModel, *, house: Preset | None = None, **wanted: Any) -> Self:
        """Return an unsent form that keeps what fits of the wanted values."""
        start: dict[str, Any] = {"n": min(4, model.max_n), "shared": installation().starts_shared} | wanted
        start["shared"] = "1" if start["shared"] else "0"
        start["submission_id"] = uuid.uuid4()
        return cls(model=model, house=house, initial=start)

    def clean_preset(self) -> Preset | None:
        if self.cleaned_data["preset"] and self.house is None:
            raise ValidationError(Reason("preset_gone").said())
        return self.house

    def clean(self) -> dict[str, Any]:
        if self.obstacle:
            self.add_error(None, self.obstacle)
        drawn = self.house.settle(self.settings) if self.house else self.settings
        for unfit in self.model.accepted.contradictions(drawn):
            self.add_error(unfit.name if unfit.name in self.fields else None, error_of(unfit))
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
    def order(self) -> Order:
        """What the person asks for."""
        data = self.cleaned_data
        return Order(
            model=self.model,
            text=data["prompt"],
            n=data["n"],
            shared=installation().starts_shared if data["shared"] is None else data["shared"],
            settings=self.settings,
            parent=data["parent"],
            saved=data["saved"],
            collection=data["collection"],
            preset=data["preset"],
            preset_version=data["preset_version"],
        )

    @property
    def known_by(self) -> uuid.UUID:
        """The id by which this very form is known when it comes again."""
        return uuid.UUID(str(self.cleaned_data["submission_id"]))

    @property
    def choice(self) -> dict[str, Any]:
        """What `services.accounts.remember_choice` keeps of an unsent form: its model, and the sound values."""
        sound = dict(self._sound())
        shared, waiting = self["shared"].value() != "0", str(self["aside"].value() or "")
        settled = {"n": sound.pop("n", 1), "settings": sound}
        return {"model": self.model, **settled, "shared": shared, "aside": waiting, "preset": self.house}

    def _sound(self) -> Iterable[tuple[str, Any]]:
        for name in self.fields.keys() - set(UNKEPT):
            try:
                value = self.fields[name].clean(self[name].value())
            except ValidationError:
                continue
            if value not in (None, ""):
                yield name, value

    @property
    def choices(self) -> list[Choice]:
        """The settings that are chosen from tiles."""
        return [self._choice(name) for name in TILES if self._has_tiles(name)]

    @property
    def shape(self) -> Shape:
        """All tiles together."""
        return Shape(self.choices)

    def _has_tiles(self, name: str) -> bool:
        return name in self.fields and (name == "size" or bool(self.model.accepted.named(name)))

    def _choice(self, name: str) -> Choice:
        may_stay_open = name != "size" or "aspect_ratio" in self.fields
        return choice_of(self.model, self[name], may_stay_open=may_stay_open)

    @property
    def offer(self) -> Tile | None:
        """The nearest size that the model draws, when the one that was sent is not legal."""
        wrong = [error.params for error in self.errors.as_data().get("size", [])]
        near = str(wrong[0].get("near", "")) if wrong and wrong[0] else ""
        return size_tile(near, checked=False) if near else None

    @property
    def picks(self) -> list[BoundField]:
        """The lists that stand in the row."""
        return [self[name] for name in PICKS if name in self.fields and self.model.accepted.named(name)]

    @property
    def more(self) -> list[BoundField]:
        """The fields under "More"."""
        row = {*BASIC, *filter(self._has_tiles, TILES), *(field.name for field in self.picks)}
        return [self[name] for name in self.fields if name not in row]

    @property
    def opens_more(self) -> bool:
        """Whether something under "More" is set or wrong, so that it must be seen."""
        return any(field.errors or field.value() not in (None, "") for field in self.more)


def cannot(model: ImageModel, obstacle: Reason) -> str:
    """Say that a model cannot be used, and why."""
    return Reason("model_closed", model=model.label, why=obstacle).said()


def usual_seconds(model: ImageModel) -> int | None:
    """Return the model's usual time in whole seconds, if it has drawn before."""
    return max(1, round(model.usual_ms / 1000)) if model.usual_ms else None


def model_label(model: ImageModel, obstacle: Reason = NO_REASON, *, relay: str = "") -> str:
    """Return the model's name with its relay and its usual time or why it cannot be used, as a plain list shows it."""
    usual = usual_seconds(model)
    said = obstacle.said() or (f"{usual} s" if usual else "")
    return " · ".join(filter(None, [model.label, relay, said]))
