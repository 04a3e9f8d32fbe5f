"""Takes saved prompts out of the studio and brings them in, as JSON or CSV; what goes out comes back the same.

A saved prompt keeps its id. One that is here already gets the text of the file as its next version, where that differs
and its person may write to it; who wrote a version elsewhere, and when, stays with it.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from studio import spreadsheets
from studio.cleaning import clean_text
from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import SavedPrompt, SavedVersion, User
from studio.models.library import CREDIT_LENGTH, TITLE_LENGTH, WHY_LENGTH, SavedPromptQuerySet
from studio.models.tags import tags_in
from studio.relays.settings import TEXT_LENGTH
from studio.services import audit, library
from studio.services.screening import gate
from studio.words import Reason

MOST = 5_000
COLUMNS = ("id", "title", "tags", "shared", "version", "text", "why", "by", "at")
LENGTHS = {"text": TEXT_LENGTH, "why": WHY_LENGTH, "by": CREDIT_LENGTH}


@dataclass
class Entry:
    """One saved prompt of a file: what stands around it, and its versions, oldest first."""

    id: str
    title: str
    tags: str
    shared: bool
    versions: list[dict[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.versions[-1]["text"]


@dataclass(frozen=True)
class Brought:
    """What an import did."""

    new: int = 0
    revised: int = 0
    same: int = 0


# Out


def as_json(rows: SavedPromptQuerySet) -> str:
    """Return saved prompts as JSON, each with its versions as a list."""
    prompts = [
        {name: facts[name] for name in ("id", "title", "tags", "shared", "versions")}
        for facts in _facts(rows)
    ]
    return json.dumps({"lightfast": "library", "prompts": prompts}, ensure_ascii=False, indent=2) + "\n"


def as_csv(rows: SavedPromptQuerySet) -> Iterator[str]:
    """Return saved prompts as CSV, a line for each version."""
    return spreadsheets.lines([COLUMNS, *_lines(rows)])


def _lines(rows: SavedPromptQuerySet) -> Iterator[list[object]]:
    for facts in _facts(rows):
        shared = "yes" if facts["shared"] else "no"
        for version in facts["versions"]:
            yield [facts["id"], facts["title"], ", ".join(facts["tags"]), shared, *version.values()]


def _facts(rows: SavedPromptQuerySet) -> Iterator[dict[str, Any]]:
    for row in rows.order_by("pk").prefetch_related("versions__author"):
        versions = sorted(row.versions.all(), key=lambda version: version.number)
        yield {
            "id": str(row.pk),
            "title": row.title,
            "tags": row.tag_names,
            "shared": row.shared,
            "versions": [_version(version) for version in versions],
        }


def _version(row: SavedVersion) -> dict[str, Any]:
    at = row.created_at.isoformat()
    return {"version": row.number, "text": row.text, "why": row.why, "by": row.written_by, "at": at}


# In


def bring(*, person: User, name: str, content: bytes) -> Brought:
    """Bring the saved prompts of a file in, all of them or none; raises StudioError saying what is wrong with it."""
    entries = _read(name, content)
    if len(entries) > MOST:
        raise StudioError(Reason("import_too_many", most=MOST, count=len(entries)), param="file")
    for place, entry in enumerate(entries, 1):
        if problem := _problem(entry):
            raise StudioError(Reason("import_row", row=entry.title or place, problem=problem), param="file")
        _screen(entry)
    with write_transaction():
        found = [_bring(person, entry) for entry in entries]
        done = Brought(*(found.count(what) for what in ("new", "revised", "same")))
        audit.record(
            actor=person,
            action="library.imported",
            subject="",
            new=done.new,
            revised=done.revised,
            same=done.same,
        )
    return done


def _screen(entry: Entry) -> None:
    """Let the rules read what the team will see of it, its old versions too; before anything is locked."""
    gate.check_names(entry.title, entry.tags, param="file")
    for version in entry.versions:
        gate.check_names(version["by"], version["why"], param="file")
        library.check(version["text"], shared=entry.shared)


def _bring(person: User, entry: Entry) -> str:
    pk = _id(entry.id)
    here = SavedPrompt.objects.filter(pk=pk).first() if pk else None
    if here is None or not (here.shared or here.owner_id == person.pk):
        _create(person, entry, None if here else pk)
        return "new"
    if here.text == entry.text:
        return "same"
    why = entry.versions[-1]["why"]
    library.revise(saved=here, person=person, text=entry.text, seen=here.number, why=why)
    return "revised"


def _create(person: User, entry: Entry, pk: UUID | None) -> None:
    moments = [_moment(version["at"]) for version in entry.versions]
    row = SavedPrompt.objects.create(
        **({"pk": pk} if pk else {}),
        owner=person,
        title=entry.title,
        text=entry.text,
        tags=library.joined(tags_in(entry.tags)),
        shared=entry.shared,
        number=len(entry.versions),
        created_at=moments[0],
        changed_at=moments[-1],
    )
    SavedVersion.objects.bulk_create(
        SavedVersion(
            saved=row,
            number=number,
            text=version["text"],
            why=version["why"],
            author=person,
            credit="" if version["by"] == str(person) else version["by"],
            created_at=moment,
        )
        for number, (version, moment) in enumerate(zip(entry.versions, moments, strict=True), 1)
    )


def _read(name: str, content: bytes) -> list[Entry]:
    readers = {"json": _of_json, "csv": _of_csv}
    kind = name.rpartition(".")[2].lower()
    if kind not in readers:
        raise StudioError(Reason("import_kind"), param="file")
    try:
        return readers[kind](content.decode("utf-8-sig"))
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
        csv.Error,
    ) as error:
        where = f"{type(error).__name__}" if kind == "json" else "a column is missing"
        raise StudioError(Reason("import_unreadable", kind=kind.upper(), where=where), param="file") from None


def _of_json(text: str) -> list[Entry]:
    found = []
    for facts in json.loads(text)["prompts"]:
        versions = sorted(facts["versions"], key=lambda version: int(version["version"]))
        entry = _entry(facts | {"tags": ", ".join(map(str, facts.get("tags", [])))})
        entry.versions = [_said(version) for version in versions]
        found.append(entry)
    return found


def _of_csv(text: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    rows = [_plain(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    for place, row in enumerate(sorted(rows, key=lambda row: int(row.get("version") or 1))):
        facts = row | {"shared": row.get("shared", "").lower() in ("yes", "true", "1")}
        entry = found.setdefault(row.get("id") or f"line {place}", _entry(facts))
        entry.versions.append(_said(row))
    return list(found.values())


def _plain(row: dict[str, str]) -> dict[str, Any]:
    return {name: spreadsheets.plain(value or "") for name, value in row.items() if name}


def _entry(facts: dict[str, Any]) -> Entry:
    tags, title = clean_text(str(facts.get("tags") or "")), clean_text(str(facts["title"])).strip()
    return Entry(str(facts.get("id") or ""), title, tags, facts.get("shared") is True)


def _said(facts: dict[str, Any]) -> dict[str, str]:
    said = {"text": facts["text"], **{name: facts.get(name) or "" for name in ("why", "by", "at")}}
    return {name: clean_text(str(value)) for name, value in said.items()}


def _problem(entry: Entry) -> Reason | None:
    if not entry.title:
        return Reason("needs_title")
    if len(entry.title) > TITLE_LENGTH:
        return Reason("too_long", field="title", most=TITLE_LENGTH)
    if not entry.versions or not all(version["text"].strip() for version in entry.versions):
        return Reason("needs_text")
    long = (name for version in entry.versions for name, most in LENGTHS.items() if len(version[name]) > most)
    name = next(long, "")
    return Reason("too_long", field=name, most=LENGTHS[name]) if name else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    """Return when a version was written; one that says nothing, or lies ahead, was written now."""
    now = timezone.now()
    try:
        at = parse_datetime(text)
        if at is None:
            return now
        return min(at if timezone.is_aware(at) else timezone.make_aware(at), now).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
