"""Parses what administrators say about a relay's models."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from studio.models import Dialect, ImageModel, Role
from studio.relays import DIALECTS
from studio.relays.settings import IMAGES_AT_ONCE, LISTABLE, TABLE
from studio.relays.sizes import ANY
from studio.services.relays import rules

VALUE_LENGTH = 40
VALUES = 40

LONGEST_LINK = 7 * 24 * 60
"""Minutes after which a picture that could not be fetched is given up, whatever its relay promises."""

USE = (
    "label",
    "alias",
    "enabled",
    "draws",
    "by_chat",
    "least_role",
    "max_n",
    "per_call",
    "link_minutes",
    "stand_in",
)
"""The facts beside the settings, in the order of the editor."""


@dataclass(frozen=True)
class SettingRow:
    """One setting in the editor: whether the model takes it, and which values."""

    name: str
    label: str
    takes: BoundField
    values: BoundField | None

    @property
    def wrong(self) -> bool:
        return bool(self.values and self.values.errors)


@dataclass(frozen=True)
class FactRow:
    """One other fact of a model in the editor, and whether it was set by hand."""

    bound: BoundField
    is_check: bool
    by_hand: bool


class ModelForm(forms.Form):
    """What one model is called, takes and may; `changes` holds only what differs from the row."""

    label = forms.CharField(
        label="Name in the studio", max_length=100, error_messages={"required": "Give the model a name."}
    )
    alias = forms.RegexField(
        r"^\S+$",
        label="Id for programs",
        required=False,
        max_length=120,
        help_text="Listed for programs instead of the relay’s own, which still works: for example gpt-image-1.",
        error_messages={"invalid": "An id has no spaces.", "max_length": "An id has at most 120 characters."},
    )
    draws = forms.BooleanField(label="This draws pictures", required=False)
    enabled = forms.BooleanField(label="Offered in the studio", required=False)
    by_chat = forms.BooleanField(
        label="Draws through chat",
        required=False,
        help_text="For models that answer a conversation with pictures. What it takes changes with it.",
    )
    max_n = forms.TypedChoiceField(label="Most images at a time", coerce=int)
    per_call = forms.TypedChoiceField(label="Images per request", coerce=int)
    link_minutes = forms.IntegerField(
        label="Minutes the relay keeps a picture",
        min_value=1,
        max_value=LONGEST_LINK,
        help_text="Of links that do not say it themselves: so long a picture that could not be fetched is tried again.",
        error_messages={"required": "Say how many minutes.", "invalid": "Say how many minutes, as a number."},
    )
    least_role = forms.ChoiceField(label="Who may use it")
    stand_in = forms.ChoiceField(
        label="Stand-in",
        required=False,
        help_text="Draws instead when this relay cannot, and only where nothing was charged here.",
        error_messages={"invalid_choice": "This model cannot stand in. Choose another one."},
    )

    WHO: ClassVar[dict[str, str]] = {
        Role.MEMBER: "Everyone",
        Role.MODERATOR: "Moderators and administrators",
        Role.ADMINISTRATOR: "Administrators only",
    }

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        model: ImageModel,
        stand_ins: Iterable[ImageModel] = (),
    ) -> None:
        self.model = model
        self.others = {str(other.pk): other for other in stand_ins if other.relay_id != model.relay_id}
        if model.stand_in:
            self.others.setdefault(str(model.stand_in_id), model.stand_in)
        super().__init__(data, initial=_model_facts(model))
        self.label_suffix = ""
        counts = [(number, str(number)) for number in range(1, IMAGES_AT_ONCE + 1)]
        self._offer("max_n", counts)
        self._offer("per_call", counts)
        self._offer("least_role", list(self.WHO.items()))
        self._offer("stand_in", [("", "None: people wait or choose another model"), *_groups(self.others)])
        if model.relay.dialect == Dialect.CHAT:
            del self.fields["by_chat"]
        for name in fields_of(model):
            self._add(name)

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _add(self, name: str) -> None:
        row = TABLE[name]
        self.fields[f"takes_{name}"] = forms.BooleanField(label=row.label, required=False)
        if row.kind in LISTABLE:
            values = forms.CharField(
                label=f"Values of {row.label.lower()}",
                max_length=VALUES * VALUE_LENGTH,
                required=False,
                widget=forms.TextInput(
                    attrs={
                        "placeholder": f"any value, or a list like {row.example}",
                        "autocomplete": "off",
                        "spellcheck": "false",
                    }
                ),
            )
            self.fields[f"values_{name}"] = values

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name in TABLE:
            listed = split_values(data.get(f"values_{name}", ""))
            if data.get(f"takes_{name}") and (wrong := _wrong(name, listed)):
                self.add_error(f"values_{name}", wrong)
            data[f"values_{name}"] = listed
        if "max_n" in data and "per_call" in data:
            wanted = min(data["per_call"], data["max_n"])
            by_chat = bool(data.get("by_chat"))
            data["per_call"] = rules.per_call(self.model.relay, by_chat=by_chat, wanted=wanted)
        return data

    @property
    def taken(self) -> Iterator[SettingRow]:
        """The settings of the editor, in order."""
        for name in TABLE:
            if f"takes_{name}" in self.fields:
                listed = self[f"values_{name}"] if f"values_{name}" in self.fields else None
                yield SettingRow(name, TABLE[name].label, self[f"takes_{name}"], listed)

    @property
    def of_use(self) -> Iterator[FactRow]:
        """Everything else: what it is called, and who may do what with it."""
        for name in USE:
            if name in self.fields:
                is_check = isinstance(self.fields[name], forms.BooleanField)
                yield FactRow(self[name], is_check=is_check, by_hand=name in self.model.by_hand)

    @property
    def accepts(self) -> dict[str, list[str]]:
        """What the model takes; a setting the editor does not show stays as it is."""
        data = self.cleaned_data
        hidden = {name: values for name, values in self.model.accepts.items() if f"takes_{name}" not in data}
        ticked = [name for name in TABLE if data.get(f"takes_{name}")]
        return {name: data[f"values_{name}"] for name in ticked} | hidden

    @property
    def changes(self) -> dict[str, Any]:
        """Return the facts that differ from the row, as the row would hold them."""
        names = (
            "label",
            "alias",
            "draws",
            "enabled",
            "by_chat",
            "max_n",
            "per_call",
            "link_minutes",
            "least_role",
        )
        wanted = {name: self.cleaned_data[name] for name in names if name in self.fields}
        wanted |= {"accepts": self.accepts, "stand_in": self.others.get(self.cleaned_data["stand_in"])}
        if self.model.draws is None and not wanted["draws"]:
            del wanted["draws"]  # nobody has said anything yet
        if wanted.get("by_chat", self.model.by_chat) != self.model.by_chat:
            del wanted["accepts"], wanted["per_call"]  # said of the other dialect
        return {name: value for name, value in wanted.items() if value != getattr(self.model, name)}


class SwitchForm(forms.Form):
    """One switch of a model's row: whether it draws, or whether it is offered."""

    draws = forms.TypedChoiceField(
        choices=[("1", "on"), ("0", "off")], coerce=lambda on: on == "1", required=False, empty_value=None
    )
    enabled = forms.TypedChoiceField(
        choices=[("1", "on"), ("0", "off")], coerce=lambda on: on == "1", required=False, empty_value=None
    )

    @property
    def changes(self) -> dict[str, bool]:
        """A model that draws is offered at once, and one that does not is not."""
        draws, enabled = self.cleaned_data["draws"], self.cleaned_data["enabled"]
        if draws is not None:
            return {"draws": draws, "enabled": draws}
        return {} if enabled is None else {"enabled": enabled}


def fields_of(model: ImageModel) -> list[str]:
    """Return the settings this model could take: those its dialect sends, and those it has been given."""
    sent = DIALECTS[model.dialect].fields
    return [name for name in TABLE if name in sent or name in model.accepts]


def split_values(text: str) -> list[str]:
    """Return the values of a comma list, each once: "1024×1024, auto" → ["1024x1024", "auto"]."""
    parts = (re.sub(r"(?<=\d)\s*[×X]\s*(?=\d)", "x", part).strip() for part in re.split(r"[,\n]", text))
    return list(dict.fromkeys(part for part in parts if part))


def _wrong(name: str, values: list[str]) -> str:
    """Say what is wrong with a list of values, or nothing."""
    if len(values) > VALUES or any(len(value) > VALUE_LENGTH for value in values):
        return f"At most {VALUES} values of at most {VALUE_LENGTH} characters each."
    bad = [value for value in values if name == "size" and not _is_size(value)]
    return f"{bad[0]} is no size. Write for example {TABLE['size'].example}." if bad else ""


def _is_size(value: str) -> bool:
    return value in ("auto", ANY) or bool(re.fullmatch(r"[1-9]\d{1,4}x[1-9]\d{1,4}", value))


def _model_facts(model: ImageModel) -> dict[str, Any]:
    names = ("label", "alias", "enabled", "by_chat", "max_n", "per_call", "link_minutes", "least_role")
    facts = {name: getattr(model, name) for name in names}
    facts |= {"draws": bool(model.draws), "stand_in": str(model.stand_in_id or "")}
    for name, values in model.accepts.items():
        facts |= {f"takes_{name}": True, f"values_{name}": ", ".join(values)}
    return facts


def _groups(models: dict[str, ImageModel]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the models as choices, grouped by relay."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for pk, model in models.items():
        groups.setdefault(model.relay.name, []).append((pk, f"{model.label}, {model.relay.name}"))
    return list(groups.items())
