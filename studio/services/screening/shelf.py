"""The rules as this process has compiled them; a change is seen by every process within LOOKS seconds."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from studio.models import Act, Classifier, Installation, Rule
from studio.screening import Book, Spec

LOOKS = 1.0
"""Seconds for which nothing is asked of the database."""


@dataclass(frozen=True)
class Shelf:
    """All rules that are on, at one version; good until a moment of the monotonic clock."""

    version: int = 0
    book: Book = field(default_factory=Book)
    rules: Mapping[UUID, Rule] = field(default_factory=dict)
    classifier: Classifier | None = None
    until: float = 0.0


_shelf = Shelf(version=-1)
_reading = threading.Lock()


def current() -> Shelf:
    """Return the rules; usually without a statement, else with one, and after a change with three."""
    global _shelf
    if time.monotonic() < _shelf.until:
        return _shelf
    with _reading:
        if time.monotonic() >= _shelf.until:
            version = _version()
            fresh = _shelf if version == _shelf.version else _read(version)
            _shelf = replace(fresh, until=time.monotonic() + LOOKS)
        return _shelf


def expire() -> None:
    """Have this process look again at once: it has changed the rules itself."""
    global _shelf
    _shelf = replace(_shelf, until=0.0)


def put(shelf: Shelf) -> None:
    """Set the rules of this process."""
    global _shelf
    _shelf = shelf


def spec_of(rule: Rule) -> Spec:
    """Return a rule as the search needs it."""
    return Spec(rule.pk, rule.word_lines, rule.pattern_lines, rule.fields, allows=rule.act == Act.ALLOW)


def _version() -> int:
    return Installation.objects.values_list("rules_version", flat=True).first() or 0


def _read(version: int) -> Shelf:
    """Compile the rules; whatever is newer than the version is read again at the next look."""
    rules = {rule.pk: rule for rule in Rule.objects.on().in_order()}
    classifier = Classifier.objects.filter(is_on=True).first()
    return Shelf(version, Book(map(spec_of, rules.values())), rules, classifier)
