"""What is shown of house presets: to whoever draws with one, and in the list of administrators."""

from collections.abc import Iterable
from dataclasses import dataclass

from studio.forms.shapes import times
from studio.models import ImageModel, Preset
from studio.relays.settings import in_order, label_of


@dataclass(frozen=True)
class House:
    """The preset of a composer: what it fixes, and what it adds to the prompt."""

    pk: str
    version: int
    name: str
    about: str
    fixed: list[tuple[str, str]]
    suffix: str


@dataclass(frozen=True)
class PresetRow:
    """One preset as administrators see it in the list."""

    row: Preset
    begins: str
    models: str


def house_of(preset: Preset | None, model: ImageModel) -> House | None:
    """Return what the composer says of a preset; what the model takes nothing of is not said."""
    if preset is None:
        return None
    return House(
        pk=str(preset.pk),
        version=preset.version,
        name=preset.name,
        about=preset.about,
        fixed=fixed_of(preset, [name for name in preset.fixed if model.accepted.takes(name)]),
        suffix=preset.suffix,
    )


def fixed_of(preset: Preset, names: Iterable[str]) -> list[tuple[str, str]]:
    """Return some settings of a preset as label and value, in the order of the form."""
    return [(label_of(name), times(str(preset.settings[name]))) for name in in_order(names)]


def rows_of(presets: Iterable[Preset], models: Iterable[ImageModel]) -> list[PresetRow]:
    """Return a row for each preset."""
    labels = {str(model.pk): model.label for model in models}
    return [_row(preset, labels) for preset in presets]


def _row(preset: Preset, labels: dict[str, str]) -> PresetRow:
    known = [labels[pk] for pk in preset.allowed if pk in labels]
    said = [
        f"{label.lower()} {value}{'' if name in preset.locked else ', may be changed'}"
        for name in in_order(preset.settings)
        for label, value in fixed_of(preset, [name])
    ]
    said += [f"adds “{preset.suffix}”"] if preset.suffix else []
    every = "" if preset.allowed else "every model that takes it"
    return PresetRow(preset, "; ".join(said), ", ".join(known) or every or "no model that is offered")
