"""Finished values for the pages of rules."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from studio.cards.images import moment
from studio.cards.screened import pieces, spans
from studio.models import Act, Rule, RuleChange, User
from studio.screening.terms import SoughtKind, kind_of
from studio.services.moderation.starters import STARTERS
from studio.services.moderation.trial import PROMPTS, Trial
from studio.words.rules import told_change


def row_of(rule: Rule, person: User) -> dict[str, Any]:
    """What the list says of a rule."""
    name = "rules.edit" if person.is_administrator else "rules.detail"
    return {
        "pk": rule.pk,
        "name": rule.name,
        "act": rule.act,
        "does": Act(rule.act).label,
        "is_on": rule.is_on,
        "hits": getattr(rule, "hits", 0),
        "counts": ", ".join(_counts(rule)),
        "url": reverse(name, args=[rule.pk]),
    }


def _counts(rule: Rule) -> Iterator[str]:
    kinds = [kind_of(line) for line in rule.word_lines]
    for kind, count in (
        ("word", kinds.count(SoughtKind.WORD)),
        ("phrase", kinds.count(SoughtKind.PHRASE)),
        ("pattern", len(rule.pattern_lines)),
    ):
        if count:
            yield f"{count:,} {kind}{'s' if count > 1 else ''}"
    if not rule.is_on:
        yield "off"


def change_of(change: RuleChange) -> dict[str, Any]:
    """One line of the history."""
    who = str(change.actor) if change.actor else "Somebody who left"
    said = told_change(change.code, change.before, change.after)
    return {
        "said": f"{who} {said}",
        "name": change.name,
        "at": change.at.isoformat(),
        "when": moment(change.at),
    }


def starters_of(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The lists that this studio has not taken yet."""
    taken = {rule.name for rule in rules}
    return [
        {"key": key, "name": each.name, "about": each.about, "act": each.act, "does": each.act.label}
        for key, each in STARTERS.items()
        if each.name not in taken
    ]


VERBS = {Act.ALLOW: "allow", Act.WARN: "warn of", Act.HOLD: "hold", Act.BLOCK: "block"}
NOW = {Act.ALLOW: "allows", Act.WARN: "warns of", Act.HOLD: "holds", Act.BLOCK: "blocks"}


def trial_of(trial: Trial, rule: Rule, saved: Rule | None) -> dict[str, Any]:
    """What a trial says: how many prompts of how many people, some of them with marks, and which word is to blame."""
    term, count = (trial.by_term.most_common(1) or [("", 0)])[0]
    lone = len(trial.by_term) > 1 and count * 2 > trial.now.prompts
    return {
        "verb": VERBS[Act(rule.act)],
        "found": trial.now.prompts,
        "people": len(trial.now.people),
        "of": trial.looked,
        "of_people": len(trial.people),
        "share": round(100 * len(trial.now.people) / len(trial.people)) if trial.people else 0,
        "all": trial.looked == PROMPTS,
        "before": trial.before,
        "verb_now": NOW[Act(saved.act)] if saved else "",
        "is_on": bool(saved and saved.is_on),
        "examples": [
            {"pieces": pieces(prompt.text, spans(hits)), "who": str(prompt.author), "when": _day(prompt)}
            for prompt, hits in trial.examples
        ],
        "more": trial.now.prompts - trial.unseen - len(trial.examples),
        "unseen": trial.unseen,
        "blame": term if lone else "",
        "blamed": count,
    }


def _day(prompt: Any) -> str:
    days = (timezone.localdate() - timezone.localdate(prompt.run_at)).days
    return (
        "today" if days == 0 else "yesterday" if days == 1 else f"{timezone.localdate(prompt.run_at):%-d %B}"
    )
