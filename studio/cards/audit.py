"""Finished values for the rows of the audit, and its lines for export."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.urls import reverse

from studio.cards.images import moment
from studio.models import AuditEntry, Image, ImageModel, Relay, User

COLUMNS = ["seq", "at", "actor", "actor_name", "action", "object", "reason", "before", "after", "detail"]
COLUMNS += ["address", "request", "token", "hash"]
ABOUT: dict[str, tuple[type[Model], str]] = {
    "person": (User, "people.detail"),
    "relay": (Relay, "relays.detail"),
    "model": (ImageModel, "relays.model"),
    "image": (Image, "images.detail"),
}
"""What an action is about, by the first part of its name: whose rows say their names, and the page that shows one."""


def rows_of(entries: Sequence[AuditEntry]) -> list[dict[str, Any]]:
    """Return a row for each entry; one query for each kind of thing that has a name."""
    names = _names(entries)
    return [_row(entry, names) for entry in entries]


def _names(entries: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """Return the names of what the entries are about, where it still exists."""
    found: dict[tuple[str, str], str] = {}
    for noun, (model, _) in ABOUT.items():
        keys = {_uuid(each.subject) for each in entries if each.action.startswith(f"{noun}.")} - {None}
        for row in model._default_manager.filter(pk__in=keys) if keys else ():
            found[noun, str(row.pk)] = str(row)
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _row(entry: AuditEntry, names: dict[tuple[str, str], str]) -> dict[str, Any]:
    noun = entry.action.partition(".")[0]
    name = names.get((noun, entry.subject), "")
    page = ABOUT[noun][1] if name else ""
    rest = {key: value for key, value in entry.detail.items() if key not in ("before", "after", "reason")}
    return {
        "seq": entry.seq,
        "who": _who(entry),
        "action": entry.action,
        "words": entry.action.replace(".", " ").replace("_", " ").capitalize(),
        "subject": entry.subject,
        "name": name,
        "short": entry.subject[-12:] if _uuid(entry.subject) else entry.subject,
        "url": reverse(page, args=[entry.subject]) if page else "",
        "reason": entry.detail.get("reason", ""),
        "changes": _changes(entry.detail),
        "rest": [(key.replace("_", " "), _text(value)) for key, value in rest.items()],
        "address": entry.address,
        "request": entry.request_id,
        "token": entry.token,
        "hash": entry.hash,
        "at": entry.at.isoformat(),
        "when": moment(entry.at),
    }


def _who(entry: AuditEntry) -> str:
    if entry.actor_id is None:
        return "The studio"
    return str(entry.actor) if entry.actor else f"Somebody who left ({str(entry.actor_id)[-12:]})"


def _changes(detail: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return each fact with what it was and what it became."""
    before, after = (
        side if isinstance(side := detail.get(name), dict) else {"": side} for name in ("before", "after")
    )
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [(name.replace("_", " "), _text(before.get(name)), _text(after.get(name))) for name in names]


def _text(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def export_rows(entries: Iterable[AuditEntry]) -> Iterator[dict[str, Any]]:
    """Yield each entry as one flat record, in the order of COLUMNS."""
    for entry in entries:
        detail = dict(entry.detail)
        said = [detail.pop("reason", ""), detail.pop("before", None), detail.pop("after", None), detail]
        who = [str(entry.actor_id or ""), _who(entry)]
        where = [entry.address, entry.request_id, entry.token, entry.hash]
        row = [entry.seq, entry.at.isoformat(), *who, entry.action, entry.subject, *said, *where]
        yield dict(zip(COLUMNS, row, strict=True))
