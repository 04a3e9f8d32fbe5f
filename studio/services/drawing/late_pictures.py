"""Puts a picture into its place that came after its generation had ended, and counts it."""

from uuid import UUID

from studio.errors import Conflict
from studio.media.inspect import PictureFacts
from studio.models import Generation, Image, SlotState, State
from studio.services import budgets
from studio.services.drawing import settlement
from studio.services.drawing.keeping import new_image
from studio.words import NO_REASON, Reason


def put(*, generation: UUID, index: int, key: str, facts: PictureFacts, revised_prompt: str) -> Image:
    """Fill the place of the picture, if it is still empty and nobody works on the generation.

    It counts as one more image of its person's month, unless it was presumed spent already. Call it in a transaction.
    """
    row = Generation.objects.select_for_update(of=("self",)).get(pk=generation)
    place = row.slots.filter(index=index).exclude(state=SlotState.SAVED)
    if row.is_active or not place.update(state=SlotState.SAVED, round=row.round):
        raise Conflict(Reason("link_overtaken"))
    image = new_image(row, index, key, facts, revised_prompt=revised_prompt)
    image.shared = row.shared
    Image.objects.keep(image)
    _count(row)
    return image


def _count(row: Generation) -> None:
    """Count the picture, and say anew what is still missing."""
    states = list(row.slots.values_list("state", flat=True))
    saved = states.count(SlotState.SAVED)
    why = NO_REASON if saved == row.n else row.why
    if why and why.code in ("short", "unreadable"):
        why = settlement.shortfall(states, asked=row.n, delivered=saved)
    to = State.DONE if row.state == State.BROKEN else State(row.state)
    Generation.objects.filter(pk=row.pk).move(State(row.state), to=to, why=why)
    budgets.spend_late(generation=row)
