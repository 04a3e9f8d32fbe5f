"""Finished values for comparing pictures: one pane for each, and what tells them apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import TextChoices
from django.urls import reverse

from studio.cards.images import image_url, preview, words
from studio.cards.receipts import of_image
from studio.models import Image, User

OWN = {"SHA-256", "Trace", "Relay link", "Time"}
"""Facts that are never alike and tell nothing of the picture."""


class Mode(TextChoices):
    """How the pictures lie."""

    BESIDE = "beside", "Side by side"
    SLIDER = "slider", "Slider"


@dataclass(frozen=True)
class Pane:
    """One picture, the addresses of the table without it and with it on top, and whether the slider shows it."""

    image: Image
    url: str
    preview: dict[str, Any]
    alt: str
    without_url: str
    top_url: str
    shown: bool


@dataclass(frozen=True)
class Difference:
    """A fact with its value for each picture; `alike` when all say the same."""

    label: str
    values: list[str]

    @property
    def alike(self) -> bool:
        return len(set(self.values)) == 1


def panes(images: Sequence[Image], person: User, mode: Mode) -> list[Pane]:
    """Return the panes in the order of the table; the slider shows the first two."""
    pks = [image.pk for image in images]
    made = []
    for place, image in enumerate(images):
        others = [pk for pk in pks if pk != image.pk]
        top = [*pks[:1], image.pk, *(pk for pk in pks[1:] if pk != image.pk)] if place else pks
        made.append(
            Pane(
                image=image,
                url=image_url(image.pk),
                preview=preview(image, person),
                alt=words(image.generation.prompt.text),
                without_url=table_url(others, mode),
                top_url=table_url(top, mode),
                shown=mode == Mode.BESIDE or place < 2,
            )
        )
    return made


def table_url(pks: Sequence[UUID], mode: Mode) -> str:
    """Return the address of a table with these pictures."""
    facts = [("image", str(pk)) for pk in pks] + ([("as", mode.value)] if mode != Mode.BESIDE else [])
    return f"{reverse('light_table.index')}?{urlencode(facts)}"


def tallest(images: Sequence[Image]) -> float:
    """Return the ratio of the frames: all are as large as the narrowest picture wants."""
    return round(min((image.width / image.height for image in images), default=1.0), 4)


def differences(images: Sequence[Image]) -> list[Difference]:
    """Return the facts side by side, those that tell the pictures apart first; one they do not have is a dash."""
    prompts = Difference("Prompt", [image.generation.prompt.text for image in images])
    told = [{fact["label"]: fact["value"] for fact in of_image(image)} for image in images]
    labels = dict.fromkeys(label for facts in told for label in facts if label not in OWN)
    found = [prompts, *(Difference(label, [facts.get(label, "–") for facts in told]) for label in labels)]
    return sorted(found, key=lambda each: each.alike) if images else []
