"""The form of a grid: one prompt, its models, and any number of values for each setting."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from studio.cleaning import clean_text
from studio.errors import StudioError
from studio.forms.comparisons import GONE
from studio.forms.generations import GenerationForm, OriginField, cannot
from studio.forms.settings import error_of, whole
from studio.forms.shapes import times
from studio.models import ImageModel, Preset, installation
from studio.models.grids import IMAGES
from studio.placeholders import fields_of
from studio.relays.settings import IMAGES_AT_ONCE, TABLE, TEXT_LENGTH, Accepts, Unfit, in_order, label_of
from studio.services import grids
from studio.services.grids import GridOrder, Table
from studio.words import Reason

NO_MODEL = "Choose at least one model."


class ValuesInput(forms.SelectMultiple):
    """Reads ticked values, and those of a list with commas between them, under one name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        listed = data.getlist(name) if hasattr(data, "getlist") else data.get(name) or []
        return [str(each) for each in (listed if isinstance(listed, list) else [listed])]


class ValuesField(forms.Field):
    """Any number of values for one setting; of a text only one, as it may have commas."""

    def __init__(self, name: str, named: list[str], *, is_open: bool) -> None:
        super().__init__(label=label_of(name), required=False, widget=ValuesInput())
        self.name, self.named = name, named
        self.is_text = name in TABLE and TABLE[name].kind == "text"
        self.is_listed = is_open and not named
        self.accepts = Accepts({name: named if not is_open else ()})

    def split(self, value: Any) -> list[str]:
        parts = value if isinstance(value, list) else [value]
        if self.is_listed and not self.is_text:
            parts = [each for part in parts for each in str(part or "").split(",")]
        cleaned = (clean_text(str("" if part is None else part)).strip() for part in parts)
        return list(dict.fromkeys(filter(None, cleaned)))[: IMAGES + 1]

    def clean(self, value: Any) -> list[Any]:
        try:
            found = [self.accepts.validate(self.name, each) for each in self.split(value)]
        except Unfit as unfit:
            raise error_of(unfit) from None
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Tick:
    """One value to tick."""

    value: str
    says: str
    checked: bool


@dataclass(frozen=True)
class ValuesRow:
    """One setting of the form: its ticks, or the box for a list."""

    field: BoundField
    ticks: list[Tick]
    listed: str
    is_text: bool


class GridForm(forms.Form):
    """What `services.grids.start` needs; the settings are those that one of the ticked models takes."""

    submission_id = GenerationForm.base_fields["submission_id"]
    prompt = GenerationForm.base_fields["prompt"]
    models = forms.MultipleChoiceField(error_messages={"required": NO_MODEL, "invalid_choice": GONE})
    n = whole("The count", 1, IMAGES_AT_ONCE)
    shared = GenerationForm.base_fields["shared"]
    acknowledged = forms.CharField(required=False)
    parent = OriginField(required=False)
    saved = OriginField(required=False)
    collection = OriginField(required=False)
    preset = forms.CharField(required=False)
    preset_version = forms.IntegerField(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        offered: list[ImageModel],
        obstacles: Mapping[UUID, Reason],
        house: Preset | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.label_suffix = ""
        self.offered, self.obstacles, self.house = offered, obstacles, house
        choices = [(str(model.pk), model.label) for model in offered]
        self.fields["models"].choices = choices  # type: ignore[attr-defined]
        for name, field in _values_of(self.chosen or offered[:1], house):
            self.fields[name] = field

    @classmethod
    def opened(
        cls,
        offered: list[ImageModel],
        obstacles: Mapping[UUID, Reason],
        house: Preset | None,
        **wanted: Any,
    ) -> Self:
        """Return an unsent form with the wanted values; those that are missing stand as they usually do."""
        start: dict[str, Any] = {"models": [], "n": 1, "shared": installation().starts_shared} | wanted
        start["shared"] = "1" if start["shared"] else "0"
        start["submission_id"] = uuid.uuid4()
        return cls(offered=offered, obstacles=obstacles, house=house, initial=start)

    def clean_models(self) -> list[ImageModel]:
        closed = [cannot(each, self.obstacles[each.pk]) for each in self.chosen if self.obstacles[each.pk]]
        if closed:
            raise ValidationError(closed)
        return self.chosen

    def clean_preset(self) -> Preset | None:
        if self.cleaned_data["preset"] and self.house is None:
            raise ValidationError(Reason("preset_gone").said())
        return self.house

    @property
    def chosen(self) -> list[ImageModel]:
        """The ticked models, in the order of the list."""
        ticked = set(self["models"].value() or [])
        return [model for model in self.offered if str(model.pk) in ticked]

    @property
    def rows(self) -> Iterator[ValuesRow]:
        """The settings, in order, each with its values."""
        for name, field in self.fields.items():
            if isinstance(field, ValuesField):
                asked = field.split(self[name].value())
                ticks = [Tick(each, times(each), each in asked) for each in field.named]
                listed = "" if field.named else ", ".join(asked)
                yield ValuesRow(self[name], ticks, listed, field.is_text)

    @property
    def wish(self) -> GridOrder:
        """What the person wants drawn; of a form that was not sent, what of it is sound."""
        data = self.cleaned_data if self.is_bound and self.is_valid() else self._sound()
        return GridOrder(
            text=data.get("prompt") or "",
            models=self.chosen,
            values={name: data[name] for name in self.fields if _is_values(self, name) and data.get(name)},
            n=data.get("n") or 1,
            shared=installation().starts_shared if data.get("shared") is None else data["shared"],
            **{name: data.get(name) for name in ("parent", "saved", "collection")},
            preset=self.house,
            preset_version=data.get("preset_version"),
        )

    def _sound(self) -> dict[str, Any]:
        found = {}
        for name, field in self.fields.items():
            try:
                found[name] = field.clean(self[name].value())
            except ValidationError:
                continue
        return found

    @property
    def fields_found(self) -> list[str]:
        """The fields of the prompt with their values, as the page says them."""
        return [
            f"{each.name}: {', '.join(each.choices)}"
            for each in fields_of(str(self["prompt"].value() or "")[:TEXT_LENGTH])
            if each.choices
        ]

    @cached_property
    def plan(self) -> Table | None:
        """The table as it stands; nothing while it is none."""
        try:
            return grids.plan(self.wish) if self.chosen else None
        except StudioError:
            return None

    @property
    def parts(self) -> list[tuple[ImageModel, dict[str, Any], int]]:
        """What each cell asks for: model, settings and count."""
        fixed = self.house.fixed if self.house else {}
        drawn = self.plan.drawn if self.plan else []
        return [(order.model, {**order.settings, **fixed}, order.n) for _, order in drawn]

    @property
    def lacks(self) -> str:
        """Why there is no table yet."""
        try:
            return "" if self.chosen and grids.plan(self.wish) else NO_MODEL
        except StudioError as error:
            return error.sentence


def _is_values(form: forms.Form, name: str) -> bool:
    return isinstance(form.fields[name], ValuesField)


def _values_of(models: list[ImageModel], house: Preset | None) -> Iterator[tuple[str, ValuesField]]:
    """Yield a field for each setting that one of these models takes, with the values of all of them."""
    asked = {name for model in models for name in model.accepted.asked}
    for name in in_order(asked - set(house.fixed if house else ())):
        named = dict.fromkeys(value for model in models for value in model.accepted.named(name))
        is_open = any(model.accepted.is_open(name) for model in models)
        yield name, ValuesField(name, [value for value in named if value], is_open=is_open)
