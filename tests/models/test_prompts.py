from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from studio.models import History, Prompt
from studio.services.prompts import remember

pytestmark = pytest.mark.django_db


def test_visible_to_is_ones_own_and_the_teams(bob, charlie):
    for person in (bob, charlie):
        for shared in (True, False):
            remember(author=person, text=f"{person} {shared}", shared=shared)

    seen = set(Prompt.objects.visible_to(bob).values_list("text", flat=True))

    assert seen == {"Bob True", "Bob False", "Charlie True"}


def test_before_walks_all_pages_without_gap_or_repeat(bob):
    for number in range(6):
        remember(author=bob, text=str(number), shared=True)
    moment = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
    for place, row in enumerate(Prompt.objects.order_by("pk")):
        Prompt.objects.filter(pk=row.pk).update(shared_at=moment + timedelta(microseconds=place // 3))

    found = Prompt.objects.in_history(History.TEAM, bob)
    seen, page = [], list(found[:2])
    while page:
        seen += page
        page = list(found.before("shared_at", page[-1].ran_at, page[-1].pk)[:2])

    assert seen == list(found)


def test_same_words_of_one_author_twice_are_refused_by_the_database(bob):
    row = remember(author=bob, text="A lake", shared=True)

    with pytest.raises(IntegrityError):
        Prompt.objects.create(author=bob, text="A lake", digest=row.digest)
