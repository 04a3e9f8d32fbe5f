"""Builds what the relay pages print: finished values for relays, their models and their errors."""

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from studio.cards.images import moment
from studio.cards.receipts import seconds
from studio.forms.models import ModelForm
from studio.models import Dialect, ImageModel, Relay, RelayRequest, Role
from studio.services.drawing import kept_answers
from studio.services.receipts import dollars
from studio.services.relays.figures import Effort, Figures
from studio.words import requests

MANY = 20
"""Rows of one list before the rest must be asked for."""

KEPT = datetime.timedelta(days=7)
"""How long an answer is kept for administrators."""

OF_THE_KEY = {"relay_key_refused", "relay_key_unreadable", "list_key_refused", "key_not_sendable"}
OF_THE_ADDRESS = {
    *("relay_wrong_address", "forbidden_address"),
    *("list_no_such_host", "list_not_here", "list_elsewhere", "list_no_list"),
}
"""Codes of troubles that end once the key, or the address, is the right one."""

OF_A_REQUEST = ("model__relay", "generation__model__relay", "generation__owner")
"""What the page of one request needs beside it."""


@dataclass(frozen=True)
class RelayCard:
    """One relay in a list or at the head of its page; `tone` is "", "wait" or "harm"."""

    row: Relay
    url: str
    state: str
    tone: str
    facts: list[str]
    figures: list[tuple[str, str]]
    error: dict[str, Any] | None


@dataclass(frozen=True)
class ModelRow:
    """One model in a list of its relay."""

    pk: UUID
    label: str
    model_id: str
    url: str
    switch_url: str
    draws: bool
    enabled: bool
    gone: str
    facts: str
    by_hand: bool


@dataclass(frozen=True)
class ModelLists:
    """The models of one relay: those that draw, the matching ones of all others, those that are gone."""

    drawing: list[ModelRow]
    others: list[ModelRow]
    gone: list[ModelRow]
    total: int
    found: int

    @property
    def rest(self) -> int:
        """How many matching ones are not shown."""
        return self.found - len(self.others)


def cards_of(rows: Iterable[Relay], figures: Mapping[UUID, Figures]) -> list[RelayCard]:
    """Return the cards of relays that carry their numbers of models."""
    return [card_of(row, figures[row.pk]) for row in rows]


def card_of(row: Relay, figures: Figures) -> RelayCard:
    state, tone = state_of(row)
    errors = errors_of(figures)
    return RelayCard(
        row=row,
        url=reverse("relays.detail", args=[row.pk]),
        state=state,
        tone=tone,
        facts=_facts(row),
        figures=_figures(figures),
        error=errors[0] if errors else None,
    )


def state_of(row: Relay) -> tuple[str, str]:
    """Return how a relay stands, as a sentence and a tone."""
    if row.archived_at:
        return f"In the archive since {moment(row.archived_at)}. What it drew stays.", ""
    if not row.enabled:
        return "Off: nobody sees its models.", ""
    if row.is_paused:
        return f"Paused: {row.why_paused}", "wait"
    if row.trouble:
        return f"In trouble: {row.what_is_wrong}", "harm"
    return ("Drawing", "good") if row.drawing else ("No model draws yet.", "wait")  # type: ignore[attr-defined]


def trouble_of(row: Relay) -> dict[str, Any] | None:
    """Return what is wrong with a relay, since when, and the field in which to mend it; None if nothing is."""
    if not row.trouble:
        return None
    by_studio = row.trouble == "relay_was_paused"
    code = list(_codes(row.trouble, row.trouble_values))[-1]
    return {
        "headline": "Paused by the studio" if by_studio else "" if row.is_paused else "In trouble",
        "sentence": str(row.why_paused if by_studio else row.what_is_wrong),
        "at": row.trouble_at.isoformat() if row.trouble_at else "",
        "when": moment(row.trouble_at) if row.trouble_at else "",
        "field": "api_key" if code in OF_THE_KEY else "base_url" if code in OF_THE_ADDRESS else "",
    }


def _codes(code: str, values: Any) -> Iterator[str]:
    """Yield the code of a reason and those of the reasons within it, the innermost last."""
    yield code
    why = values.get("why")
    if isinstance(why, dict):
        yield from _codes(why["code"], why["values"])


def _facts(row: Relay) -> list[str]:
    drawing = f"{row.drawing} of {row.known} models draw"  # type: ignore[attr-defined]
    key = f"Key ends in …{row.key_ending}" if row.key_ending else "Key kept" if row.sealed_key else "No key"
    limits = [f"{row.at_once:,} at once" if row.at_once else ""]
    limits.append(f"{row.per_minute:,} a minute" if row.per_minute else "")
    words = ", ".join(filter(None, limits)) or "No limits"
    return [Dialect(row.dialect).label, drawing, key, words, "" if row.retries else "No second tries"]


def _figures(figures: Figures) -> list[tuple[str, str]]:
    """Return the figures of the last days; none for a relay that was not asked."""
    rate = figures.success_rate
    if rate is None and not figures.effort.requests:
        return []
    return [
        ("Answered well", "–" if rate is None else f"{rate:.0%} of {figures.requests:,}"),
        ("Median time", _seconds(figures.median_ms)),
        ("Requests a picture", _effort(figures.effort)),
        ("Charged for nothing?", _lost(figures.effort)),
    ]


def _effort(effort: Effort) -> str:
    """Write how many requests a kept picture took; a relay that fails and is asked again takes more."""
    return "–" if effort.each is None else f"{effort.each:.2f} ({effort.requests:,} for {effort.kept:,})"


def _lost(effort: Effort) -> str:
    cost = f", ${dollars(effort.lost)}" if effort.lost else ""
    return f"{effort.failed:,} of {effort.requests:,}{cost}" if effort.requests else "–"


def _seconds(ms: float | None) -> str:
    return "–" if ms is None else seconds(ms) or "under 0.1 s"


def errors_of(figures: Figures) -> list[dict[str, Any]]:
    """Return the last errors, newest first, each with the address of its answer."""
    return [
        {
            "at": error.at.isoformat(),
            "when": moment(error.at),
            "kind": error.kind,
            "model": error.model,
            "sentence": error.sentence,
            "trace_id": error.trace_id,
            "url": reverse("relays.answer", args=[error.pk]),
        }
        for error in figures.errors
    ]


def lists_of(relay: Relay, models: Iterable[ImageModel], *, q: str = "", whole: bool = False) -> ModelLists:
    """Sort the models of a relay into its lists; `q` narrows those that are not known to draw."""
    rows = list(models)
    here = [row for row in rows if row.gone_at is None]
    other = [row for row in here if not row.draws]
    found = list(_matching(other, q))
    return ModelLists(
        drawing=[row_of(row, relay) for row in here if row.draws],
        others=[row_of(row, relay, q=q) for row in (found if whole else found[:MANY])],
        gone=[row_of(row, relay) for row in rows if row.gone_at],
        total=len(other),
        found=len(found),
    )


def _matching(rows: Iterable[ImageModel], q: str) -> Iterator[ImageModel]:
    words = q.casefold().split()
    return (row for row in rows if all(word in f"{row.label} {row.model_id}".casefold() for word in words))


def row_of(row: ImageModel, relay: Relay, *, q: str = "") -> ModelRow:
    query = {"q": q} if q else None
    return ModelRow(
        pk=row.pk,
        label=row.label,
        model_id=row.model_id,
        url=reverse("relays.model", args=[row.pk]),
        switch_url=reverse("relays.switch", args=[row.pk], query=query),
        draws=bool(row.draws),
        enabled=row.enabled,
        gone=moment(row.gone_at) if row.gone_at else "",
        facts=" · ".join(filter(None, _model_facts(row, relay))),
        by_hand=bool(row.by_hand),
    )


def _model_facts(row: ImageModel, relay: Relay) -> Iterator[str]:
    if not row.draws:
        return
    yield ", ".join(each.label.lower() for each in row.accepted.describe()) or "takes a prompt only"
    yield f"up to {row.max_n}" if row.max_n > 1 else "one at a time"
    yield "through chat" if row.by_chat and relay.dialect != Dialect.CHAT else ""
    yield "" if row.least_role == Role.MEMBER else ModelForm.WHO[row.least_role].lower()
    yield f"stand-in: {row.stand_in} at {row.stand_in.relay}" if row.stand_in else ""


def answer_of(relay_request: RelayRequest) -> dict[str, Any]:
    """Return what the page of one request prints; the prompt and the picture are not shown."""
    generation = relay_request.generation
    took = (
        (relay_request.ended_at - relay_request.sent_at).total_seconds() * 1000
        if relay_request.ended_at
        else None
    )
    facts = [
        ("Model", str(relay_request.model or generation.model)),
        ("Asked by", str(generation.owner)),
        ("Sent", f"{timezone.localtime(relay_request.sent_at):%-d %B %Y, %H:%M:%S}"),
        ("Took", _seconds(took)),
        ("Status", str(relay_request.status or "none")),
        ("Images asked for", str(len(relay_request.slots))),
        ("Cost", f"${relay_request.cost.normalize():f}" if relay_request.cost is not None else ""),
    ]
    return {
        "relay_request": relay_request,
        "raw": "" if _is_old(relay_request) else relay_request.raw,
        "title": _title(relay_request),
        "sentence": generation.why.said(),
        "asked_by": str(generation.owner),
        "facts": [(label, value) for label, value in facts if value],
        "sent": [(name, _as_text(value)) for name, value in relay_request.sent.items()],
        "nothing": _nothing(relay_request),
        "file": _file(relay_request),
    }


def _file(relay_request: RelayRequest) -> dict[str, Any] | None:
    """Return what can be done with the answer's file, if this machine has it and its run has ended."""
    path = None if relay_request.generation.is_active else kept_answers.file_of(relay_request)
    if path is None:
        return None
    found = path.stat()
    until = datetime.datetime.fromtimestamp(found.st_mtime, tz=datetime.UTC) + KEPT
    return {"size": found.st_size, "until": until, "readable": kept_answers.can_be_read(relay_request)}


def _title(relay_request: RelayRequest) -> str:
    return requests.ended(relay_request.outcome if relay_request.ended_at else "")


def _is_old(relay_request: RelayRequest) -> bool:
    return timezone.now() - relay_request.sent_at > KEPT


def _nothing(relay_request: RelayRequest) -> str:
    """Say why there is no answer to show."""
    if _is_old(relay_request):
        return "Answers are kept for 7 days. This one is older."
    if relay_request.status is None:
        return "No answer came." if relay_request.ended_at else "No answer has come yet."
    return "It brought its pictures; only answers that went wrong are kept."


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
