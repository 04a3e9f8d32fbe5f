"""A family of prompts as a tree that is read from the top: each row says what it changed of the one it came from."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from studio.cards.folds import Fold, folds_of
from studio.cards.images import moment, small_preview, words
from studio.cards.prompts import author_of
from studio.models import Prompt, User
from studio.models.lineage import family_of
from studio.wording import Part, difference, shortened
from studio.words import history as said

MOST = 200
DEEPEST = 6
"""Forks that stand further and further in; what forks again stays where it is."""
SHOWN = 160

Placed = tuple[Prompt, int]


def tree_of(prompt: Prompt, person: User) -> list[dict[str, Any]]:
    """Return the rows of a prompt's family, each below the one it came from; none for a prompt that stands alone."""
    texts, parents = family_of(prompt, person, most=MOST)
    if len(texts) < 2:
        return []
    known = {text.digest: text for text in texts}
    folds = folds_of(texts, person)
    one = parents.get(prompt.digest) or next(text.digest for text in texts if text.digest != prompt.digest)
    return [
        _row(text, depth, known.get(parents.get(text.digest, "")), folds[text.digest], person)
        | {"is_this": text.digest == prompt.digest, "is_one": text.digest == one}
        for text, depth in _in_order(texts, parents)
    ]


def _in_order(texts: list[Prompt], parents: dict[str, str]) -> Iterator[Placed]:
    """Yield each text after the one it came from, and how far in; an only child stands as far in as its parent."""
    children: dict[str | None, list[Prompt]] = defaultdict(list)
    for text in texts:
        children[parents.get(text.digest)].append(text)
    waiting = [(text, 0) for text in reversed(children[None])]
    while waiting:
        text, depth = waiting.pop()
        yield text, depth
        own = children[text.digest]
        inner = min(depth + (len(own) > 1), DEEPEST)
        waiting += [(child, inner) for child in reversed(own)]


def _row(text: Prompt, depth: int, parent: Prompt | None, fold: Fold, person: User) -> dict[str, Any]:
    parts = (
        shortened(difference(parent.text, text.text)) if parent else [Part("same", words(text.text, SHOWN))]
    )
    picture = small_preview(fold.samples[0], person) if fold.samples else None
    return {
        "pk": text.pk,
        "url": reverse("prompts.detail", args=[text.pk]),
        "depth": depth,
        "parts": parts,
        "of": words(parent.text, 60) if parent else "",
        "picture": picture,
        "kept": said.KEPT.format(kept=fold.kept, asked=fold.asked),
        "people": author_of(fold, text),
        "hearts": fold.hearts,
        "made_at": text.created_at,
        "when": moment(text.created_at),
    }
