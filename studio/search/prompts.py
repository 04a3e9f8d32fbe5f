"""Finds prompts by what they say and by who wrote them, with the full-text index of either database."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connections
from django.db.models import Q
from django.db.models.expressions import RawSQL

from studio.models import Prompt, User
from studio.models.prompts import PromptQuerySet
from studio.search.parse import Term, terms_of

ON_SQLITE = "SELECT prompt_id FROM studio_prompt_fts WHERE studio_prompt_fts MATCH %s"


def search(rows: PromptQuerySet, text: str) -> PromptQuerySet:
    """Return the rows that hold every term; a word that begins somebody's name finds what they wrote as well."""
    terms = terms_of(text)
    if not terms:
        return rows
    people = _people(terms)
    plain = [term for term in terms if not (term.without or people[term])]
    if plain:
        rows = rows.filter(_saying(plain))
    for term in terms:
        by = Q(author__in=people[term])
        if term.without:
            rows = rows.exclude(_saying([term]) | by) if people[term] else rows.exclude(_saying([term]))
        elif people[term]:
            rows = rows.filter(_saying([term]) | by)
    return rows


def _people(terms: Iterable[Term]) -> dict[Term, list[UUID]]:
    """Return whom each term names: its first word begins a name of theirs, and what follows goes on there."""
    asked = {term: " ".join(term.words) for term in terms}
    named = Q()
    for words in asked.values():
        named |= Q(name__istartswith=words) | Q(name__icontains=f" {words}")
    everyone = [(pk, f" {name.lower()}") for pk, name in User.objects.filter(named).values_list("pk", "name")]
    return {term: [pk for pk, name in everyone if f" {words}" in name] for term, words in asked.items()}


def _saying(terms: list[Term]) -> Q:
    """Return what picks the prompts whose text holds all of these terms, by one look into the index."""
    if connections[Prompt.objects.db].vendor == "postgresql":
        query = SearchQuery(" & ".join(map(_for_postgresql, terms)), search_type="raw", config="simple")
        said = Prompt.objects.annotate(document=SearchVector("text", config="simple")).filter(document=query)
        return Q(pk__in=said.values("pk"))
    match = " AND ".join(map(_for_sqlite, terms))
    return Q(pk__in=RawSQL(ON_SQLITE, [match]))  # noqa: S611


def _for_postgresql(term: Term) -> str:
    phrase = " <-> ".join(term.words)
    return f"({phrase})" if term.whole else f"({phrase}:*)"


def _for_sqlite(term: Term) -> str:
    phrase = f'"{" ".join(term.words)}"'
    return phrase if term.whole else f"{phrase}*"
