"""Finished values for the rescue ledger: whose picture, from where, its deadline, and when it was saved."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from studio.cards.images import moment
from studio.cards.receipts import HIDDEN
from studio.models import Generation, Image, Slot
from studio.services import receipts
from studio.words import say
from studio.words.drawing import AWAITED, MISSING


@dataclass(frozen=True)
class RescueLine:
    """One picture of the ledger; never the link, and never what was asked for."""

    owner: str
    model: str
    relay: str
    place: str
    asked_at: str
    asked: str
    words: str
    host: str = ""
    deadline_at: str = ""
    deadline: str = ""
    saved_at: str = ""
    saved: str = ""
    fetch_url: str = ""


def slot_line(slot: Slot) -> RescueLine:
    """Return the line of a picture that is missing; with the way to fetch it while its link is kept."""
    link: UUID | None = getattr(slot, "link", None)
    facts = _facts(slot.generation, slot.index)
    host = getattr(slot, "host", None) or ""
    return RescueLine(
        **facts,
        words=(MISSING | AWAITED)[slot.state],
        host=host,
        fetch_url=reverse("links.attempt", args=[link]) if link else "",
    )


def image_line(image: Image) -> RescueLine:
    """Return the line of a picture that was fetched before its link died."""
    dies = image.link_dies_at
    margin = int((dies - image.saved_at).total_seconds()) if dies else 0
    return RescueLine(
        **_facts(image.generation, image.index),
        words=say("rescued_in_time" if margin >= 0 else "rescued_late", {"seconds": abs(margin)}),
        deadline_at=dies.isoformat() if dies else "",
        deadline=moment(dies) if dies else "",
        saved_at=image.saved_at.isoformat(),
        saved=moment(image.saved_at),
    )


def _facts(run: Generation, index: int) -> dict[str, Any]:
    drawn_by, hidden = run.drawn_by, receipts.hides_models(run)
    return {
        "owner": str(run.owner),
        "model": HIDDEN if hidden else drawn_by.label,
        "relay": "" if hidden else drawn_by.relay.name,
        "place": f"{index + 1} of {run.n}",
        "asked_at": run.created_at.isoformat(),
        "asked": moment(run.created_at),
    }
