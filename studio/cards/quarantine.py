"""The pictures of a relay that are set aside, as its page lists them."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from studio.cards.images import moment
from studio.models import Image, Relay

SHOWN = 50


@dataclass(frozen=True)
class SetAside:
    """One picture that is shown to nobody: whose and which, when it came, and whether it is being tried again."""

    pk: UUID
    url: str
    owner: str
    number: int
    count: int
    model: str
    at: str
    when: str
    waits: bool


def lines_of(relay: Relay) -> list[SetAside]:
    """Return the newest of them."""
    return [_line(image) for image in Image.objects.set_aside_of(relay).with_run().newest_first()[:SHOWN]]


def _line(image: Image) -> SetAside:
    return SetAside(
        pk=image.pk,
        url=reverse("quarantine.develop", args=[image.pk]),
        owner=str(image.owner),
        number=image.index + 1,
        count=image.generation.n,
        model=image.generation.drawn_by.label,
        at=image.saved_at.isoformat(),
        when=moment(image.saved_at),
        waits=image.develop_at is not None,
    )
