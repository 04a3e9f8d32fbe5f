"""The places of a generation's pictures, as its sheet shows them."""

from dataclasses import dataclass
from typing import Any

from studio.cards.images import framed
from studio.forms.shapes import asked_ratio
from studio.models import Generation, Image, Slot, SlotState, User
from studio.models.slots import PENDING
from studio.words.drawing import AWAITED, MISSING

WIDTHS = {
    "one": "min(50vw, 640px), 100vw",
    "wide": "min(50vw, 640px), 100vw",
    "tall": "min(17vw, 210px), 33vw",
    "": "min(25vw, 256px), 50vw",
}
"""The width of a picture in each sort of sheet, on a desktop and on a phone."""


@dataclass(frozen=True)
class Frame:
    """The place of one picture: the picture, a number while it is awaited, or why it is not there."""

    number: int
    ratio: float
    words: str = ""
    awaited: bool = False
    image: Image | None = None
    preview: dict[str, Any] | None = None

    @property
    def piece(self) -> dict[str, Any]:
        """What it shows of itself, without its run."""
        place = {"number": self.number, "ratio": self.ratio, "words": self.words, "awaited": self.awaited}
        return place | (self.preview or {})


def frames_of(row: Generation, pictures: dict[int, Image], person: User) -> list[Frame]:
    asked = asked_ratio(row.settings)
    return [_frame(row, slot, pictures.get(slot.index), asked, person) for slot in row.places]


def _frame(row: Generation, slot: Slot, image: Image | None, asked: float, person: User) -> Frame:
    number = slot.index + 1
    if image:
        return Frame(number=number, ratio=image.ratio, image=image, preview=framed(image, person))
    if slot.state == SlotState.SAVED and not row.is_active and row.owner_id != person.pk:
        return Frame(number=number, ratio=asked, words="Not shared")
    awaited = row.is_active and slot.state in (SlotState.WAITING, SlotState.SAVED, *PENDING)
    if awaited and not row.is_awaited:
        return Frame(number=number, ratio=asked, words="May still come")
    words = AWAITED.get(slot.state, "") if awaited else MISSING[slot.state]
    return Frame(number=number, ratio=asked, words=words, awaited=awaited)


def shape_of(frames: list[Frame]) -> str:
    """Whether the sheet needs fewer columns for wide pictures, or more for tall ones, or has but one."""
    if len(frames) == 1:
        return "one"
    ratio = max((frame.ratio for frame in frames), default=1)
    return "wide" if ratio > 2 else "tall" if ratio < 0.5 else ""
