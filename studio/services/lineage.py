"""Writes down what a generation was made from: the prompt that was taken over, the saved prompt it began with."""

from uuid import UUID

from studio.models import Prompt, SavedVersion, User
from studio.services.orders import Order
from studio.wording import are_kin


def origin_of(order: Order, person: User) -> dict[str, UUID]:
    """Return the columns of a generation that tell where its prompt came from, as far as that is still true.

    What the person may not see is not theirs to name; the same words again are no child, and neither are others.
    """
    parent, version = _parent(order, person), _version(order, person)
    return ({"parent_id": parent.pk} if parent else {}) | ({"saved_id": version.pk} if version else {})


def _parent(order: Order, person: User) -> Prompt | None:
    row = Prompt.objects.visible_to(person).filter(pk=order.parent).first() if order.parent else None
    return row if row and row.text != order.text and are_kin(row.text, order.text) else None


def _version(order: Order, person: User) -> SavedVersion | None:
    row = SavedVersion.objects.visible_to(person).filter(pk=order.saved).first() if order.saved else None
    return row if row and are_kin(row.text, order.text) else None
