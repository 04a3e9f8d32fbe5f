"""Finished values for one's links to the outside, and for what visitors said."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from studio.cards.images import image_url, moment, preview
from studio.models import Image, LinkState, Mark, Opinion, OutsideLink, User

KINDS = {"image": "One picture", "comparison": "A comparison", "collection": "A collection"}


@dataclass(frozen=True)
class LinkCard:
    """One link as its owner sees it: never its secret, which nobody has."""

    pk: UUID
    name: str
    kind: str
    target: str
    target_url: str
    url: str
    revoke_url: str
    state: str
    open: bool
    until_at: str
    until: str
    views: int
    visitors: int
    rules: list[str]
    owner: str


def card_of(link: OutsideLink) -> LinkCard:
    """Return one link's card."""
    kind = link.kind
    target = getattr(link, f"{kind}_id")
    return LinkCard(
        pk=link.pk,
        name=link.title or KINDS[kind],
        kind=KINDS[kind],
        target=kind,
        target_url=target_url(kind, target),
        url=reverse("outside.detail", args=[link.pk]),
        revoke_url=reverse("outside.revocation", args=[link.pk]),
        state=link.state.label,
        open=link.state == LinkState.OPEN,
        until_at=link.expires_at.isoformat(),
        until=moment(link.expires_at),
        views=link.views,
        visitors=link.visitor_count,
        rules=_rules(link),
        owner=str(link.owner),
    )


def target_url(kind: str, pk: UUID) -> str:
    """Return where in the studio something is."""
    return image_url(pk) if kind == "image" else reverse(f"{kind}s.detail", args=[pk])


def _rules(link: OutsideLink) -> list[str]:
    rules = {
        "with a password": bool(link.password),
        "visitors answer": link.reviews,
        "originals": link.gives_originals,
    }
    return [words for words, holds in rules.items() if holds]


@dataclass(frozen=True)
class PictureTally:
    """What visitors said of one picture."""

    number: int
    url: str
    preview: dict[str, Any]
    counts: dict[str, int]
    said: list[Mark] = field(default_factory=list)


def tallies(
    images: Iterable[Image], marks: Iterable[Mark], person: User, *, first: int = 1
) -> list[PictureTally]:
    """Return for each picture how often visitors said yes, maybe and no, and what they wrote."""
    by_image: defaultdict[UUID, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_image[mark.image_id].append(mark)
    return [_tally(image, by_image[image.pk], person, number) for number, image in enumerate(images, first)]


def _tally(image: Image, marks: list[Mark], person: User, number: int) -> PictureTally:
    counted = Counter(mark.answer for mark in marks)
    counts = {each.label: counted[each] for each in Opinion}
    return PictureTally(number, image_url(image.pk), preview(image, person), counts, marks)
