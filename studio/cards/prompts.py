"""What came of a prompt, for its row in the history: the outcome in words, then settings, time and price."""

from typing import Any

from studio.cards.receipts import seconds
from studio.forms.shapes import asked_shape
from studio.models import Generation, State
from studio.models.states import WAITING
from studio.services import receipts
from studio.words.history import ENDED, KEPT, RUNNING, RUNS, WAITS

HARM = {State.REFUSED, State.FAILED, State.BROKEN, State.UNKNOWN}


def told_of(row: Generation, kept: int) -> dict[str, Any]:
    """Return the outcome of the newest run, or of all of them, its tone, and the facts beside it."""
    outcome, tone, also = _outcome(row, kept)
    return {
        "outcome": outcome,
        "tone": tone,
        "facts": [fact for fact in (also, *_facts(row, drew=kept > 0)) if fact],
    }


def _outcome(row: Generation, kept: int) -> tuple[str, str, str]:
    runs, asked = row.runs, row.asked  # type: ignore[attr-defined]
    state = State(row.state)
    if state in ENDED and not kept:
        said, cost = ENDED[state]
        return said, "harm" if state in HARM else "", cost
    if row.is_active and not kept:
        return WAITS if state in WAITING else RUNNING, "wait", ""
    count = KEPT.format(kept=kept, asked=asked)
    return (RUNS.format(runs=runs), "", count) if runs > 1 else (count, "", "")


def _facts(row: Generation, *, drew: bool) -> list[str]:
    """Return the settings, the time and the price of the newest run; those of a blind comparison name its model."""
    if receipts.hides_models(row):
        return []
    quality = str(row.settings.get("quality", ""))
    cost = receipts.dollars(receipts.total_cost(list(row.relay_requests.all())))
    time = seconds(row.drawn_ms) if drew else ""
    model = ", ".join(filter(None, [row.drawn_by.label, quality]))
    return [model, asked_shape(row.settings), time, f"${cost}" if cost else ""]
