"""Finished values for the pages of a relay's bill."""

from dataclasses import dataclass
from decimal import Decimal

from studio.cards.images import moment
from studio.models import Bill, BillLine, Generation, RelayRequest, Unit
from studio.models.bills import Fate, counts_of
from studio.services.receipts import hides_models
from studio.words import requests


@dataclass(frozen=True)
class BillRow:
    """One line: what the relay says on the left, what the studio knows on the right; either may be missing."""

    at: str
    when: str
    model: str
    trace_id: str
    images: str
    amount: str
    person: str = ""
    outcome: str = ""

    @property
    def cells(self) -> list[str]:
        """The same as a line of a CSV."""
        return [self.at, self.model, self.trace_id, self.images, self.amount, self.person, self.outcome]


CELLS = ("time", "model", "trace_id", "images", "amount", "person", "outcome")


def row_of_line(line: BillLine, unit: str) -> BillRow:
    """Return what a relay has billed, with the request it means; whose blind comparison it was stays unsaid."""
    known = None if line.request is None or hides_models(line.request.generation) else line.request
    return BillRow(
        at=line.at.isoformat(),
        when=moment(line.at),
        model=line.model_name,
        trace_id=line.trace_id,
        images="" if line.images is None else str(line.images),
        amount=said_amount(line.amount, unit),
        person=str(known.generation.owner) if known else "",
        outcome=requests.ended(known.outcome, known.status) if known else "",
    )


def row_of_request(request: RelayRequest) -> BillRow:
    """Return a request of ours that a bill does not name; of a blind comparison not by which model."""
    hidden = hides_models(request.generation)
    model = request.model.model_id if request.model and not hidden else ""
    return BillRow(
        at=request.sent_at.isoformat(),
        when=moment(request.sent_at),
        model=model,
        trace_id="" if hidden else request.trace_id,
        images=str(len(request.slots)),
        amount="",
        person=str(request.generation.owner),
        outcome=requests.ended(request.outcome, request.status),
    )


def said_amount(amount: int | None, unit: str) -> str:
    """Write an amount exactly: no digit is rounded away."""
    if amount is None or not unit:
        return ""
    value = Decimal(amount) / Unit(unit).parts
    return f"{value.normalize():,f} {unit}"


@dataclass(frozen=True)
class BillCard:
    """One bill in the list: of which relay, for which time, and what came of it."""

    bill: Bill
    span: str
    counts: dict[str, int]
    billed: str
    by: str


def card_of(bill: Bill) -> BillCard:
    """Return the card of a bill."""
    span = f"{moment(bill.begins_at)} to {moment(bill.ends_at)}"
    billed = said_amount(getattr(bill, "billed", None), bill.unit)
    return BillCard(bill, span, counts_of(bill), billed, str(bill.by or ""))


def totals_of(bill: Bill) -> list[tuple[str, str]]:
    """Return label and amount of all it bills, of each part, and of what the studio has counted; two statements."""
    if not bill.unit:
        return []
    sums = bill.sums()
    rows = [
        ("Billed", sum(sums.values())),
        *((each.label, sums[each.value]) for each in Fate),
        ("Counted here for what is known to both", bill.counted()),
    ]
    return [(label, said_amount(amount, bill.unit) or "unknown") for label, amount in rows]


def lost_of(row: Generation) -> str:
    """Say whose generation is undecided, and since when."""
    return f"{row.owner}, {row.n} picture{'' if row.n == 1 else 's'}, {moment(row.created_at)}"
