"""What became of the pictures that relays handed out as links: fetched in time, still on their way, or lost."""

import datetime

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from studio.models.ids import first_at
from studio.models.images import Image, ImageQuerySet
from studio.models.links import KeptLink
from studio.models.slots import PENDING, Slot, SlotState
from studio.models.states import ACTIVE

LOST = tuple(state for state in SlotState if state not in {SlotState.WAITING, SlotState.SAVED, *PENDING})
"""How the place of a picture ends that a relay had drawn."""

RUN = ("generation__owner", "generation__comparison", "generation__model__relay", "generation__via__relay")
"""Whose picture it is, and who drew it."""

SPAN = datetime.timedelta(days=30)
"""How far back the ledger tells of what went well."""


class Rescue(models.TextChoices):
    """The ways to look at the ledger."""

    LOST = "lost", "Lost"
    WAITING = "waiting", "On their way"
    SAVED = "saved", "Saved in time"


def lost() -> QuerySet[Slot]:
    """Return the places that were paid for and have no picture, the newest first, each with its kept link, if any."""
    kept = KeptLink.objects.filter(generation=OuterRef("generation"), index=OuterRef("index"))
    rows = Slot.objects.filter(state__in=LOST).exclude(generation__state__in=ACTIVE).order_by("-pk")
    rows = rows.annotate(link=Subquery(kept.values("pk")), host=Subquery(kept.values("host")))
    return _with_run(rows)


def waiting() -> QuerySet[Slot]:
    """Return the places whose pictures are still to be fetched or stored, the newest first."""
    return _with_run(Slot.objects.filter(state__in=PENDING).order_by("-pk"))


def saved() -> ImageQuerySet:
    """Return what was fetched from a link that dies, within the last thirty days, the newest first."""
    since = first_at(timezone.now() - SPAN)
    rows = Image.objects.filter(pk__gte=since, link_dies_at__isnull=False, removed_at=None).newest_first()
    return rows.select_related(*RUN)


def _with_run(rows: QuerySet[Slot]) -> QuerySet[Slot]:
    return rows.select_related(*RUN)
