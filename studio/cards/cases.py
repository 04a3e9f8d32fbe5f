"""One case of the moderators' desk, as finished values."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone

from studio.cards.images import moment, words
from studio.cards.piles import decided_line, take_back, veil
from studio.forms.cases import DecisionForm, Wanted
from studio.models import Case, CaseKind, Image, Report, Strike, User, Verdict
from studio.services.moderation import decisions, evidence, reasons

BUTTONS = {
    Verdict.APPROVED: ("Approve", "Approve", "a", "go"),
    Verdict.REFUSED: ("Refuse", "Refuse", "r", "harm"),
    Verdict.OVERTURNED: ("Take the decision back", "Take back", "a", ""),
    Verdict.UPHELD: ("Leave it as decided", "Leave it", "r", ""),
    Verdict.KEPT: ("Keep", "Keep", "a", ""),
    Verdict.HIDDEN: ("Hide from the team", "Hide", "h", ""),
    Verdict.REMOVED: ("Remove", "Remove", "r", "harm"),
}
"""Verdict → what its button says on a wide and on a narrow screen, its key, its tone."""

TO_PERSON: dict[str, str] = {
    Verdict.KEPT: "A moderator looked at your {thing}: it stays",
    Verdict.HIDDEN: "A moderator hid your {thing} from the team",
    Verdict.REMOVED: "A moderator removed your {thing}",
    Verdict.OVERTURNED: "The decision about your {thing} was taken back",
}
"""Verdict → what its person reads at the head of the page."""

TO_REPORTER: dict[str, str] = {
    Verdict.KEPT: "The moderators looked at it. It stays.",
    Verdict.HIDDEN: "The moderators hid it from the team.",
    Verdict.REMOVED: "The moderators removed it.",
}

NAMES = {
    CaseKind.HELD: "Held prompt",
    CaseKind.REPORT: "Reported",
    CaseKind.REVIEW: "To review",
    CaseKind.APPEAL: "Appeal",
}


def case_of(
    case: Case, wanted: Wanted, person: User, *, shown: bool, form: DecisionForm | None = None
) -> dict[str, Any]:
    """Return everything the desk shows of a case."""
    told = list(Report.objects.filter(case=case.of_id or case.pk).select_related("person").order_by("pk"))
    said = reasons.words()
    reporters = {report.person_id for report in told} if case.kind == CaseKind.REPORT else None
    run = case.generation
    return {
        "pk": case.pk,
        "kind": case.kind,
        "name": NAMES[CaseKind(case.kind)],
        "url": reverse("moderation.detail", args=[case.pk]) + wanted.query(),
        "query": wanted.query(),
        "segments": segments(run.prompt.text, case.detail.get("matches", [])),
        "negative": _negative(case),
        "facts": _facts(case),
        "ratio": case.image.ratio if case.image else 1,
        "shown": shown,
        "show_url": reverse("moderation.detail", args=[case.pk]) + wanted.query(shown=int(not shown)),
        "reports": [_report(report, said) for report in told],
        "appeal": case.detail.get("text", "") if case.of else "",
        "appealed": f"{decided_line(case.of, person)}. {said_why(case.of, said)}" if case.of else "",
        "appealed_note": case.of.note if case.of else "",
        "rule": case.detail.get("rule", ""),
        "person": case.person,
        "person_url": reverse("moderation.index") + wanted.query(person=case.person_id, q=""),
        "record": _record(case.person),
        "open": case.is_open,
        "decided": "" if case.is_open else decided_line(case, person),
        "why": "" if case.is_open else said_why(case, said),
        "note": case.note,
        "may_decide": decisions.may_decide(case=case, moderator=person, reporters=reporters),
        "purge": _purge(case, person),
        "form": form or DecisionForm.of(case, [report.reason for report in told]),
        "buttons": [button(verdict) for verdict in decisions.VERDICTS.get(case.kind, ())],
        "readers": _readers(case, len(told)),
        **veil(case, person),
        **take_back(case, person),
    }


def _negative(case: Case) -> list[tuple[str, bool]]:
    """Return the negative prompt in pieces where a rule matched in it; nothing where it did not."""
    marks = case.detail.get("negative")
    return segments(str(case.generation.settings.get("negative_prompt", "")), marks) if marks else []


def segments(text: str, matches: list[list[int]]) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it was matched; positions that overlap or lie outside do no harm."""
    pieces, at = [], 0
    for first, behind in sorted((int(one[0]), int(one[1])) for one in matches):
        first, behind = max(first, at), min(behind, len(text))
        if first < behind:
            pieces += [(text[at:first], False), (text[first:behind], True)]
            at = behind
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def button(verdict: Verdict) -> dict[str, str]:
    """Return what the button of a verdict says, its key and its tone."""
    label, short, key, tone = BUTTONS[verdict]
    return {"verdict": verdict.value, "label": label, "short": short, "key": key, "tone": tone}


def said_why(case: Case, said: dict[str, str]) -> str:
    """Return the public reason of a decision."""
    chosen = said.get(case.reason, "")
    return f"{chosen}. {case.words}" if chosen and case.words else chosen or case.words


def _purge(case: Case, person: User) -> str:
    """Say what this moderator can do about the evidence of a removal: ask, agree, or wait for a second person."""
    if case.verdict != Verdict.REMOVED or case.image is None or case.person_id == person.pk:
        return ""
    asked = case.detail.get(evidence.EARLY)
    return "ask" if asked is None else "asked" if asked == str(person.pk) else "agree"


def verdict_on(case: Case) -> dict[str, Any]:
    """Return what a decision says to the person it is about."""
    said = reasons.words()
    strike = case.strikes.order_by("expires_at").last()
    answer = case.appeals.exclude(decided_at=None).order_by("pk").last()
    thing = "picture" if case.image_id or case.is_purged else "prompt"
    return {
        "head": TO_PERSON.get(case.verdict, "A moderator has decided: {thing}").format(thing=thing),
        "words": words(case.generation.prompt.text, 240),
        "why": said_why(case, said),
        "warned": strike and strike.expires_at,
        "answer": said_why(answer, said) if answer else "",
    }


def outcome_of(report: Report) -> str:
    """Say to whoever reported something what came of it."""
    return TO_REPORTER.get(report.case.verdict, "The moderators have decided.")


def _report(report: Report, said: dict[str, str]) -> dict[str, Any]:
    return {
        "person": report.person,
        "reason": said.get(report.reason, report.reason),
        "note": report.note,
        "at": report.at,
        "when": moment(report.at),
    }


def _facts(case: Case) -> list[str]:
    run, image = case.generation, case.image
    which = f"picture {image.index + 1} of {run.n}" if image else "prompt"
    return [run.drawn_by.label, which, f"made {moment(run.created_at)}", _sight(case)]


def _sight(case: Case) -> str:
    image, run = case.image, case.generation
    if image is None:
        return (
            "kept from the team" if run.withheld_at else "shared with the team" if run.shared else "private"
        )
    if image.removed_at:
        return "removed"
    if image.held_at:
        return "hidden from the team"
    return "shared with the team" if image.is_seen_by_team else "private"


def _record(person: User) -> str:
    """Say in one sentence what is known of a person."""
    pictures = Image.objects.owned_by(person).kept().count()
    upheld = Count("pk", filter=Q(verdict__in=[Verdict.HIDDEN, Verdict.REMOVED]))
    of_them = Case.objects.filter(person=person, kind=CaseKind.REPORT)
    told = of_them.aggregate(reports=Sum("weight"), upheld=upheld)
    strikes = list(Strike.objects.of(person).counting().order_by("-expires_at"))
    parts = [f"{pictures} picture{'' if pictures == 1 else 's'}"]
    if told["reports"]:
        parts.append(
            f"{told['reports']} report{'' if told['reports'] == 1 else 's'}, {told['upheld']} upheld"
        )
    if strikes:
        points, until = sum(strike.points for strike in strikes), timezone.localtime(strikes[0].expires_at)
        parts.append(f"{points} strike{'' if points == 1 else 's'} until {until.day} {until:%B}")
    return ", ".join(parts)


def _readers(case: Case, reporters: int) -> str:
    """Name who reads the public reason."""
    if not reporters:
        return f"{case.person} reads it"
    return f"{case.person} and {'the reporter' if reporters == 1 else f'the {reporters} reporters'} read it"
