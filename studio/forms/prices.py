"""A table of prices as it comes out of a spreadsheet."""

import csv
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms

from studio.forms import TextField
from studio.forms.money import number_of
from studio.models import ImageModel, Unit
from studio.models.prices import QUALITY_LENGTH, SIZE_LENGTH, Per
from studio.services.prices import Place, Row, row_of
from studio.words.money import SIGNS

LINES = 2000
DEAREST = Decimal(1_000_000)
HEADINGS = {"model", "relay", "model id"}
BY_SIGN = {sign.strip(): Unit(code) for code, sign in SIGNS.items()}
TOKENS = {
    "text": Per.TEXT,
    "input": Per.TEXT,
    "image": Per.PICTURE,
    "image input": Per.PICTURE,
    "input image": Per.PICTURE,
    "output": Per.OUTPUT,
}
"""Words for what a price by a million tokens is of."""

UNKNOWN = {"?", "-", "unknown", ""}
HALF = (
    "{model}: what tokens cost is a price of text and one of output, for example $5 / 1M text tokens and "
    "$40 / 1M output tokens. Where an image has a price too, it is in dollars."
)
COLUMNS = "model, size, quality, price"


class Wrong(Exception):
    """A line that cannot be read."""


def money_of(text: str) -> tuple[Decimal, Unit]:
    """Return a price with its unit: $0.04, 0.04 USD, 5,000 units; raises Wrong."""
    found = re.fullmatch(r"([^\d.,]*)([\d.,]+)([^\d.,]*)", text.strip())
    number = number_of(found[2]) if found else None
    if not found or number is None or number >= DEAREST:
        raise Wrong(f"“{text[:40]}” is no price. Write for example $0.04, 0.035 EUR or 5,000 units.")
    said = " ".join(part.strip() for part in (found[1], found[3]) if part.strip())
    unit = BY_SIGN.get(said) or next((unit for unit in Unit if unit.value.lower() == said.lower()), None)
    if unit is None or unit == Unit.IMAGES:
        raise Wrong(f"“{text[:40]}” does not say in what. Write for example $0.04, 0.035 EUR or 5,000 units.")
    return number, unit


def price_of(text: str) -> tuple[Decimal, Unit, str]:
    """Return a price, and which tokens a million of which it is of, if any: $40 / 1M output tokens; raises Wrong."""
    money, mark, tokens = text.partition("/")
    if not mark:
        return *money_of(text), Per.IMAGE
    found = re.fullmatch(r"(?:1\s*m|1,?000,?000|million)\s+([a-z ]+?)(?: tokens?)?", tokens.strip().lower())
    per = TOKENS.get(found[1]) if found else None
    if per is None:
        raise Wrong(f"“{text[:40]}” does not say of what. Write for example $40 / 1M output tokens.")
    number, unit = money_of(money)
    if unit != Unit.USD:
        raise Wrong("What tokens cost is written in dollars, as relays say it.")
    return number, unit, per


def cells_of(line: str) -> list[str]:
    """Return the cells of a line: divided by tabs as a spreadsheet copies them, else by semicolons or commas."""
    mark = next((mark for mark in "\t;" if mark in line), ",")
    return [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]


class PricesForm(forms.Form):
    """Lines of model, size, quality and price; what a model's lines say takes the place of all its prices."""

    table = TextField(
        label="Prices",
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "prices__table"}),
        help_text=f"One line for each price: {COLUMNS}. Copy them out of a spreadsheet, or divide them by commas.",
        error_messages={"required": "Paste at least one line."},
    )

    def __init__(self, data: Any = None, *, models: Iterable[ImageModel], **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.names: dict[str, list[ImageModel]] = {}
        for model in models:
            relay = model.relay.name
            for name in {model.model_id, model.label, f"{relay}/{model.model_id}", f"{relay}/{model.label}"}:
                self.names.setdefault(name.lower(), []).append(model)

    def clean_table(self) -> dict[ImageModel, list[Row]]:
        wanted: dict[ImageModel, dict[Place, Row | None]] = {}
        wrong: list[str] = []
        lines = self.cleaned_data["table"].splitlines()
        if len(lines) > LINES:
            raise forms.ValidationError(f"At most {LINES:,} lines at a time.")
        for number, line in enumerate(lines, 1):
            try:
                self._read(line, wanted)
            except Wrong as error:
                wrong.append(f"Line {number}: {error}")
        if wrong:
            raise forms.ValidationError(wrong[:20])
        if not wanted:
            raise forms.ValidationError("Paste at least one line.")
        found = {model: [row for row in rows.values() if row] for model, rows in wanted.items()}
        half = [model.label for model, rows in found.items() if not _is_whole(rows)]
        if half:
            raise forms.ValidationError([HALF.format(model=label) for label in half])
        return found

    def _read(self, line: str, wanted: dict[ImageModel, dict[Place, Row | None]]) -> None:
        cells = cells_of(line) if line.strip() else []
        if not any(cells) or cells[0].lower() in HEADINGS:
            return
        if len(cells) not in (2, 4):
            raise Wrong(f"There are {len(cells)} cells. Write {COLUMNS}, or only model and price.")
        name, size, quality, price = cells if len(cells) == 4 else (cells[0], "", "", cells[1])
        if len(size) > SIZE_LENGTH or len(quality) > QUALITY_LENGTH:
            raise Wrong("The size or the quality is too long.")
        rows = wanted.setdefault(self._model(name), {})
        if price.lower() in UNKNOWN:
            row, place = None, (size.lower(), quality.lower(), "")
        else:
            number, unit, per = price_of(price)
            row, place = (
                row_of(number, unit, size=size, quality=quality, per=per),
                (size.lower(), quality.lower(), per),
            )
        if place in rows:
            raise Wrong(f"{name} has a price for this size and quality on a line before.")
        if place[2] and (size or quality):
            raise Wrong("Tokens cost the same in every size and quality. Leave both cells empty.")
        rows[place] = row

    def _model(self, name: str) -> ImageModel:
        found = self.names.get(name.lower(), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Wrong(
                f"More than one model is called “{name[:60]}”. Write the relay before it: {found[0].relay}/{name[:60]}."
            )
        raise Wrong(f"No model is called “{name[:60]}”.")


def _is_whole(rows: Iterable[Row]) -> bool:
    """Say whether tokens can be paid: what goes in and what comes out have a price, in what one image is paid."""
    rows = list(rows)
    per = {row["per"] for row in rows if row.get("per")}
    return not per or ({Per.TEXT, Per.OUTPUT} <= per and {row["unit"] for row in rows} == {Unit.USD.value})


def _written(row: Row) -> str:
    tokens = f" / 1M {Per(row['per']).label}" if row.get("per") else ""
    return f"{row['rate']} {row['unit']}{tokens}".strip()


def table_of(models: Iterable[ImageModel]) -> str:
    """Return today's prices as they can be pasted again; a model without one has a question mark."""
    lines = ["model\tsize\tquality\tprice"]
    for model in models:
        name = f"{model.relay}/{model.model_id}"
        rows = model.prices or [{"size": "", "quality": "", "rate": "?", "unit": ""}]
        lines += ["\t".join([name, row["size"], row["quality"], _written(row)]) for row in rows]
    return "\n".join(lines)
