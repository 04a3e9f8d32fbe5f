"""Parses what an administrator writes into a house preset."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from studio.forms import TextField
from studio.forms.generations import model_label
from studio.forms.settings import error_of
from studio.models import ImageModel, Preset, Role
from studio.models.presets import ABOUT_LENGTH, NAME_LENGTH, SUFFIX_LENGTH
from studio.relays.settings import SETTINGS, TABLE, TEXT_LENGTH
from studio.services import presets


@dataclass(frozen=True)
class FixedRow:
    """One setting of the editor: its value, and whether it is locked."""

    label: str
    value: BoundField
    lock: BoundField


class PresetForm(forms.Form):
    """Everything of a preset but its place."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = TextField(
        label="Name", max_length=NAME_LENGTH, error_messages={"required": "Give the preset a name."}
    )
    about = TextField(
        label="What it is for", help_text="Shown beside the prompt.", max_length=ABOUT_LENGTH, required=False
    )
    suffix = TextField(
        label="Added to every prompt",
        help_text="Stands at the end, after a comma. Nobody can take it off.",
        max_length=SUFFIX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    allowed = forms.MultipleChoiceField(
        label="Models that may draw with it",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "A model that you chose is no longer offered. Look at the list again."
        },
    )
    obliges = forms.MultipleChoiceField(
        label="Who must use it",
        choices=[(role.value, f"{role.label}s") for role in Role],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    is_on = forms.BooleanField(label="Offered to the team", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        models: list[ImageModel],
        preset: Preset | None = None,
    ) -> None:
        super().__init__(data, initial=_facts(preset) if preset else {"is_on": True})
        self.label_suffix = ""
        self.preset = preset
        gone = [
            pk for pk in (preset.allowed if preset else []) if pk not in {str(each.pk) for each in models}
        ]
        choices = [(str(each.pk), model_label(each, relay=each.relay.name)) for each in models]
        choices += [(pk, "a model that is not offered now") for pk in gone]
        self.fields["allowed"].choices = choices  # type: ignore[attr-defined]
        for name in SETTINGS:
            row = TABLE[name]
            hint = {"placeholder": "open", "autocomplete": "off", "spellcheck": "false"}
            hint |= {"title": f"For example {row.example}"} if row.example else {}
            value = TextField(
                label=row.label, max_length=TEXT_LENGTH, required=False, widget=forms.TextInput(attrs=hint)
            )
            self.fields[f"value_{name}"] = value
            self.fields[f"lock_{name}"] = forms.BooleanField(label=f"Lock {row.label}", required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        typed = {name: data.get(f"value_{name}", "").replace("×", "x") for name in SETTINGS}
        data["settings"], wrong = presets.sound({name: value for name, value in typed.items() if value})
        for unfit in wrong:
            self.add_error(f"value_{unfit.name}", error_of(unfit))
        for name in SETTINGS:
            if data.get(f"lock_{name}") and not typed[name]:
                self.add_error(f"value_{name}", "Write what it is locked to, or unlock it.")
        return data

    @property
    def rows(self) -> Iterator[FixedRow]:
        """The settings, in order."""
        for name in SETTINGS:
            yield FixedRow(TABLE[name].label, self[f"value_{name}"], self[f"lock_{name}"])

    @property
    def facts(self) -> dict[str, Any]:
        """What `services.presets` takes."""
        data = self.cleaned_data
        plain = {
            name: data[name]
            for name in ("name", "about", "suffix", "allowed", "obliges", "is_on", "settings")
        }
        return plain | {"locked": [name for name in SETTINGS if data[f"lock_{name}"]]}


def _facts(preset: Preset) -> dict[str, Any]:
    names = ("version", "name", "about", "suffix", "allowed", "obliges", "is_on")
    facts = {name: getattr(preset, name) for name in names}
    facts |= {f"value_{name}": value for name, value in preset.settings.items()}
    return facts | {f"lock_{name}": True for name in preset.locked}
