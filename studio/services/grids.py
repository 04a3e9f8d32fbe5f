"""Drawing one prompt with every combination of some values: the plan, its sum, and the sending of all its cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError
from django.db.models import Sum

from studio.db import write_transaction
from studio.errors import Conflict, OverBudget, StudioError, TooMany
from studio.models import Act, Generation, Grid, ImageModel, Preset, User
from studio.models.grids import IMAGES
from studio.models.states import WAITING
from studio.placeholders import fields_of, filled
from studio.services import audit, budgets, generations, presets
from studio.services.drawing import settlement
from studio.services.orders import Order
from studio.services.screening import gate
from studio.services.screening.gate import Findings, Screened
from studio.words import Reason

AXES = 2
"""Of how many things a grid has several values, at most."""


@dataclass(frozen=True, kw_only=True)
class GridOrder:
    """What somebody wants drawn: `values` holds each setting with one value, or with several that are an axis."""

    text: str
    models: Sequence[ImageModel]
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    n: int = 1
    shared: bool
    parent: UUID | None = None
    saved: UUID | None = None
    collection: UUID | None = None
    preset: Preset | None = None
    preset_version: int | None = None


@dataclass(frozen=True)
class Axis:
    """One thing with several values; `kind` is field, setting or model."""

    kind: str
    name: str
    values: tuple[Any, ...]

    @property
    def plain(self) -> dict[str, Any]:
        """The axis as the row keeps it."""
        return {"kind": self.kind, "name": self.name, "values": list(self.values)}


@dataclass(frozen=True)
class Table:
    """The table: its axes, down before across, and an order for each cell, none where the model does not draw it."""

    axes: list[Axis]
    cells: list[Order | None]

    @property
    def drawn(self) -> list[tuple[int, Order]]:
        """The cells that are drawn, with their places."""
        return [(place, order) for place, order in enumerate(self.cells) if order is not None]

    @property
    def images(self) -> int:
        """How many images all cells have together."""
        return sum(order.n for _, order in self.drawn)

    @property
    def left_out(self) -> int:
        return len(self.cells) - len(self.drawn)


def plan(wish: GridOrder) -> Table:
    """Return the table of a wish; raises StudioError where it is none, or too large."""
    axes = _axes(wish)
    if not axes:
        raise StudioError(Reason("grid_of_one"), param="prompt")
    if len(axes) > AXES:
        raise StudioError(Reason("grid_of_many", names=[axis.name for axis in axes]))
    if prod(len(axis.values) for axis in axes) * wish.n > IMAGES:
        raise StudioError(Reason("grid_too_large", most=IMAGES), param="n")
    models = {str(model.pk): model for model in wish.models}
    combinations = product(*(axis.values for axis in axes))
    found = Table(axes, [_order(wish, models, axes, values) for values in combinations])
    if not found.drawn:
        raise StudioError(Reason("grid_empty"))
    return found


def _axes(wish: GridOrder) -> list[Axis]:
    """Return what has several values; the longer of two goes down."""
    fields = [Axis("field", each.name, each.choices) for each in fields_of(wish.text)]
    settings = [Axis("setting", name, tuple(values)) for name, values in wish.values.items()]
    models = Axis("model", "model", tuple(str(model.pk) for model in wish.models))
    several = [axis for axis in (*fields, *settings, models) if len(axis.values) > 1]
    return sorted(several, key=lambda axis: -len(axis.values))


def _order(
    wish: GridOrder, models: Mapping[str, ImageModel], axes: list[Axis], values: tuple[Any, ...]
) -> Order | None:
    """Return what one cell asks for; nothing if its model does not take its values as they are."""
    chosen = {(axis.kind, axis.name): value for axis, value in zip(axes, values, strict=True)}
    model = models[chosen.get(("model", "model"), next(iter(models)))]
    settings = {name: each[0] for name, each in wish.values.items() if each}
    settings |= {name: value for (kind, name), value in chosen.items() if kind == "setting"}
    if presets.obstacle(wish.preset, model) or not all(
        model.accepted.fits(name, value) for name, value in settings.items()
    ):
        return None
    words = {each.name: each.choices[0] for each in fields_of(wish.text) if len(each.choices) == 1}
    words |= {name: value for (kind, name), value in chosen.items() if kind == "field"}
    return Order(
        model=model,
        text=filled(wish.text, words),
        n=min(wish.n, model.max_n),
        shared=wish.shared,
        settings=settings,
        parent=wish.parent,
        saved=wish.saved,
        collection=wish.collection,
        preset=wish.preset,
        preset_version=wish.preset_version,
    )


def start(*, person: User, submission_id: UUID, wish: GridOrder, acknowledged: str = "") -> Grid:
    """Submit every cell, all of them or none; the same submission id again is the same grid.

    Raises Conflict if the id was used for something else, TooMany while too many images of grids wait, and whatever
    `plan` and `generations.submit` raise. A held cell waits by itself; the others are drawn.
    """
    found = plan(wish)
    kept = (order and presets.keep_to(presets.obliged(order, person=person)) for order in found.cells)
    table = Table(found.axes, list(kept))
    try:
        findings = _screened(wish, table, acknowledged)
        with write_transaction():
            return _earlier(person, submission_id, wish, table) or _write(
                person, submission_id, wish, table, findings
            )
    except (IntegrityError, StudioError) as error:  # its twin may have been committed a moment before
        row = _earlier(person, submission_id, wish, table)
        if row is None:
            over = isinstance(error, OverBudget) and error.code != "over_budget"
            raise _over(person, table.images) if over else error from None
        return row


def _over(person: User, total: int) -> OverBudget:
    """Count all of them: the reservation that failed was that of one cell, and the others are free again."""
    month = budgets.allowance(person=person)
    return OverBudget(Reason("grid_over_budget", left=month.left, cap=month.cap, total=total), param="n")


def _screened(wish: GridOrder, table: Table, acknowledged: str) -> dict[int, Findings]:
    """Screen the words as they are typed, so that they can be marked, and then as each cell says them."""
    typed = gate.let_through(gate.texts_of(wish.text, {}), acknowledged=acknowledged)
    found = {}
    for place, order in table.drawn:
        findings = gate.screen(gate.texts_of(order.text, order.settings))
        warns = findings.act == Act.WARN and typed.act != Act.WARN and acknowledged != findings.token
        if findings.act == Act.BLOCK or warns:
            raise Screened(findings)
        found[place] = findings
    return found


def _write(
    person: User, submission_id: UUID, wish: GridOrder, table: Table, findings: Mapping[int, Findings]
) -> Grid:
    budgets.stand_in_line(person=person)
    _check_queue(person, table.images)
    axes = [axis.plain for axis in table.axes]
    row = Grid.objects.create(owner=person, text=wish.text, axes=axes, submission_id=submission_id)
    for place, order in table.drawn:
        generations.submit(
            person=person,
            submission_id=uuid5(submission_id, str(place)),
            order=order,
            grid=row,
            cell=place,
            findings=findings[place],
        )
    audit.record(actor=person, action="grid.started", subject=row.pk, images=table.images)
    return row


def _check_queue(person: User, images: int) -> None:
    """Grids have a line of their own, so that one of them leaves room for what is asked for beside it."""
    cells = Generation.objects.owned_by(person).exclude(grid=None).in_state(*WAITING)
    waiting = cells.filter(stopped_waiting_at=None).aggregate(total=Sum("n"))["total"] or 0
    if waiting + images > IMAGES:
        raise TooMany(Reason("grids_waiting", waiting=waiting, most=IMAGES))


def _earlier(person: User, submission_id: UUID, wish: GridOrder, table: Table) -> Grid | None:
    row = Grid.objects.owned_by(person).submitted_as(submission_id).first()
    if row is None:
        return None
    cells = {cell.cell: cell for cell in row.cells.select_related("prompt")}
    same = row.text == wish.text and row.axes == [axis.plain for axis in table.axes]
    drawn = dict(table.drawn)
    if not same or cells.keys() != drawn.keys() or not all(drawn[at].is_that_of(cells[at]) for at in drawn):
        raise Conflict(Reason("form_sent_otherwise"))
    return row


def cancel(*, grid: Grid, person: User) -> int:
    """Take back the cells that wait; say how many. What a relay draws already is kept."""
    rows = grid.cells.filter(owner=person).in_state(*WAITING).order_by("-cell")
    return sum(settlement.cancel(generation=row, person=person) for row in rows)
