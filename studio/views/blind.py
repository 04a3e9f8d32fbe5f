"""What a blind comparison keeps from everybody until one is picked (PRODUCT §1.7)."""

from studio.models import Generation
from studio.relays.base import Kind
from studio.services.receipts import hides_models

UNFIT = "The relay does not accept these settings."


def said(row: Generation) -> str:
    """Return what is said of a generation; in a blind comparison nothing by which its relay could be known."""
    if not hides_models(row):
        return row.sentence
    if row.error_kind == Kind.INVALID:
        return UNFIT  # the sentence names a field that only some relays have
    words = row.sentence.partition(" Trace id ")[0]
    names = {name for model in (row.model, row.drawer) for name in (model.label, model.relay.name)}
    return "" if any(name in words for name in names) else words
