"""An import in words: how far it is, what it brought, and what it could not keep."""

from typing import Any

from django.urls import reverse

from studio.cards.images import moment
from studio.models import Import, ImportState
from studio.words import Reason

STANDS = {
    ImportState.COMING: "import_coming",
    ImportState.WAITING: "import_waiting",
    ImportState.WORKING: "import_working",
    ImportState.DONE: "import_done",
    ImportState.STOPPED: "import_stopped",
    ImportState.FAILED: "import_failed",
}
COUNTS = {
    "kept": "import_count_kept",
    "same": "import_count_same",
    "refused": "import_count_refused",
    "wordless": "import_count_wordless",
}
"""What is counted, in the order in which it is said → the code of its sentence."""


def card_of(row: Import) -> dict[str, Any]:
    """Return what the list and the page of an import show of it."""
    return {
        "row": row,
        "url": reverse("imports.detail", args=[row.pk]),
        "at": moment(row.created_at),
        "status": _status(row),
        "facts": _facts(row),
        "problems": [(name, Reason(code, **values).said()) for name, code, values in row.problems],
        "more_problems": row.refused - len(row.problems),
        "can_stop": row.state in (ImportState.WAITING, ImportState.WORKING),
    }


def _status(row: Import) -> str:
    if row.why:
        return row.why.said()
    return Reason(STANDS[ImportState(row.state)], done=row.done, total=row.total or 0).said()


def _facts(row: Import) -> list[str]:
    """Say what became of its files; what did not happen is left out."""
    counted = ((code, getattr(row, name)) for name, code in COUNTS.items())
    return [Reason(code, n=count).said() for code, count in counted if count]
