"""Reading the rows of a model list, whose values may be anything."""

from collections.abc import Mapping
from typing import Any

from studio.relays.shapes import plain

NAME_LIMIT = 200
NAMES_LIMIT = 100


def label(row: Mapping[str, Any]) -> str:
    """Return the name a person reads, or the id."""
    name = row.get("name")
    return plain(name if isinstance(name, str) and name.strip() else str(row["id"]), NAME_LIMIT)


def names(value: object) -> list[str]:
    """Return the strings of a list, or the keys of an object; [] for anything else."""
    found = list(value) if isinstance(value, list | dict) else []
    return [plain(name, NAME_LIMIT) for name in found[:NAMES_LIMIT] if isinstance(name, str) and name]


def image_endpoint(value: object) -> bool | None:
    """Say whether a row's endpoints draw images; None when the row lists none."""
    endpoints = names(value)
    if not endpoints:
        return None
    return any(name.endswith(("images/generations", "image-generation")) for name in endpoints)
