"""How prompts came from one another: families of texts, joined by what a person may see of the runs that made them."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q

from studio.models.accounts import User
from studio.models.generations import Generation
from studio.models.prompts import Prompt

# Both read the same on either database; UNION drops what was met before, so that a circle ends. What is joined is there
# each time: LEFT keeps SQLite from reading whole tables for its Bloom filters (200 ms at 100,000 prompts, not 0.2).
STEP = """
    SELECT {found}.digest FROM met
    LEFT JOIN studio_prompt AS {known} ON {known}.digest = met.digest
    LEFT JOIN studio_generation AS run ON {joined}
    LEFT JOIN studio_prompt AS {found} ON {other}
    WHERE (run.shared OR run.owner_id = %s)
      AND (parent.shared_at IS NOT NULL OR parent.author_id = %s)
"""
UP = STEP.format(
    found="parent", known="child", joined="run.prompt_id = child.id", other="parent.id = run.parent_id"
)
DOWN = STEP.format(
    found="child", known="parent", joined="run.parent_id = parent.id", other="child.id = run.prompt_id"
)
WALK = """
    WITH RECURSIVE met(digest) AS (SELECT digest FROM studio_prompt WHERE digest IN ({begin}) UNION {step})
    SELECT digest FROM met LIMIT %s
"""


def family_of(prompt: Prompt, user: User, *, most: int) -> tuple[list[Prompt], dict[str, str]]:
    """Return the texts of a prompt's family that this person may see, oldest first, and from which each came.

    The first run that took a text over decides where it came from; there is no circle. At most so many are found,
    those nearest to the first ancestors first.
    """
    above = _walk(UP, [prompt.digest], user, most)
    found = _walk(DOWN, above, user, most)
    rows = Prompt.objects.visible_to(user).filter(digest__in={*found, *above[:1]}).select_related("author")
    first: dict[str, Prompt] = {}
    for row in rows.order_by("pk"):
        first.setdefault(row.digest, row)
    return list(first.values()), _parents(first.keys(), user)


def _walk(step: str, begin: Iterable[str], user: User, most: int) -> list[str]:
    digests = list(begin)
    person = Prompt._meta.get_field("author").get_db_prep_value(user.pk, connection)
    statement = WALK.format(begin=", ".join(["%s"] * len(digests)), step=step)
    values: list[Any] = [*digests, person, person, most]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [digest for (digest,) in cursor.fetchall()]


def _parents(digests: Iterable[str], user: User) -> dict[str, str]:
    within = set(digests)
    known = Q(parent__shared_at__isnull=False) | Q(parent__author=user)
    runs = Generation.objects.visible_to(user).filter(
        known, prompt__digest__in=within, parent__digest__in=within
    )
    edges = runs.order_by("pk").values_list("prompt__digest", "parent__digest")
    parents: dict[str, str] = {}
    for child, parent in edges:
        if child not in parents and not _descends(parent, child, parents):
            parents[child] = parent
    return parents


def _descends(digest: str | None, ancestor: str, parents: dict[str, str]) -> bool:
    """Say whether a text is the other one, or came from it."""
    while digest is not None and digest != ancestor:
        digest = parents.get(digest)
    return digest == ancestor
