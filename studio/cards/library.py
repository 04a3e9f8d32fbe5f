"""Finished values for saved prompts, their fields and their versions."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from studio.cards.images import moment, small_preview, words
from studio.models import Image, SavedPrompt, SavedVersion, User
from studio.placeholders import Placeholder, filled
from studio.wording import difference, shortened

SHOWN = 240


def cards_of(rows: Iterable[SavedPrompt], person: User) -> list[dict[str, Any]]:
    """Return finished values for each saved prompt; one more query, for the pictures that the person may see."""
    found = list(rows)
    visible = Image.objects.visible_to(person).kept()
    examples = visible.in_bulk([row.example_id for row in found if row.example_id])
    return [_card(row, examples.get(row.example_id), person) for row in found]


def _card(row: SavedPrompt, example: Image | None, person: User) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "title": row.title,
        "url": reverse("library.detail", args=[row.pk]),
        "words": words(row.text, SHOWN),
        "fields": len(row.fields),
        "tags": row.tag_names,
        "number": row.number,
        "uses": row.uses,  # type: ignore[attr-defined]
        "private": not row.shared,
        "owner": str(row.owner),
        "initials": row.owner.initials,
        "changed_at": row.changed_at.isoformat(),
        "when": moment(row.changed_at),
        "samples": [small_preview(example, person)] if example else [],
        "more": 0,
    }


def inputs_of(fields: Iterable[Placeholder]) -> list[dict[str, Any]]:
    """Return what is asked for before a saved prompt is used."""
    return [
        {"name": f"field-{place}", "label": field.name.capitalize(), "choices": field.choices}
        for place, field in enumerate(fields)
    ]


def suggestion_of(row: SavedPrompt, version: SavedVersion) -> dict[str, Any]:
    """Return what the prompt box offers of a saved prompt."""
    return {
        "version": version.pk,
        "title": row.title,
        "words": words(row.text, 120),
        "inputs": [each | {"name": f"{version.pk}-{each['name']}"} for each in inputs_of(row.fields)],
    }


def text_of(version: SavedVersion, data: Any) -> str:
    """Return the text of a version with what was written into its fields, wherever on a page they stood."""
    fields = version.fields
    names = [each["name"] for each in inputs_of(fields)]
    values = {
        field.name: data.get(f"{version.pk}-{name}") or data.get(name) or ""
        for field, name in zip(fields, names, strict=True)
    }
    return filled(version.text, values)


def versions_of(saved: SavedPrompt) -> list[dict[str, Any]]:
    """Return the versions, newest first, each with what it changed of the one before."""
    rows = list(saved.versions.select_related("author").order_by("number"))
    befores: list[SavedVersion | None] = [None, *rows[:-1]]
    found = [_version(row, before) for row, before in zip(rows, befores, strict=True)]
    return found[::-1]


def _version(row: SavedVersion, before: SavedVersion | None) -> dict[str, Any]:
    return {
        "row": row,
        "by": row.written_by,
        "when": moment(row.created_at),
        "parts": shortened(difference(before.text, row.text), around=6) if before else [],
    }
