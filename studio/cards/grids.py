"""Builds what is shown of grids: a card in the feed, and the table with its cells."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from studio.cards.generations import Card, cards_of, when_of
from studio.cards.images import preview
from studio.cards.receipts import sight
from studio.forms.shapes import times
from studio.live import Shown, Watch, versions_of_grids
from studio.models import Generation, Grid, Image, ImageModel, User
from studio.relays.settings import label_of

SHOWN = 6
"""So many pictures stand on a card in the feed."""

NOT_DRAWN = "not drawn by this model"


@dataclass(frozen=True)
class Head:
    """One side of the table: what differs along it, and its values."""

    name: str
    values: list[str]


@dataclass(frozen=True)
class GridFigures:
    """How far a grid is, as far as this person may know."""

    newest: int = 0
    cells: int = 0
    ended: int = 0
    asked: int = 0
    waiting: int = 0
    for_all: int = 0


@dataclass(frozen=True)
class Cell:
    """One cell of the table: its run, or why there is none."""

    label: str
    card: Card | None
    words: str = ""


@dataclass(frozen=True)
class GridCard:
    """Everything that is said of a grid; `lines` are the rows of its table, on its own page alone."""

    row: Grid
    text: str
    figures: GridFigures
    mine: bool
    when: str
    heads: list[Head]
    pictures: list[dict[str, Any]]
    lines: Sequence[tuple[str, list[Cell]]] = ()

    template = "components/grid.html"

    @property
    def live(self) -> bool:
        return self.figures.ended < self.figures.cells

    @property
    def watch(self) -> Watch:
        """What the card in the feed watches: all its cells."""
        return Watch(Shown.GRID, self.row.pk, self.figures.newest)

    @property
    def watch_table(self) -> Watch:
        """What its page watches."""
        return Watch(Shown.TABLE, self.row.pk, self.figures.newest)

    @property
    def state(self) -> str:
        """How far it is, while it runs."""
        return f"{self.figures.ended} of {self.figures.cells} cells done" if self.live else ""

    @property
    def said(self) -> str:
        """What its sides are."""
        return " × ".join(f"{len(head.values)} {head.name.lower()}" for head in self.heads)

    @property
    def sight(self) -> str:
        """Who sees it, where that is the exception."""
        return sight(shared=self.figures.for_all > 0)

    @property
    def can_cancel(self) -> bool:
        return self.mine and self.figures.waiting > 0

    @property
    def outcome(self) -> str:
        return "" if self.live else "ready"

    @property
    def news(self) -> str:
        """What a person who looks elsewhere is told at the end."""
        return "Your grid is ready."

    @property
    def more(self) -> int:
        """How many cells the card in the feed does not show."""
        return max(0, self.figures.cells - len(self.pictures))


def grid_cards_of(rows: Iterable[Grid], *, person: User) -> list[GridCard]:
    """Return the cards of some grids for the feed, in a constant number of queries."""
    rows = list(rows)
    if not rows:
        return []
    figures, labels = _figures(rows, person), _labels(rows)
    pictures: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    first = Image.objects.visible_to(person).kept().filter(generation__grid__in=rows, index=0)
    for image in first.filter(generation__cell__lt=SHOWN).select_related("generation"):
        if image.generation.grid_id:
            pictures[image.generation.grid_id].append(preview(image, person))
    return [_card(row, figures, labels, person, pictures[row.pk]) for row in rows]


def grid_card_of(row: Grid, *, person: User) -> GridCard:
    """Return one grid with its table; where others see only some cells, they read nothing of the rest."""
    cells = cards_of(Generation.objects.visible_to(person).in_cells_of(row), person=person)
    figures, labels = _figures([row], person), _labels([row])
    card = _with_lines(_card(row, figures, labels, person, []), {cell.row.cell: cell for cell in cells})
    return card if card.mine or row.shows_all(len(cells)) else _partly(card, cells)


def _partly(card: GridCard, cells: list[Card]) -> GridCard:
    """Leave out the values of which no cell is seen, and the prompt with all its values."""
    columns = [
        place for place in range(len(card.lines[0][1])) if any(cells[place].card for _, cells in card.lines)
    ]
    lines = [
        (label, [cells[place] for place in columns])
        for label, cells in card.lines
        if any(cell.card for cell in cells)
    ]
    heads = [replace(card.heads[0], values=[label for label, _ in lines])]
    heads += [replace(head, values=[head.values[place] for place in columns]) for head in card.heads[1:]]
    return replace(card, lines=lines, heads=heads, text=cells[0].row.prompt.text)


def _card(
    row: Grid,
    figures: dict[UUID, GridFigures],
    labels: dict[str, str],
    person: User,
    pictures: list[dict[str, Any]],
) -> GridCard:
    return GridCard(
        row=row,
        text=row.text,
        figures=figures.get(row.pk, GridFigures()),
        mine=row.owner_id == person.pk,
        when=when_of(row.created_at),
        heads=[_head(axis, labels) for axis in row.axes],
        pictures=pictures,
    )


def _with_lines(card: GridCard, found: dict[int | None, Card]) -> GridCard:
    down, across = card.heads[0], card.heads[1] if len(card.heads) > 1 else Head("", [""])
    width = len(across.values)
    lines = []
    for place, label in enumerate(down.values):
        cells = [
            _cell(card, found.get(place * width + column), ", ".join(filter(None, [label, beside])))
            for column, beside in enumerate(across.values)
        ]
        lines.append((label, cells))
    return replace(card, lines=lines)


def _cell(grid: GridCard, card: Card | None, label: str) -> Cell:
    return Cell(label, card, "" if card else NOT_DRAWN if grid.mine else "not drawn, or not shared")


def _figures(rows: list[Grid], person: User) -> dict[UUID, GridFigures]:
    """Return the figures of each grid; a version is that of all cells, whoever may see which of them."""
    found = Generation.objects.visible_to(person).figures_of_grids(rows)
    foreign = [row.pk for row in rows if row.owner_id != person.pk]
    versions = versions_of_grids(foreign) if foreign else {}
    return {
        each.pop("grid"): GridFigures(**each | ({"newest": versions[pk]} if pk in versions else {}))
        for each in found
        if (pk := each["grid"])
    }


def _labels(rows: Iterable[Grid]) -> dict[str, str]:
    """Return the names of the models that stand along some side."""
    pks = {pk for row in rows for axis in row.axes if axis["kind"] == "model" for pk in axis["values"]}
    if not pks:
        return {}
    return {str(pk): label for pk, label in ImageModel.objects.filter(pk__in=pks).values_list("pk", "label")}


def _head(axis: dict[str, Any], labels: dict[str, str]) -> Head:
    if axis["kind"] == "model":
        return Head("Models", [labels.get(pk, "a model that is gone") for pk in axis["values"]])
    name = label_of(axis["name"]) if axis["kind"] == "setting" else str(axis["name"]).capitalize()
    return Head(name, [times(str(value)) for value in axis["values"]])
