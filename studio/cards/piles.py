"""The pile at the left of the moderators' desk: a few cases before the one that is open, and those behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from studio.cards.images import words
from studio.forms.cases import Wanted
from studio.models import Case, CaseKind, Look, Queue, User
from studio.models.cases import CaseQuerySet
from studio.services.moderation.decisions import FINAL, ONCE, UNDO
from studio.signing import thumbnail_url
from studio.words.cases import VERDICTS, ago
from studio.words.readers import span

ABOVE, BELOW = 4, 26
"""How many cases of the pile stand above the open one, and how many from it on."""

LATELY = timedelta(minutes=10)
"""How long decided cases stay where they lay."""

NO_TONE = "#8888"

SEVERAL = {CaseKind.REPORT, CaseKind.REVIEW}
"""The kinds of cases that can be decided several at once: all of them have the same verdicts."""


@dataclass(frozen=True)
class Pile:
    """Finished values of the pile, and where one goes from the open case."""

    rows: list[dict[str, Any]]
    tabs: list[dict[str, Any]]
    total: int
    position: int
    previous_url: str
    next_url: str
    more_url: str


def pile_of(current: Case | None, wanted: Wanted, person: User) -> Pile:
    """Return the pile around a case in a fixed number of queries, however many are open."""
    open_cases = wanted.of(Case.objects.open())
    before, behind = _around(wanted, current)
    shown = _shown(before, behind[:BELOW], current, wanted)
    looks = _looks([case.pk for case in shown], person)
    rows = [_row(case, current, wanted, person, looks.get(case.pk, "")) for case in shown]
    following = [case for case in behind if current is None or case.pk != current.pk]
    counts = Case.objects.open().counts()
    return Pile(
        rows=rows,
        tabs=_tabs(counts, wanted),
        total=_total(counts, open_cases, wanted),
        position=_position(open_cases, current) if current and current.is_open and wanted.tab.is_open else 0,
        previous_url=_url(before[0], wanted) if before else "",
        next_url=_url(following[0], wanted) if following else "",
        more_url=_more(behind, wanted) if len(behind) > BELOW else "",
    )


def next_after(case: Case, wanted: Wanted) -> Case | None:
    """Return the open case that comes after this one, else the first; among the decided ones, the newest."""
    if not wanted.tab.is_open:
        return wanted.rows.with_card_data().first()
    rows = wanted.rows.exclude(pk=case.pk).with_card_data()
    return rows.after(case.weight, case.pk).first() or rows.first()


def _around(wanted: Wanted, current: Case | None) -> tuple[list[Case], list[Case]]:
    """Return the cases before this one, nearest first, and those from it on."""
    rows = wanted.rows.with_card_data()
    if current is None or (current.is_open and not wanted.tab.is_open):
        return [], list(rows[: BELOW + 1])
    if wanted.tab.is_open:
        before, behind = (walk(current.weight, current.pk) for walk in (rows.before, rows.since))
    else:
        before, behind = rows.decided_after(current), rows.decided_until(current)
    return list(before[:ABOVE]), list(behind[: BELOW + 1])


def _shown(before: list[Case], behind: list[Case], current: Case | None, wanted: Wanted) -> list[Case]:
    return _with_decided(before, behind, current, wanted) if wanted.tab.is_open else [*before[::-1], *behind]


def _with_decided(before: list[Case], behind: list[Case], current: Case | None, wanted: Wanted) -> list[Case]:
    """Put what was decided lately where it lay."""
    decided = wanted.of(Case.objects.decided()).filter(decided_at__gte=Now() - LATELY)
    recent = list(decided.with_card_data().order_by("-decided_at")[: ABOVE + BELOW])
    found = {case.pk: case for case in [*before, *behind, *recent]}
    if current is not None:
        found.setdefault(current.pk, current)
    everything = sorted(found.values(), key=_place)
    here = next((n for n, case in enumerate(everything) if current and case.pk == current.pk), 0)
    last = max(map(_place, behind), default=_place(everything[-1]) if everything else (0, ""))
    shown = everything[max(0, here - ABOVE) :] if current else everything
    return [case for case in shown if _place(case) <= last or case.decided_at]


def _place(case: Case) -> tuple[int, str]:
    return -case.weight, str(case.pk)


def _row(case: Case, current: Case | None, wanted: Wanted, person: User, looking: str) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "version": case.version,
        "url": _url(case, wanted),
        "words": words(case.generation.prompt.text, 80),
        "line": looking or line(case, person),
        "wait": "" if case.decided_at else waits(case),
        "current": current is not None and case.pk == current.pk,
        "done": case.decided_at is not None,
        "selectable": case.is_open and case.kind in SEVERAL,
        "mine": case.person_id == person.pk,
        **veil(case, person),
        **take_back(case, person),
    }


def line(case: Case, person: User) -> str:
    """Return what is known of a case in a few words."""
    if case.decided_at:
        return decided_line(case, person)
    if case.kind == "report":
        return f"{case.weight} report{'' if case.weight == 1 else 's'}, {case.person}"
    rule = case.detail.get("rule", "")
    return f"{rule}, {case.person}" if rule and isinstance(rule, str) else str(case.person)


def decided_line(case: Case, person: User) -> str:
    """Say what came of a case, by whom and when."""
    who = "you" if case.decided_by_id == person.pk else case.decided_by or "the studio"
    when = ago((timezone.now() - case.decided_at).total_seconds()) if case.decided_at else ""
    return f"{VERDICTS[case.verdict]} by {who} {when}"


def waits(case: Case) -> str:
    """Say how long a case waits."""
    return span(max(60, int((timezone.now() - case.opened_at).total_seconds()) // 60 * 60))


def veil(case: Case, person: User) -> dict[str, Any]:
    """Return what is shown of a picture before it is asked for: never more than the team may see anyway."""
    image = case.image
    if image is None:
        return {"tone": NO_TONE, "veil": "", "picture": False}
    seen = image.is_seen_by_team and image.developed_at is not None
    source = thumbnail_url(image, 512, person.pk) if seen else ""
    return {"tone": image.tone or NO_TONE, "veil": source, "picture": True}


def take_back(case: Case, person: User) -> dict[str, Any]:
    """Return how a decision can be taken back: undone for a few seconds by whoever made it, then reopened."""
    if case.decided_at is None:
        return {"undo": 0, "reopen": False}
    left = UNDO.total_seconds() - (timezone.now() - case.decided_at).total_seconds()
    mine = case.decided_by_id == person.pk and case.verdict not in FINAL
    reopen = case.kind not in ONCE and not case.is_purged and case.person_id != person.pk
    return {"undo": max(0, round(left)) if mine else 0, "reopen": reopen}


def _looks(pks: list[Any], person: User) -> dict[Any, str]:
    looks = Look.objects.now().filter(case__in=pks).exclude(person=person).select_related("person")
    return {look.case_id: f"{look.person} is looking" for look in looks}


def _tabs(counts: dict[str, int], wanted: Wanted) -> list[dict[str, Any]]:
    home = reverse("moderation.index")
    return [
        {
            "label": tab.label,
            "count": _count(counts, tab) if tab.is_open else "",
            "url": home + wanted.query(tab=tab.value, person=None, q="", select=0),
            "current": tab == wanted.tab,
        }
        for tab in Queue
    ]


def _total(counts: dict[str, int], rows: CaseQuerySet, wanted: Wanted) -> int:
    return rows.count() if wanted.q or wanted.person else _count(counts, wanted.tab)


def _count(counts: dict[str, int], tab: Queue) -> int:
    return counts.get(tab.kind, 0) if tab.kind else sum(counts.values())


def _position(rows: CaseQuerySet, current: Case) -> int:
    return rows.before(current.weight, current.pk).order_by().count() + 1


def _url(case: Case, wanted: Wanted) -> str:
    return reverse("moderation.detail", args=[case.pk]) + wanted.query()


def _more(behind: list[Case], wanted: Wanted) -> str:
    """Return where the pile goes on: behind its last open case, or at the next decided one."""
    if not wanted.tab.is_open:
        return _url(behind[BELOW], wanted)
    case = behind[BELOW - 1]
    return reverse("moderation.index") + wanted.query(after=f"{case.weight}-{case.pk}")
