"""The form of a comparison: one prompt, two to four models, and a shape that each draws as well as it can."""

import math
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from studio.forms.generations import GenerationForm, OriginField, cannot
from studio.forms.settings import SizeInput, whole
from studio.forms.shapes import Tile, aspect_tile, shape_word, times, true_ratio
from studio.models import ImageModel, installation
from studio.models.comparisons import MODELS
from studio.relays import sizes
from studio.relays.settings import IMAGES_AT_ONCE
from studio.relays.sizes import nearest, ratio_of, sides_of
from studio.words import Reason

USUAL = ("1:1", "5:4", "4:3", "3:2", "16:9", "21:9", "4:5", "3:4", "2:3", "9:16")
"""The shapes that people know by name."""

ALIKE = math.log(1.04)
"""Ratios closer than 4 % look the same: 1792x1024 is 7:4, and as good as 16:9."""

PIXELS = 1024 * 1024
"""The area that a model of free sizes draws."""

LONGEST_SHAPE = 12
NARROWEST = 4
"""The longer side of a shape is at most so many times the shorter one."""

HOW_MANY = f"Choose {MODELS[0]} to {MODELS[1]} models."
GONE = "A model that you chose is no longer offered. Look at the list again."


@dataclass(frozen=True)
class Plan:
    """How one model draws a shape: with which settings, what comes of it, and what has to be left out."""

    settings: dict[str, str] = field(default_factory=dict)
    says: str = ""
    note: str = ""
    ratio: float | None = None


def plan_of(model: ImageModel, shape: str) -> Plan:
    """Return how a model comes nearest to a shape, as a size or as an aspect ratio."""
    if not shape:
        return Plan()
    found = {name: _nearest(model, name, shape) for name in ("size", "aspect_ratio")}
    near = {name: value for name, value in found.items() if value}
    if not near:
        return Plan(note=f"{shape} is left out: {_draws_only(model)}")
    name, value = min(near.items(), key=lambda item: _distance(item[1], shape))
    note = "" if _alike(value, shape) else f"the nearest to {shape}"
    return Plan({name: value}, times(value), note, ratio_of(value))


def _nearest(model: ImageModel, name: str, shape: str) -> str:
    """Return what a model would be asked for under this name; empty when it takes nothing like it."""
    named = nearest(shape, model.accepted.named(name))
    if named and _alike(named, shape):
        return named
    if name == "size" and model.accepted.is_open("size"):
        return _pixels(shape)
    return shape if name == "aspect_ratio" and model.accepted.is_open(name) else named


def _pixels(shape: str) -> str:
    """Return a legal size of about one megapixel in this shape."""
    ratio = ratio_of(shape)
    return "{}x{}".format(
        *sizes.nearest_legal(round(math.sqrt(PIXELS * ratio)), round(math.sqrt(PIXELS / ratio)))
    )


def _draws_only(model: ImageModel) -> str:
    values = [times(value) for name in ("size", "aspect_ratio") for value in model.accepted.named(name)]
    return f"it draws {', '.join(values)}" if values else "it takes no size"


def _distance(one: str, other: str) -> float:
    return abs(math.log(ratio_of(one) / ratio_of(other)))


def _alike(one: str, other: str) -> bool:
    return _distance(one, other) < ALIKE and shape_word(one) == shape_word(other)


def shapes_of(models: Iterable[ImageModel]) -> list[str]:
    """Return all shapes that some of these models draw: square, then ever wider, then ever taller."""
    found = {_named(value) for model in models for value in _drawn_by(model)}
    return sorted(found, key=lambda shape: (ratio_of(shape) < 1, _distance(shape, "1:1")))


def _drawn_by(model: ImageModel) -> Iterator[str]:
    for name in ("size", "aspect_ratio"):
        yield from filter(is_shape, model.accepted.named(name))
    if model.accepted.is_open("size") or model.accepted.is_open("aspect_ratio"):
        yield from USUAL


def is_shape(text: str) -> bool:
    """Say whether this is a ratio, or a size, that is worth a picture."""
    return sides_of(text) is not None and 1 / NARROWEST <= ratio_of(text) <= NARROWEST


def _named(shape: str) -> str:
    """Return the shape as people know it, or its ratio in numbers."""
    usual = next((each for each in USUAL if _alike(each, shape)), "")
    exact = true_ratio(shape) if sizes.parse(shape) else shape
    return usual or (exact if sides_of(exact) else f"{ratio_of(shape):.2f}:1")


class ComparisonForm(forms.Form):
    """What `services.comparisons.start` needs; the models are those of the picker, the obstacles a person's own."""

    submission_id = GenerationForm.base_fields["submission_id"]
    prompt = GenerationForm.base_fields["prompt"]
    models = forms.MultipleChoiceField(error_messages={"required": HOW_MANY, "invalid_choice": GONE})
    shape = forms.CharField(required=False, max_length=LONGEST_SHAPE)
    n = whole("The count", 1, IMAGES_AT_ONCE)
    shared = GenerationForm.base_fields["shared"]
    acknowledged = forms.CharField(required=False)
    parent = OriginField(required=False)
    saved = OriginField(required=False)
    blind = forms.BooleanField(label="Hide the names until I pick", required=False)

    def __init__(
        self, *args: Any, offered: list[ImageModel], obstacles: Mapping[UUID, Reason], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.offered = offered
        self.obstacles = obstacles
        choices = [(str(model.pk), model.label) for model in offered]
        self.fields["models"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def opened(cls, offered: list[ImageModel], obstacles: Mapping[UUID, Reason], **wanted: Any) -> Self:
        """Return an unsent form with the wanted values; those that are missing stand as they usually do."""
        start = {"models": [], "shape": USUAL[0], "n": 1, "shared": installation().starts_shared} | wanted
        start["shared"] = "1" if start["shared"] else "0"
        return cls(offered=offered, obstacles=obstacles, initial=start | {"submission_id": uuid.uuid4()})

    def clean_models(self) -> list[ImageModel]:
        closed = [cannot(each, self.obstacles[each.pk]) for each in self.chosen if self.obstacles[each.pk]]
        if closed:
            raise ValidationError(closed)
        least, most = MODELS
        if not least <= len(self.chosen) <= most:
            raise ValidationError(HOW_MANY)
        return self.chosen

    def clean_shape(self) -> str:
        shape = self.cleaned_data["shape"]
        if shape and not is_shape(shape):
            raise ValidationError("Choose one of the shapes.")
        return shape

    @property
    def chosen(self) -> list[ImageModel]:
        """The ticked models, in the order of the list."""
        ticked = set(self["models"].value() or [])
        return [model for model in self.offered if str(model.pk) in ticked]

    @property
    def is_full(self) -> bool:
        """Whether no further model can be ticked."""
        return len(self.chosen) >= MODELS[1]

    @property
    def wanted_shape(self) -> str:
        shape = str(self["shape"].value() or "")[:LONGEST_SHAPE]
        return shape if is_shape(shape) else ""

    @property
    def wanted_ratio(self) -> float | None:
        return ratio_of(self.wanted_shape) if self.wanted_shape else None

    @property
    def wanted_count(self) -> int:
        count = str(self["n"].value() or "")
        return int(count) if count.isdecimal() and len(count) < 3 else 1

    @property
    def total(self) -> int:
        """How many images all of them draw together, as far as each goes."""
        return sum(n for _model, _settings, n in self.parts)

    @property
    def parts(self) -> list[tuple[ImageModel, dict[str, str], int]]:
        """What each ticked model is asked for: with which settings, and how many images."""
        most = min([self.wanted_count, *(model.max_n for model in self.chosen)])
        each = most if self["blind"].value() else self.wanted_count
        return [
            (model, plan_of(model, self.wanted_shape).settings, min(each, model.max_n))
            for model in self.chosen
        ]

    @property
    def tiles(self) -> list[Tile]:
        """The shapes that the ticked models draw, or all models while none is ticked; what is chosen stays."""
        usable = [model for model in self.offered if not self.obstacles[model.pk]]
        shapes, wanted = shapes_of(self.chosen or usable), self.wanted_shape
        shapes += [wanted] if wanted and wanted not in shapes else []
        return [aspect_tile(shape, checked=shape == wanted) for shape in ["", *shapes]]

    @property
    def notes(self) -> list[str]:
        """What of the wishes cannot be had from each model alike."""
        return [*self._short(), *self._telling()]

    def _short(self) -> Iterator[str]:
        """Say which models draw fewer than asked; a blind comparison has as many from all of them."""
        wanted = self.wanted_count
        short = {model.label: model.max_n for model in self.chosen if model.max_n < wanted}
        if short and self["blind"].value():
            yield f"Each draws {min(short.values())}: that is the most of {min(short, key=lambda each: short[each])}."
        elif short:
            yield from (f"{label} draws {most} at most." for label, most in short.items())

    def _telling(self) -> Iterator[str]:
        """Say that shapes give the models of a blind comparison away."""
        ratios = [plan_of(model, self.wanted_shape).ratio for model in self.chosen]
        known = [ratio for ratio in ratios if ratio]
        differ = len(known) < len(ratios) or (known and math.log(max(known) / min(known)) > ALIKE)
        if self["blind"].value() and self.wanted_shape and differ:
            yield f"Not all of them draw {self.wanted_shape}, so the shape of a picture may tell its model."

    @property
    def asked(self) -> dict[str, Any]:
        """Everything that `services.comparisons.start` takes, but the person."""
        data = self.cleaned_data
        return {
            "submission_id": data["submission_id"],
            "models": data["models"],
            "text": data["prompt"],
            "settings": {},
            "own": {model.pk: plan_of(model, data["shape"]).settings for model in data["models"]},
            "n": data["n"],
            "shared": installation().starts_shared if data["shared"] is None else data["shared"],
            "blind": data["blind"],
            "acknowledged": data["acknowledged"],
            "parent": data["parent"],
            "saved": data["saved"],
        }


def carried_over(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a comparison takes over of the composer's fields: its size or aspect ratio as a shape."""
    size = SizeInput().value_from_datadict(data, {}, "size")
    asked = next((each for each in (size, str(data.get("aspect_ratio") or "")) if is_shape(each)), "")
    return {"shape": _named(asked)} if asked else {}


class PickForm(forms.Form):
    """Which column is the best one, counted from 1."""

    column = whole("The column", 1, MODELS[1])
