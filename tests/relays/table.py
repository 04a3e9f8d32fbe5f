"""The table of docs/relays.md: every dialect and every field, found out by asking for it and looking at the body.

`python -m tests.relays.table --write` puts it into the page again; without `--write` it is printed.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.relays import DIALECTS
from studio.relays.dialects.base import DrawRequest, RelayClient

PAGE = Path(__file__).resolve().parents[2] / "docs" / "relays.md"
START, END = "<!-- table: start -->", "<!-- table: end -->"
FIELDS = (
    *("model", "prompt", "n", "size", "aspect_ratio", "image_size", "quality", "style", "negative_prompt"),
    *("seed", "steps", "guidance", "background", "output_format", "output_compression", "moderation"),
    *("response_format", "user", "async"),
)
MODEL = "a-model"


def client(dialect: str) -> RelayClient:
    """Return a client that sends nothing by itself."""
    return DIALECTS[dialect](base_url="https://example.com/v1", api_key="sk-12345678")


def asked(field: str) -> DrawRequest:
    """Return a request in which this field alone is asked for, of a model that would take it."""
    basic = {"model": MODEL, "prompt": "", "n": 0}
    settings = {} if field in basic else {field: f"<{field}>"}
    given: dict[str, Any] = basic | ({field: f"<{field}>"} if field in basic else {})
    return DrawRequest(**given, settings=settings, accepts=frozenset({field}))


def places(body: object, value: object, path: str = "") -> Iterator[str]:
    """Yield where in a body a value stands; lists do not count as steps."""
    if body == value:
        yield path
    elif isinstance(body, dict):
        for key, inner in body.items():
            yield from places(inner, value, f"{path}.{key}" if path else key)
    elif isinstance(body, list):
        for inner in body:
            yield from places(inner, value, path)


def place(dialect: str, field: str) -> str | None:
    """Return where a field lands in the body of a dialect, or None when it does not arrive there."""
    return next(places(client(dialect).build(asked(field)).fields, f"<{field}>"), None)


def cell(dialect: str, field: str) -> str:
    """Return what happens to a field in the words of the table."""
    found = place(dialect, field)
    if found is None:
        return "never sent" if field in DIALECTS[dialect].withheld else "dropped"
    words = "sent" if found == field else f"`{found}`"
    return f"{words}, if ticked" if field in DIALECTS[dialect].ticked else words


def render() -> str:
    """Return the table in Markdown."""
    rows = [["Field", *DIALECTS], ["---"] * (len(DIALECTS) + 1)]
    rows += [[f"`{field}`", *(cell(dialect, field) for dialect in DIALECTS)] for field in FIELDS]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def on_the_page() -> str:
    """Return the table as the page has it."""
    return PAGE.read_text(encoding="utf-8").partition(START)[2].partition(END)[0].strip()


def write() -> None:
    """Put the table into the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n{render()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/relays.md")
    if parser.parse_args().write:
        write()
    else:
        print(render())
