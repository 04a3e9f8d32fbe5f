"""Finds prompts by what they say and by who wrote them, with the full-text index of either database."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from studio.models import Prompt, User
from studio.models.prompts import PromptQuerySet
from studio.search.engine import engine
from studio.search.parse import Term, terms_of, words_in


def search(rows: PromptQuerySet, text: str) -> PromptQuerySet:
    """Return the rows that hold every term; a word that begins somebody's name finds what they wrote as well."""
    terms = terms_of(text)
    if not terms:
        return rows
    people, saying = _people(terms), engine().prompts
    plain = [term for term in terms if not (term.without or people[term])]
    if plain:
        rows = rows.filter(saying(plain))
    for term in terms:
        by = _by(people[term])
        if term.without:
            rows = rows.exclude(saying([term]) | by) if people[term] else rows.exclude(saying([term]))
        elif people[term]:
            rows = rows.filter(saying([term]) | by)
    return rows


def _by(people: list[UUID]) -> Q:
    """Return what picks the prompts of these people, also where the row is that of somebody who ran the same later."""
    theirs = Prompt.objects.shared().filter(digest=OuterRef("digest"), author__in=people)
    return Q(author__in=people) | Q(Exists(theirs))


def _people(terms: Iterable[Term]) -> dict[Term, list[UUID]]:
    """Return whom each term names: its first word begins a name of theirs, and what follows goes on there."""
    everyone = [(pk, f" {' '.join(words_in(name))}") for pk, name in User.objects.values_list("pk", "name")]
    return {term: [pk for pk, name in everyone if f" {' '.join(term.words)}" in name] for term in terms}
