"""The pictures of a relay that are missing and whose links are kept, as its page lists them."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from studio.cards.images import moment
from studio.models import KeptLink, Relay
from studio.words.drawing import MISSING

SHOWN = 50


@dataclass(frozen=True)
class LinkLine:
    """One missing picture: whose and which, why it is missing, and where it would be fetched from; never the link."""

    pk: UUID
    url: str
    words: str
    owner: str
    number: int
    count: int
    host: str
    model: str
    at: str
    when: str


def lines_of(relay: Relay) -> list[LinkLine]:
    """Return the newest of them."""
    return [_line(link) for link in KeptLink.objects.of_relay(relay)[:SHOWN]]


def _line(link: KeptLink) -> LinkLine:
    return LinkLine(
        pk=link.pk,
        url=reverse("links.attempt", args=[link.pk]),
        words=MISSING[link.state],  # type: ignore[attr-defined]
        owner=str(link.generation.owner),
        number=link.index + 1,
        count=link.generation.n,
        host=link.host,
        model=link.model.label,
        at=link.kept_at.isoformat(),
        when=moment(link.kept_at),
    )
