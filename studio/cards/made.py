"""What is shown of pictures that are there already, before the same is drawn again."""

from dataclasses import dataclass
from typing import Any

from studio.cards.images import alt_of, small_preview
from studio.models import User
from studio.services.repeats import AlreadyMade


@dataclass(frozen=True)
class Made:
    """The sentence, the pictures, and what a person sends to have them made again."""

    sentence: str
    token: str
    pictures: list[dict[str, Any]]


def made_of(found: AlreadyMade, person: User) -> Made:
    """Return what the composer shows."""
    pictures = [
        small_preview(image, person) | {"pk": image.pk, "alt": alt_of(image), "who": str(image.owner)}
        for image in found.images
    ]
    return Made(found.sentence, found.token, pictures)
