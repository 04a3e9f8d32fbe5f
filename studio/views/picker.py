"""The models to choose from, and the one that stands in the composer when it opens."""

from collections.abc import Iterator
from dataclasses import dataclass

from studio.forms.generations import cannot, model_label
from studio.models import ImageModel, User
from studio.words import NO_REASON


@dataclass(frozen=True)
class Option:
    """One model of the picker, with its usual time or why it cannot be used now."""

    value: str
    label: str
    selected: bool
    disabled: bool


class Picker:
    """The offered models as one person may use them; read once for each page."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.models = list(ImageModel.objects.offered())
        self.obstacles = {model.pk: model.obstacle(person) for model in self.models}

    def groups(self, chosen: ImageModel) -> Iterator[tuple[str, list[Option]]]:
        """Yield each relay's name with its models, in the order of relays."""
        relays: dict[str, list[Option]] = {}
        for model in self.models:
            obstacle, selected = self.obstacles[model.pk], model == chosen
            label = model_label(model, obstacle)
            option = Option(str(model.pk), label, selected, disabled=bool(obstacle) and not selected)
            relays.setdefault(model.relay.name, []).append(option)
        yield from relays.items()

    @property
    def first(self) -> ImageModel | None:
        """The first model that can be used now; else the first of all, which then says why it cannot."""
        usable = (model for model in self.models if not self.obstacles[model.pk])
        return next(usable, None) or next(iter(self.models), None)

    def pick(self, wanted: object) -> tuple[ImageModel | None, list[str]]:
        """Return the wanted model if it can be used, else the first one that can, and what there is to say."""
        found = next((model for model in self.models if str(model.pk) == str(wanted)), None)
        obstacle = self.obstacles[found.pk] if found else NO_REASON
        if found and not obstacle:
            return found, []
        first = self.first
        if first is None or not wanted:
            return first, []
        said = cannot(found, obstacle) if found else "That model is no longer offered."
        return first, [said if first == found else f"{said} {first.label} is chosen."]
