"""Whether the built-in sandbox stays beside real relays: an administrator decides, unless the environment has."""

from typing import Literal

from django.conf import settings
from django.db.models import Exists, OuterRef

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import ImageModel, Installation, Relay, SandboxChoice, User
from studio.services import audit
from studio.words import Reason


def is_off() -> bool:
    """Tell whether the sandbox may not draw: by the environment, or by an administrator's choice."""
    return not settings.SANDBOX or (not settings.SANDBOX_IS_FIXED and _choice() == SandboxChoice.OFF)


def shown_choice() -> Literal["", "asked", "kept", "off"]:
    """Return what administrators are shown: nothing where there is no choice, or no real relay that draws yet.

    One whose key or address is wrong offers no model: switching the sandbox off would leave nothing to draw with.
    """
    if not settings.SANDBOX or settings.SANDBOX_IS_FIXED:
        return ""
    drawing = Exists(ImageModel.objects.offered().filter(relay=OuterRef("pk")))
    real = (
        Relay.objects.filter(sandbox=False).annotate(is_drawing=drawing).values_list("is_drawing", flat=True)
    )
    if not (answers := set(real)):
        return ""
    if choice := _choice():
        return "kept" if choice == SandboxChoice.KEPT else "off"
    return "asked" if True in answers else ""


def choose(*, keep: bool, administrator: User) -> None:
    """Keep the sandbox or switch it off; what waits for it then ends at its claim, uncounted."""
    if settings.SANDBOX_IS_FIXED or not settings.SANDBOX:
        raise Conflict(Reason("sandbox_fixed"))
    choice = SandboxChoice.KEPT if keep else SandboxChoice.OFF
    with write_transaction():
        Installation.objects.update_or_create(pk=1, defaults={"sandbox": choice})
        Relay.objects.filter(sandbox=True).update(enabled=keep)
        audit.record(actor=administrator, action=f"sandbox.{choice}", subject="")


def _choice() -> SandboxChoice:
    found = Installation.objects.filter(pk=1).values_list("sandbox", flat=True).first()
    return SandboxChoice(found or "")
