"""Submitting a generation, and what its owner may do with it."""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.db.models.functions import Now

from studio import failpoints
from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.inserts import insert
from studio.models import (
    Act,
    Case,
    CaseKind,
    Collection,
    Comparison,
    Generation,
    Grid,
    ImageModel,
    Rate,
    Slot,
    SlotState,
    State,
    Token,
    Unit,
    User,
)
from studio.models.states import ACTIVE
from studio.origin import current
from studio.services import (
    audit,
    budgets,
    disk,
    lineage,
    notices,
    presets,
    prices,
    prompts,
    queue,
    receipts,
    repeats,
    tickets,
)
from studio.services.drawing import settlement
from studio.services.orders import Order
from studio.services.screening import gate
from studio.services.screening.gate import Findings, Screened
from studio.services.webhooks import events
from studio.words import Reason

RETRYABLE = (State.DONE, State.FAILED, State.BROKEN, State.UNKNOWN, State.CANCELLED)


def submit(
    *,
    person: User,
    submission_id: UUID,
    order: Order,
    comparison: Comparison | None = None,
    grid: Grid | None = None,
    cell: int | None = None,
    acknowledged: str = "",
    findings: Findings | None = None,
    token: Token | None = None,
) -> Generation:
    """Reserve the images, write the row, wake a worker; the same submission id again is the same generation.

    What a rule holds is written as held. `acknowledged` is the token of the warning that the person has read;
    `findings` is given where the order has been screened before; `cell` is the place in a grid, which has a line of
    its own; `token` is the one that a program came by.

    Raises Conflict if the id was used for something else or just this waits for a moderator, OverBudget at the cap,
    TooMany when the person's queue is full, Screened when a rule blocks or warns, StudioError when the person may
    not use the model now.
    """
    order = presets.keep_to(presets.obliged(order, person=person))
    try:
        findings = findings or gate.let_through(
            gate.texts_of(order.text, order.settings), acknowledged=acknowledged
        )
        with write_transaction():
            row = _write(person, submission_id, order, Seat(comparison, grid, cell, token), findings)
    except (IntegrityError, StudioError):  # nothing was written; it may have been before
        found = _earlier(person, submission_id, order, Seat(comparison, grid, cell, token))
        if found is None:
            raise
        row = found
    failpoints.hit("submitted")
    return row


class Seat(NamedTuple):
    """The group that a generation stands in, or the token that it was asked by, if any."""

    comparison: Comparison | None
    grid: Grid | None
    cell: int | None
    token: Token | None = None

    @property
    def reach(self) -> str:
        return self.token.reach if self.token else ""

    def is_that_of(self, row: Generation) -> bool:
        found = (row.comparison_id, row.grid_id, row.cell)
        return found == (self.comparison and self.comparison.pk, self.grid and self.grid.pk, self.cell)


def _earlier(person: User, submission_id: UUID, order: Order, seat: Seat) -> Generation | None:
    mine = Generation.objects.owned_by(person).submitted_as(submission_id)
    row = mine.select_related("prompt").first()
    if row is None:
        return None
    if not seat.is_that_of(row) or not order.is_that_of(row):
        raise Conflict(Reason("form_sent_otherwise"))
    return row


def _write(person: User, submission_id: UUID, order: Order, seat: Seat, findings: Findings) -> Generation:
    _check_model(order.model, person, reach=seat.reach)
    month, via = budgets.this_month(), _via(order.model, person, reach=seat.reach)
    rate = prices.rate_of(model=via or order.model, settings=order.settings)
    # First of all: from here on the person's other submits wait in line, so the queue is counted exactly.
    token = seat.token.pk if seat.token else None
    held = budgets.reserve(person=person, month=month, amount=order.n, rate=rate, token=token)
    failpoints.hit("holding")
    if seat.grid is None:
        queue.check_room(person=person, n=order.n)
    prompt = prompts.remember(author=person, text=order.text, shared=order.shared)
    row = Generation(
        owner=person,
        prompt=prompt,
        submission_id=submission_id,
        request_id=current().request_id,
        comparison=seat.comparison,
        grid=seat.grid,
        cell=seat.cell,
        model=order.model,
        settings=dict(order.settings),
        n=order.n,
        shared=order.shared,
        month=month,
        via=via,
        rate=rate.each if rate else None,
        cost_unit=rate.unit if rate else "",
        state=_first_state(findings),
        rules_version=findings.version,
        reason=findings.held.code,
        reason_values=findings.held.values,
        collection=_into(order, person),
        preset=order.preset,
        preset_version=order.preset_version if order.preset else None,
        **lineage.origin_of(order, person),
    )
    insert(row)
    budgets.book(generation=row, round=row.round, amount=order.n, held=held)
    insert(*(Slot(generation=row, index=index) for index in range(row.n)))
    audit.record(actor=person, action="generation.submitted", subject=row.pk, n=row.n)
    _send_on(row, findings)
    return row


def _into(order: Order, person: User) -> Collection | None:
    """Return where the pictures go; nowhere, when the collection is gone or shut by now."""
    if order.collection is None:
        return None
    return Collection.objects.addable_by(person).filter(pk=order.collection).first()


def _first_state(findings: Findings) -> State:
    return State.HELD if findings.act == Act.HOLD else State.QUEUED


def _send_on(row: Generation, findings: Findings) -> None:
    """Wake a worker, or have a moderator look at what a rule holds."""
    if findings.act == Act.HOLD:
        repeats.check_not_held(row)
        events.held(generation=row, case=Case.objects.open_for(CaseKind.HELD, row, **findings.detail))
    else:
        tickets.wake()


def _check_model(model: ImageModel, person: User, *, hidden: bool = False, reach: str = "") -> None:
    disk.check()
    obstacle = model.obstacle(person, reach=reach)
    if obstacle:
        named = Reason("model_closed", model=model.label, why=obstacle)
        raise StudioError(Reason("unnamed_closed") if hidden else named, param="model", code=named.code)


def _via(model: ImageModel, person: User, *, reach: str = "") -> ImageModel | None:
    """Return the stand-in that draws from the start, when the model's relay is paused."""
    return model.substitute(person, reach=reach) if model.relay.is_paused else None


def cancel(*, generation: Generation, person: User) -> None:
    """Take a waiting generation back and release what it reserved; raises Conflict once the relay draws or it ended."""
    if not settlement.cancel(generation=generation, person=person):
        generation.refresh_from_db(fields=["state"])
        raise Conflict(Reason("already_drawing" if generation.is_active else "already_ended"))


def stop_waiting(*, generation: Generation, person: User) -> None:
    """Put a row aside that the relay is drawing: it goes on and keeps what comes, and the person's place is free."""
    rows = Generation.objects.owned_by(person).filter(pk=generation.pk, stopped_waiting_at=None)
    with write_transaction():
        drawing = rows.in_state(State.SENT, State.RECEIVED)
        if not drawing.update(stopped_waiting_at=Now(), version=F("version") + 1):
            raise Conflict(Reason("moved_on"))
        audit.record(actor=person, action="generation.stopped_waiting", subject=generation.pk)
        tickets.wake()  # for what waited behind it


def retry(*, generation: Generation, person: User) -> None:
    """Ask again for the missing images only; after lost contact this may cost again, so only a person does it."""
    rows = Generation.objects.owned_by(person).filter(pk=generation.pk)
    with write_transaction():
        now = rows.select_for_update().first()  # the row before the allowance, as everywhere
        missing = generation.slots.missing()
        count = missing.count()
        if not count:
            raise StudioError(Reason("nothing_missing"))
        if generation.month != budgets.this_month():
            raise StudioError(Reason("of_an_earlier_month"))
        _check_model(generation.model, person, hidden=receipts.hides_models(generation))
        findings = _screened_again(generation)
        via = _via(generation.model, person)
        rate = _rate_again(generation, via or generation.model)
        held = budgets.reserve(person=person, month=generation.month, amount=count, rate=rate)
        queue.check_room(
            person=person, n=count
        )  # exact, because the person's other submits wait for the month
        again: dict[str, Any] = {
            "round": F("round") + 1,
            "tries": 0,
            "not_before": None,
            "closed": False,
        }
        again |= {"restored": False, "stopped_waiting_at": None, "first_ms": _first_ms(generation)}
        again |= {"via": via, "trail": [], "rate": rate.each if rate else None}
        again |= {"cost_unit": rate.unit if rate else generation.cost_unit}
        again["classified"] = generation.classified and not Case.objects.was_withdrawn(generation)
        clean: dict[str, Any] = {"error_kind": "", "error_raw": "", "trace_id": "", "settled_at": None}
        clean |= {"rules_version": findings.version, "why": findings.held}
        if not rows.move(*RETRYABLE, to=_first_state(findings), **again, **clean):
            raise Conflict(Reason("moved_on"))
        if now:
            budgets.book(generation=now, round=now.round + 1, amount=count, held=held)
        missing.update(state=SlotState.WAITING)
        audit.record(actor=person, action="generation.retried", subject=generation.pk, n=count)
        notices.seen(person=person, generation=generation)
        _send_on(generation, findings)


def _rate_again(generation: Generation, model: ImageModel) -> Rate | None:
    """Return today's price; the one of its first day where today's is in another unit: its costs are one sum."""
    rate = prices.rate_of(model=model, settings=generation.settings)
    if generation.rate is None or (rate and rate.unit == generation.cost_unit):
        return rate if rate is None or generation.cost_unit in ("", rate.unit) else None
    return Rate(generation.rate, Unit(generation.cost_unit))


def _screened_again(generation: Generation) -> Findings:
    """Screen what is asked for again, but for the rules that a moderator has let it past; a warning was read before."""
    texts = gate.texts_of(generation.prompt.text, generation.settings)
    findings = gate.screen(texts)
    if findings.stops:
        findings = gate.screen(texts, past=Case.objects.approved_rules(generation))
    if findings.act == Act.BLOCK:
        raise Screened(findings)
    return findings


def _first_ms(generation: Generation) -> int | None:
    """Return how long the first request took that brought a picture; a retry would take its seat."""
    drew = generation.slots.filter(state=SlotState.SAVED).exists()
    return generation.drawn_ms if drew else None


def close(*, generation: Generation, person: User) -> None:
    """Put a trouble away without trying again; what was presumed spent stays so."""
    with write_transaction():
        rows = Generation.objects.owned_by(person).filter(pk=generation.pk).exclude(state__in=ACTIVE)
        rows.update(closed=True, version=F("version") + 1)
        notices.seen(person=person, generation=generation)


def forgive(*, generation: Generation, administrator: User) -> None:
    """Mark lost contact as not charged: what was presumed spent is free again."""
    with write_transaction():
        row = Generation.objects.select_related("owner").select_for_update().get(pk=generation.pk)
        if not budgets.balance(generation=row).presumed:
            raise StudioError(Reason("nothing_presumed"))
        freed = budgets.forgive(generation=row)
        Generation.objects.filter(pk=row.pk).touch()
        audit.record(actor=administrator, action="generation.forgiven", subject=row.pk, n=freed)
