"""The models to choose from, and the one that stands in the composer when it opens."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from studio.cards.costs import price_of
from studio.forms.generations import cannot, model_label, usual_seconds
from studio.models import ImageModel, Preset, User
from studio.prepared import prepared
from studio.services import presets
from studio.words import NO_REASON

SANDBOX = "Sandbox: no AI"
"""The one group of all sandbox relays."""


@dataclass(frozen=True)
class Option:
    """One model of the picker, with its usual time its price, or why it cannot be used now."""

    value: str
    label: str
    relay: str
    usual: str
    obstacle: str
    words: str
    search: str
    selected: bool
    price: str = ""

    @property
    def says(self) -> str:
        return self.obstacle or self.usual

    @property
    def facts(self) -> str:
        """What stands beside the name on the picker's face."""
        return " · ".join(filter(None, [self.relay, self.says]))


@dataclass(frozen=True)
class Group:
    """The models of one relay, or of all sandboxes."""

    name: str
    options: list[Option]


class Picker:
    """The offered models as one person may use them, with a house preset if one is chosen; read once for each page."""

    def __init__(self, person: User, preset: Preset | None = None) -> None:
        self.person = person
        self.models = _offered()
        self.obstacles = {
            model.pk: model.obstacle(person) or presets.obstacle(preset, model) for model in self.models
        }
        self.names = Counter(model.label for model in self.models)

    def groups(self, chosen: ImageModel) -> list[Group]:
        """Return the groups in the order of relays."""
        groups: dict[str, Group] = {}
        for model in self.models:
            name = group_name(model)
            groups.setdefault(name, Group(name, [])).options.append(
                self.option(model, selected=model == chosen)
            )
        return list(groups.values())

    def option(self, model: ImageModel, *, selected: bool) -> Option:
        """Return one model's line; in a plain list a name that two models have is followed by its relay."""
        obstacle, usual = self.obstacles[model.pk], usual_seconds(model)
        relay = model.relay.name
        return Option(
            value=str(model.pk),
            label=model.label,
            relay=relay,
            usual=f"{usual} s" if usual else "",
            obstacle=obstacle.said(),
            words=model_label(model, obstacle, relay=relay if self.names[model.label] > 1 else ""),
            search=f"{model.label} {relay} {model.model_id}".lower(),
            selected=selected,
            price=price_of(model),
        )

    @property
    def only_sandbox(self) -> bool:
        """Whether no relay is there that draws in earnest."""
        return bool(self.models) and all(model.relay.sandbox for model in self.models)

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


def group_name(model: ImageModel) -> str:
    """Return the name of a model's group: its relay's, but all sandboxes are one."""
    return SANDBOX if model.relay.sandbox else model.relay.name


@prepared
def _offered() -> QuerySet[ImageModel]:
    return ImageModel.objects.offered()
