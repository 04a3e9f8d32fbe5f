"""Adds, changes, orders and removes the rules that screen prompts; every change is kept and in the audit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import re2
from django.db.models import F
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Installation, Rule, RuleChange, User
from studio.screening import Book, Unsearchable, check_pattern, check_words
from studio.services import audit, tickets
from studio.services.screening import shelf
from studio.words import Reason

FACTS = ("name", "act", "words", "patterns", "sentence", "in_prompt", "in_negative", "in_names")
UNSEARCHABLE = {
    "not_a_pattern": "rule_not_a_pattern",
    "found_everywhere": "rule_found_everywhere",
    "nothing_to_find": "rule_nothing_to_find",
    "too_much": "rules_too_much",
}


def add(*, administrator: User, on: bool = False, **facts: Any) -> Rule:
    """Add a rule behind the others; a StudioError names the field at fault in `param`."""
    rule = Rule(**facts, is_on=on, made_by=administrator, changed_by=administrator)
    check(rule)
    with _changing():
        rule.position = Rule.objects.next_position()
        rule.save(force_insert=True)
        _note(rule, administrator, "added", after=facts | {"is_on": on})
    return rule


def edit(*, rule: Rule, administrator: User, **facts: Any) -> Rule:
    """Change some of FACTS, or whether it is on."""
    with _changing():
        row = _locked(rule)
        before = {name: getattr(row, name) for name in facts if getattr(row, name) != facts[name]}
        for name, value in facts.items():
            setattr(row, name, value)
        check(row)
        if before:
            row.changed_by = administrator
            row.save(update_fields=[*before, "changed_by"])
            Rule.objects.filter(pk=row.pk).update(changed_at=Now())
            _note(row, administrator, "changed", before, {name: facts[name] for name in before})
    return row


def move(*, rule: Rule, administrator: User, step: int) -> bool:
    """Move a rule one place up (-1) or down (1); say whether there was a place to go."""
    with _changing():
        rows = list(Rule.objects.in_order().select_for_update(no_key=True))
        place = next((place for place, row in enumerate(rows) if row.pk == rule.pk), -1)
        there = place + step
        if step not in (-1, 1) or place < 0 or not 0 <= there < len(rows):
            return False
        rows[place], rows[there] = rows[there], rows[place]
        for position, row in enumerate(rows):
            row.position = position
        Rule.objects.bulk_update(rows, ["position"])
        _note(rows[there], administrator, "moved", {"place": place + 1}, {"place": there + 1})
    return True


def remove(*, rule: Rule, administrator: User) -> None:
    """Delete a rule; what was changed of it stays, and what it holds goes on waiting for a moderator."""
    with _changing():
        row = _locked(rule)
        _note(row, administrator, "removed", {name: getattr(row, name) for name in (*FACTS, "is_on")})
        row.delete()


def check(rule: Rule) -> None:
    """Raise a StudioError for what cannot be looked for; it names the field at fault and the line."""
    if not rule.words and not rule.patterns:
        raise StudioError(Reason("rule_looks_for_nothing"), param="words")
    if not rule.fields:
        raise StudioError(Reason("rule_looks_nowhere"), param="in_prompt")
    _check_lines("words", rule.word_lines, check_words)
    _check_lines("patterns", rule.pattern_lines, check_pattern)


def _check_lines(param: str, lines: list[str], look: Callable[[str], None]) -> None:
    for line in lines:
        try:
            look(line)
        except Unsearchable as error:
            why = Reason(UNSEARCHABLE[error.rule], found=error.found)
            raise StudioError(Reason("rule_line", line=line, why=why), param=param) from None


@contextmanager
def _changing() -> Iterator[None]:
    """Change rules in one transaction, after which every process reads them anew; all of them must compile."""
    with write_transaction():
        Installation.objects.get_or_create(pk=1)
        Installation.objects.filter(pk=1).update(rules_version=F("rules_version") + 1)  # others wait here
        yield
        try:
            Book(map(shelf.spec_of, Rule.objects.on().in_order()))
        except (Unsearchable, re2.error):
            raise StudioError(Reason("rules_too_much"), param="patterns") from None
        tickets.screen()
    shelf.expire()


def _locked(rule: Rule) -> Rule:
    row = Rule.objects.select_for_update(no_key=True).filter(pk=rule.pk).first()
    if row is None:
        raise Conflict(Reason("rule_is_gone"))
    return row


def _note(
    rule: Rule,
    administrator: User,
    code: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    facts = {"before": before or {}, "after": after or {}}
    RuleChange.objects.create(rule=rule, name=rule.name, actor=administrator, code=code, **facts)
    audit.record(actor=administrator, action=f"rule.{code}", subject=rule.pk, name=rule.name, **facts)
