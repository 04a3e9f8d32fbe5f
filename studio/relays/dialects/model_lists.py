"""Reading the rows of a model list, whose values may be anything."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from studio.relays.answers.numbers import amount
from studio.relays.dialects.known_models import IMAGE_NAMES, bare
from studio.relays.shapes import plain

Row = Mapping[str, Any]

NAME_LIMIT = 200
NAMES_LIMIT = 100
TYPES = {
    "image": True,
    **dict.fromkeys(
        ("audio", "chat", "code", "embedding", "language", "moderation", "rerank", "video"), False
    ),
}
CHAT_ENDPOINTS = ("chat/completions", "openai", "chat")


def is_usable(row: Row) -> bool:
    """Say whether a row has an id and is not called unavailable."""
    has_id = isinstance(row.get("id"), str) and row["id"]
    return bool(has_id) and row.get("available") is not False and row.get("is_available") is not False


def label(row: Row) -> str:
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


def draws(row: Row) -> bool | None:
    """Say whether a row's model draws, from every mark relays are known to set; its name decides if there is none."""
    marks = [mark for mark in (_draws_plainly(row), _draws_beside(row)) if mark is not None]
    if marks:
        return any(marks)
    return True if bare(str(row["id"])).startswith(IMAGE_NAMES) else None


def draws_by_chat(row: Row) -> bool:
    """Say whether a row's model draws only as a part of what it writes in a conversation."""
    if _draws_plainly(row) or not _draws_beside(row):
        return False
    endpoints = [*names(row.get("endpoints")), *names(row.get("supported_endpoint_types"))]
    return "text" in outputs(row) or any(name.endswith(CHAT_ENDPOINTS) for name in endpoints)


def outputs(row: Row) -> list[str]:
    """Return what a model answers with: `output_modalities`, which some relays keep under `architecture`."""
    inner = row.get("architecture")
    return names(row.get("output_modalities")) or names(_of(inner, "output_modalities"))


def multiplier(value: object) -> Decimal | None:
    """Return what the quota of an image is multiplied by (RELAYS.md §1.2); None when it is no such number."""
    return amount(value, places=4)


def price(row: Row) -> Decimal | None:
    """Return what one picture costs in USD, where a row says it plainly; of models of conversations none does.

    LiteLLM's `output_cost_per_image`, and `pricing.image`, which OpenRouter says of pictures that are sent to a model.
    """
    if _draws_plainly(row) is not True:
        return None
    info = row.get("model_info")
    said = (
        _of(info, "output_cost_per_image"),
        row.get("output_cost_per_image"),
        _of(row.get("pricing"), "image"),
    )
    found = [
        each for each in (amount(value, places=6) for value in said if value is not None) if each is not None
    ]
    return found[0] if found else None


def _draws_plainly(row: Row) -> bool | None:
    """Read the marks of the images endpoint: endpoints, New-API's endpoint types, LiteLLM's mode, the type."""
    mode = row.get("mode") or _of(row.get("model_info"), "mode")
    marks = [
        image_endpoint(row.get("endpoints")),
        image_endpoint(row.get("supported_endpoint_types")),
        mode == "image_generation" if isinstance(mode, str) else None,
        TYPES.get(str(row.get("type"))),
    ]
    known = [mark for mark in marks if mark is not None]
    return any(known) if known else None


def _draws_beside(row: Row) -> bool | None:
    found = outputs(row)
    return "image" in found if found else None


def _of(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None
