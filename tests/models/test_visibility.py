"""The lists that the rule of visibility makes: each is a walk along an index of its own, on both databases."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from studio.models import Gallery, Generation, History, Image, Prompt, State
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


def feed(person):
    return Generation.objects.owned_by(person).alone().newest_first()[:11]


def gallery(name):
    return lambda person: Image.objects.in_gallery(name, person)[:51]


def history(name):
    return lambda person: Prompt.objects.in_history(name, person)[:51]


LISTS = {
    "generation_alone": feed,
    "image_mine": gallery(Gallery.MINE),
    "image_team": gallery(Gallery.TEAM),
    "image_trash": gallery(Gallery.TRASH),
    "prompt_mine": history(History.MINE),
    "prompt_team": history(History.TEAM),
}


def plan_of(rows) -> str:
    if connection.vendor == "postgresql":  # its own tables are too small here to be worth an index
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    return rows.explain()


@pytest.mark.parametrize("index", LISTS)
def test_list_is_one_walk_along_its_index(bob, model, index):
    for shared in (True, False):
        make_image(bob, model, shared=shared)

    plan = plan_of(LISTS[index](bob))

    assert f" {index}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


# What the migration makes of old rows, in which a picture was shared by itself and a prompt for ever


@pytest.fixture
def migrate():
    one_rule = import_module("studio.migrations.0008_visibility").one_rule
    return lambda: one_rule(apps, None)


def old_run(bob, model, shared: bool, *pictures: bool, **fields):
    row = make_generation(bob, model, n=max(1, len(pictures)), state=State.DONE, shared=shared)
    for each in pictures:
        image = make_image(bob, model, generation=row, **fields)
        Image.objects.filter(pk=image.pk).update(shared=each)
    return row


@pytest.mark.parametrize(
    ("shared", "pictures", "run", "left"),
    [
        (True, (True, False), True, [True, False]),
        (True, (False, False), False, [False, False]),  # everything was taken back: so is the prompt
        (True, (), True, []),
        (False, (False, False), False, [False, False]),
        (False, (True, False), True, [True, False]),  # the viewer told its prompt and settings already
    ],
)
def test_migration_leaves_one_rule(bob, model, migrate, shared, pictures, run, left):
    row = old_run(bob, model, shared, *pictures)

    migrate()

    row.refresh_from_db()
    assert row.shared is run
    assert list(row.images.order_by("index").values_list("shared", flat=True)) == left
    assert (Prompt.objects.get().shared_at is not None) is run


def test_migration_tells_the_prompt_by_its_newest_shared_run(bob, model, migrate):
    first = make_generation(bob, model)
    make_generation(bob, model, shared=False)

    migrate()

    assert Prompt.objects.get().shared_at == first.created_at


def test_migration_counts_no_picture_that_nobody_sees(bob, model, migrate):
    row = old_run(bob, model, True, True, trashed_at="2026-11-01T00:00Z")

    migrate()

    row.refresh_from_db()
    assert row.shared is True
