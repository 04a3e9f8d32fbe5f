"""Counts anew how often prompts were run and how they are rated, which is what the orders of the history go by.

The clock does it, so that no submit and no picture pays for it: what ran or was liked lately every few minutes,
everything once a night. Until then a new prompt stands where the last count left it; what a page says of it is read
from the runs.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.utils import timezone

from studio.db import write_transaction
from studio.models import Favourite, Generation, Image, Prompt, Rating
from studio.models.ids import first_at
from studio.models.images import ImageQuerySet

LATELY = timedelta(minutes=30)
NEWEST_LIKES = 2000
BATCH = 500
WRITTEN = 40  # its statement names each row in each figure, so its price grows with their square
DOUBT = 5
FIGURES = ("used", "rated", "team_used", "team_rated")


def count_lately() -> int:
    """Count the texts that were run or liked lately; return how many rows stood otherwise."""
    since = timezone.now() - LATELY
    ran = Generation.objects.filter(pk__gte=first_at(since)).values_list("prompt__digest", flat=True)
    text = "image__generation__prompt__digest"
    likes = Favourite.objects.order_by("-pk")[:NEWEST_LIKES].values_list(text, "created_at")
    stars = Rating.objects.order_by("-pk")[:NEWEST_LIKES].values_list(text, "at")
    liked = {digest for digest, at in [*likes, *stars] if at >= since}
    return sum(_count(batch) for batch in batched(sorted({*ran.distinct(), *liked}), BATCH))


def count_all() -> int:
    """Count every text; return how many rows stood otherwise."""
    return sum(_count(batch) for batch in batched(_digests(), BATCH))


def _digests() -> Iterator[str]:
    """Yield each text once, read in steps along the index of ids."""
    seen: UUID | None = None
    while rows := list(_after(seen).values_list("pk", "digest")[:BATCH]):
        yield from dict.fromkeys(digest for _, digest in rows)
        seen = rows[-1][0]


def _after(pk: UUID | None) -> Any:
    rows = Prompt.objects.order_by("pk")
    return rows.filter(pk__gt=pk) if pk else rows


def _count(digests: Iterable[str]) -> int:
    rows = list(Prompt.objects.filter(digest__in=digests).only("digest", *FIGURES))
    keys = [row.pk for row in rows]
    own_runs = _runs(keys, "prompt")
    own_ratings = _ratings(Image.objects.kept(), keys, "generation__prompt")
    team_runs = _runs(keys, "prompt__digest", shared=True)
    team_ratings = _ratings(Image.objects.seen_by_team(), keys, "generation__prompt__digest")
    changed = []
    for row in rows:
        found = (
            own_runs.get(row.pk, 0),
            own_ratings.get(row.pk, 0),
            team_runs.get(row.digest, 0),
            team_ratings.get(row.digest, 0),
        )
        if found != tuple(getattr(row, name) for name in FIGURES):
            for name, value in zip(FIGURES, found, strict=True):
                setattr(row, name, value)
            changed.append(row)
    if changed:
        with write_transaction():
            Prompt.objects.bulk_update(changed, FIGURES, batch_size=WRITTEN)
    return len(changed)


def _runs(keys: list[UUID], by: str, **which: bool) -> dict[Any, int]:
    rows = Generation.objects.filter(prompt__in=keys, **which).order_by()
    return dict(rows.values_list(by).annotate(Count("pk")))


def _ratings(images: ImageQuerySet, keys: list[UUID], by: str) -> dict[Any, int]:
    """Return the mean of the stars of each, in hundredths; a favourite counts as five.

    Votes of three that nobody gave stand beside them, so that one alone does not beat many.
    """
    rows = images.filter(generation__prompt__in=keys).order_by()
    liked = dict(rows.filter(favourites__isnull=False).values_list(by).annotate(Count("favourites")))
    given = rows.filter(ratings__isnull=False).values_list(by)
    votes = {key: (5 * count, count) for key, count in liked.items()}
    for key, stars, count in given.annotate(Sum("ratings__stars"), Count("ratings")):
        before = votes.get(key, (0, 0))
        votes[key] = before[0] + stars, before[1] + count
    return {key: 100 * (stars + 3 * DOUBT) // (count + DOUBT) for key, (stars, count) in votes.items()}
