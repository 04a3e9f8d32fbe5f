"""The models that drew what is brought in: rows of a relay of their own, which nobody can ask for anything."""

from django.db.models.functions import Now

from studio.errors import StudioError
from studio.models import Dialect, ImageModel, Relay
from studio.services.screening import gate

NAME = "Imported"
NOWHERE = "https://imported.invalid"
"""No such address can exist (RFC 6761 §6.4); it tells the relay from one that somebody has named so."""

MOST_MODELS = 50
"""New names that one import may bring."""

UNKNOWN = "Unknown model"


class Origins:
    """Finds the models of one import by their names."""

    def __init__(self) -> None:
        self.relay = _relay()
        self.found: dict[str, ImageModel] = {}

    def model(self, name: str) -> ImageModel:
        """Return the model of this name; what is too long, too many or against the rules is an unknown one."""
        label = " ".join(name.split())[:100] or UNKNOWN
        if label not in self.found:
            self.found[label] = self._model(label)
        return self.found[label]

    def _model(self, label: str) -> ImageModel:
        known = self.relay.models.filter(model_id=label).first()
        if known is None and label != UNKNOWN and (len(self.found) >= MOST_MODELS or _is_stopped(label)):
            return self.model(UNKNOWN)
        row = (
            known
            or self.relay.models.get_or_create(
                model_id=label, defaults={"label": label, "enabled": False, "draws": False}
            )[0]
        )
        row.relay = self.relay
        return row


def _relay() -> Relay:
    """Return the relay that stands for everything outside; it is in the archive from its first day."""
    row = Relay.objects.filter(base_url=NOWHERE).first()
    if row:
        return row
    taken = Relay.objects.filter(name=NAME).exists()
    defaults = {"base_url": NOWHERE, "dialect": Dialect.GENERIC, "enabled": False, "archived_at": Now()}
    name = f"{NAME} pictures" if taken else NAME
    return Relay.objects.get_or_create(name=name, defaults=defaults)[0]


def _is_stopped(name: str) -> bool:
    try:
        gate.check_names(name, param="model")
    except StudioError:
        return True
    return False
