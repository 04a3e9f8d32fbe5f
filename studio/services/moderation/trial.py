"""Tries a rule on the latest prompts before it is on: nothing is kept of it."""

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from uuid import UUID

from studio.models import Prompt, Rule, User
from studio.screening import Book, Hit
from studio.services.screening import shelf

PROMPTS = 1000
SECONDS = 0.8
"""How long a trial takes at most; prompts it does not get to are not counted."""

EXAMPLES = 8


@dataclass
class Met:
    """The prompts in which a rule finds something, and whose they are."""

    prompts: int = 0
    people: set[UUID] = field(default_factory=set)

    def add(self, author: UUID) -> None:
        self.prompts += 1
        self.people.add(author)


@dataclass
class Trial:
    """What a rule would have met; `before` is what it meets as it stands, `unseen` is private and only counted."""

    looked: int = 0
    people: set[UUID] = field(default_factory=set)
    now: Met = field(default_factory=Met)
    before: Met | None = None
    examples: list[tuple[Prompt, list[Hit]]] = field(default_factory=list)
    unseen: int = 0
    by_term: Counter[str] = field(default_factory=Counter)


def try_out(*, rule: Rule, person: User, saved: Rule | None = None) -> Trial:
    """Run a rule, saved or not, over the latest prompts; the words of those that this person may see come along."""
    trial = Trial(before=Met() if saved else None)
    book, old = _book(rule), _book(saved) if saved else Book()
    deadline = time.monotonic() + SECONDS
    for prompt in Prompt.objects.select_related("author").order_by("-pk")[:PROMPTS]:
        if time.monotonic() > deadline:
            break
        _look(trial, prompt, book.screen({"prompt": prompt.text}), may_see=prompt.is_visible_to(person))
        if trial.before and old.screen({"prompt": prompt.text}):
            trial.before.add(prompt.author_id)
    return trial


def _book(rule: Rule) -> Book:
    """Compile one rule alone; one that allows words is tried like any other, and all are tried on prompts."""
    return Book([replace(shelf.spec_of(rule), allows=False, fields=frozenset({"prompt"}))])


def _look(trial: Trial, prompt: Prompt, hits: list[Hit], *, may_see: bool) -> None:
    trial.looked += 1
    trial.people.add(prompt.author_id)
    if not hits:
        return
    trial.now.add(prompt.author_id)
    trial.by_term.update({hit.term for hit in hits})
    if not may_see:
        trial.unseen += 1
    elif len(trial.examples) < EXAMPLES:
        trial.examples.append((prompt, hits))
