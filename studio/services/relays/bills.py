"""Holds what a relay has billed against what the studio knows of its requests.

A line is matched by its trace id, else by its model and time. What contact was lost with is settled from it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from django.conf import settings

from studio.db import release_connection, write_transaction
from studio.errors import StudioError
from studio.models import Bill, BillLine, Generation, Relay, RelayRequest, State, Unit, User
from studio.models.bills import LOST, MAY_BE_BILLED, Fate
from studio.models.units import in_parts
from studio.relays import open_relay
from studio.relays.dialects.base import RelayError
from studio.services import audit, budgets
from studio.services.relays import bill_files
from studio.services.relays.bill_files import Billed
from studio.words import Reason

NEAR = timedelta(minutes=3)
"""A relay writes down when it began or when it was done, by a clock of its own."""

AROUND = 16
"""Requests before and after a line that are looked at."""

Asked = tuple[UUID, str, datetime, str, int, str]
"""A request of ours: key, trace id, when it left, its model's name at the relay, how many images, how it ended."""


def take_in(
    *,
    relay: Relay,
    administrator: User,
    text: str,
    zone: tzinfo,
    unit: str,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Bill:
    """Read an export and match its lines; without a time it covers what lies between its first and its last line."""
    lines = bill_files.read(text, zone=zone)
    begins = begins_at or min(line.at for line in lines)
    ends = ends_at or max(line.at for line in lines)
    if ends < begins:
        raise StudioError(Reason("bill_ends_first"), param="ends_at")
    asked = _asked(relay, min(begins, *(line.at for line in lines)), max(ends, *(line.at for line in lines)))
    found = match(lines, asked)
    with write_transaction():
        bill = Bill.objects.create(relay=relay, by=administrator, begins_at=begins, ends_at=ends, unit=unit)
        rows = (_row(bill, line, found.get(line.number)) for line in lines)
        BillLine.objects.bulk_create(rows, batch_size=500)
        audit.record(actor=administrator, action="bill.taken_in", subject=bill.pk, lines=len(lines))
    return bill


def ask(*, relay: Relay, path: str) -> str:
    """Return what a relay itself says of its usage, at a path under its address; no connection is held meanwhile."""
    allow = settings.RELAY_PRIVATE_ALLOW
    client = open_relay(dialect=relay.dialect, base_url=relay.base_url, api_key=relay.api_key, allow=allow)
    release_connection()
    try:
        return client.usage(path)
    except RelayError as error:
        said = Reason("bill_answered_with", status=error.status) if error.status else Reason("bill_unreached")
        raise StudioError(said, param="path") from None


def _asked(relay: Relay, begins: datetime, ends: datetime) -> list[Asked]:
    rows = RelayRequest.objects.of_relay(relay).filter(sent_at__range=(begins - NEAR, ends + NEAR))
    columns = ("pk", "trace_id", "sent_at", "model__model_id", "slots", "outcome")
    return [(*row[:4], len(row[4]), row[5]) for row in rows.order_by("sent_at", "pk").values_list(*columns)]


def match(lines: Iterable[Billed], asked: Iterable[Asked]) -> dict[int, Asked]:
    """Return the request of each line that has one, by its number; no request is that of two lines."""
    lines, asked = list(lines), list(asked)
    traces = {row[1]: row for row in reversed(asked) if row[1]}
    found: dict[int, Asked] = {}
    for line in lines:
        if line.trace_id and line.trace_id in traces:
            found[line.number] = traces.pop(line.trace_id)
    taken = {row[0] for row in found.values()}
    return found | _by_time(
        [line for line in lines if line.number not in found],
        [row for row in asked if row[0] not in taken],
    )


def _by_time(lines: list[Billed], asked: list[Asked]) -> dict[int, Asked]:
    """Match by model and time: of all pairs the nearest first, those of as many images before others.

    What both sides know by a trace id, and by another one, is not the same request.
    """
    by_model: dict[str, list[Asked]] = defaultdict(list)
    for row in asked:
        by_model[_bare(row[3])].append(row)
    pairs = [
        (
            row[5] not in MAY_BE_BILLED,
            line.images not in (None, row[4]),
            abs(line.at - row[2]),
            line.number,
            row,
        )
        for line in lines
        for row in _near(by_model[_bare(line.model)], line.at)
        if not (line.trace_id and row[1])
    ]
    found: dict[int, Asked] = {}
    taken: set[UUID] = set()
    for *_, number, row in sorted(pairs):
        if number not in found and row[0] not in taken:
            found[number] = row
            taken.add(row[0])
    return found


def _near(rows: list[Asked], at: datetime) -> list[Asked]:
    """Return the requests around a moment, of many in one minute the nearest."""
    here = bisect_left(rows, at, key=lambda row: row[2])
    return [row for row in rows[max(0, here - AROUND) : here + AROUND] if abs(row[2] - at) <= NEAR]


def _bare(model: str) -> str:
    """Return a model's name without its maker and its case: some exports leave the maker out."""
    return model.rpartition("/")[2].strip().lower()


def _row(bill: Bill, line: Billed, asked: Asked | None) -> BillLine:
    unit = Unit(bill.unit) if bill.unit else None
    known = asked is not None and asked[5] in MAY_BE_BILLED
    return BillLine(
        bill=bill,
        number=line.number,
        at=line.at,
        model_name=line.model,
        trace_id=line.trace_id,
        images=line.images,
        amount=None if line.amount is None or unit is None else in_parts(line.amount, unit),
        request_id=asked and asked[0],
        found=Fate.STRANGE if asked is None else Fate.MATCHED if known else Fate.FAILED,
    )


def delete(*, bill: Bill, administrator: User) -> None:
    """Take a bill out again; what was settled from it stays settled."""
    with write_transaction():
        audit.record(actor=administrator, action="bill.deleted", subject=bill.pk, relay=bill.relay.name)
        bill.delete()


def settle(*, bill: Bill, administrator: User) -> tuple[int, int]:
    """Settle what contact was lost with in the time of a bill; return how many were charged and how many were not."""
    told = [_settle(row.pk, bill, administrator) for row in bill.undecided()]
    return told.count(True), told.count(False)


def _settle(pk: UUID, bill: Bill, administrator: User) -> bool | None:
    """Say whether one generation was charged; None where the bill cannot tell, or somebody was quicker."""
    with write_transaction():
        row = Generation.objects.select_for_update().get(pk=pk)
        told = set(bill.lost().filter(generation=row).values_list("pk", flat=True))
        lost = set(row.relay_requests.filter(outcome=LOST).values_list("pk", flat=True))
        if row.state != State.UNKNOWN or lost - told:
            return None
        billed = BillLine.objects.filter(bill=bill, request__in=told).values_list("images", "request__slots")
        images = sum(len(slots) if count is None else count for count, slots in billed)
        presumed = budgets.balance(generation=row).presumed
        charged = budgets.confirm(generation=row, most=min(images, presumed))
        freed = budgets.forgive(generation=row)
        facts: dict[str, Any] = {"why": Reason("lost_and_charged" if images else "lost_and_free")}
        if not Generation.objects.filter(pk=pk).move(State.UNKNOWN, to=State.UNKNOWN, **facts):
            return None
        detail = {"bill": str(bill.pk), "charged": charged, "freed": freed}
        audit.record(actor=administrator, action="bill.settled", subject=pk, **detail)
    return images > 0
