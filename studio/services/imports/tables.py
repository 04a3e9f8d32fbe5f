"""Reads a table (CSV) that says of pictures what they were made from; the studio's own manifests are such tables."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path, PurePosixPath

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from studio import spreadsheets
from studio.media.archives import BadArchive

MOST_ROWS = 20_000

NAMES = {
    "file": ("file", "filename", "file_name", "name", "path", "image", "picture"),
    "prompt": ("prompt", "positive_prompt", "positive", "text", "caption"),
    "negative_prompt": ("negative_prompt", "negative"),
    "model": ("model", "checkpoint"),
    "made_at": ("made_at", "kept_at", "created_at", "date", "created"),
    "alt": ("alt", "alt_text"),
    "seed": ("seed",),
    "steps": ("steps",),
    "guidance": ("guidance", "cfg", "cfg_scale", "guidance_scale"),
}
"""What a column is for → the names it may have."""


@dataclass(frozen=True)
class ToldOf:
    """What a table says of one picture, under the studio's names."""

    facts: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.facts.get(name, "")

    @property
    def at(self) -> datetime | None:
        """When it was made; a day alone is its noon in the studio's zone."""
        told = self.text("made_at")
        try:
            if moment := parse_datetime(told):
                return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
            day = parse_date(told[:10])
            return timezone.make_aware(datetime.combine(day, time(12))) if day else None
        except (ValueError, OverflowError):
            return None


NOTHING = ToldOf({})


@dataclass
class PromptTable:
    """The lines of some tables, found by a file's whole name, or by its last part where only one has it."""

    by_name: dict[str, ToldOf] = field(default_factory=dict)
    by_last: dict[str, list[ToldOf]] = field(default_factory=dict)

    def add(self, name: str, line: ToldOf) -> None:
        self.by_name.setdefault(name, line)
        self.by_last.setdefault(PurePosixPath(name).name, []).append(line)

    def line(self, name: str) -> ToldOf:
        """Return what is said of a file; an empty line where nothing is."""
        found = self.by_last.get(PurePosixPath(name).name, [])
        return self.by_name.get(name) or (found[0] if len(found) == 1 else NOTHING)


def read(paths: Iterable[tuple[str, Path]]) -> PromptTable:
    """Return the lines of tables, each with the name it has where the pictures are; BadArchive for one nobody can read.

    A table that says nothing of files or prompts is none of ours and is left alone.
    """
    table = PromptTable()
    for name, path in paths:
        try:
            _read(table, PurePosixPath(name).parent, path)
        except (UnicodeError, csv.Error) as error:
            raise BadArchive("import_table", file=PurePosixPath(name).name) from error
    return table


def _read(table: PromptTable, folder: PurePosixPath, path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter=_delimiter(file.readline()))
        file.seek(0)
        columns = {_plain(name): name for name in rows.fieldnames or ()}
        ours = {
            ours: columns[each] for ours, names in NAMES.items() for each in names[::-1] if each in columns
        }
        if "file" not in ours or not ours.keys() - {"file"}:
            return
        for place, row in enumerate(rows):
            if place >= MOST_ROWS:
                raise BadArchive("import_table_long", most=MOST_ROWS)
            told = {name: spreadsheets.plain((row[column] or "").strip()) for name, column in ours.items()}
            if name := told.pop("file").replace("\\", "/"):
                table.add((folder / name).as_posix(), ToldOf(told))


def _delimiter(head: str) -> str:
    """Spreadsheets of half of Europe write semicolons."""
    return max(",;\t", key=head.count)


def _plain(name: str | None) -> str:
    return (name or "").strip().lower().replace(" ", "_").replace("-", "_")
