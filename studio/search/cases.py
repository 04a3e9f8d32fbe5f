"""Finds cases by the words of their prompt, by their person, and by the rule that opened them."""

from django.db.models import Q

from studio.models import Prompt
from studio.models.cases import CaseQuerySet
from studio.search.prompts import search as search_prompts


def search(rows: CaseQuerySet, text: str) -> CaseQuerySet:
    """Return the cases that hold every word of the text, or whose rule is called so."""
    if not text.strip():
        return rows
    prompts = search_prompts(Prompt.objects.all(), text).values("pk")
    return rows.filter(Q(generation__prompt__in=prompts) | Q(detail__rule__icontains=text.strip()))
