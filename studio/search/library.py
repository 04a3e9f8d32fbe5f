"""Finds saved prompts by the words of their titles and texts: there are hundreds of them, not a hundred thousand."""

from django.db.models import Q

from studio.models.library import SavedPromptQuerySet
from studio.search.parse import terms_of


def search(rows: SavedPromptQuerySet, text: str) -> SavedPromptQuerySet:
    """Return the rows that hold every term in their title, their tags or their text."""
    for term in terms_of(text):
        words = " ".join(term.words)
        said = Q(title__icontains=words) | Q(text__icontains=words) | Q(tags__icontains=words)
        rows = rows.exclude(said) if term.without else rows.filter(said)
    return rows
