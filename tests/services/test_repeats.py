"""Already made: what counts as the same, and what nobody learns from it."""

import pytest

from studio.services import repeats
from studio.services.orders import Order
from studio.services.repeats import AlreadyMade
from tests.factories import make_comparison, make_generation, make_image, make_preset

pytestmark = pytest.mark.django_db

SETTINGS = {"size": "1024x1024"}


def made(person, model, **fields):
    """A picture of the words and settings that `order` asks for."""
    picture = {name: fields.pop(name) for name in ("trashed_at", "unusable") if name in fields}
    row = make_generation(person, model, text="A lake", state="done", **fields)
    return make_image(person, model, generation=row, content=None, shared=row.shared, **picture)


def order(model, **fields) -> Order:
    return Order(model=model, **{"text": "A lake", "n": 1, "shared": True, "settings": SETTINGS} | fields)


def found(person, order: Order, again: str = "") -> list:
    try:
        repeats.look(person=person, order=order, again=again)
    except AlreadyMade as error:
        return error.images
    return []


def test_look_finds_ones_own_and_the_teams_newest_first(bob, charlie, model):
    mine, theirs = made(bob, model, shared=False), made(charlie, model)

    assert found(bob, order(model)) == [theirs, mine]


def test_look_finds_nothing_private_of_others(bob, charlie, model):
    made(charlie, model, shared=False)

    assert found(bob, order(model)) == []


def test_look_finds_no_picture_that_was_taken_back_from_a_shared_run(bob, charlie, model):
    image = made(charlie, model)
    type(image).objects.filter(pk=image.pk).update(shared=False)

    assert found(bob, order(model)) == []


@pytest.mark.parametrize(
    "other", [{"text": "A hill"}, {"settings": {}}, {"settings": SETTINGS | {"seed": 1}}]
)
def test_look_other_words_or_settings_are_another_order(bob, model, other):
    made(bob, model)

    assert found(bob, order(model, **other)) == []


def test_look_another_model_is_another_order(bob, model, plain_model):
    made(bob, model)

    assert found(bob, order(plain_model)) == []


def test_look_another_count_or_audience_is_the_same_order(bob, model):
    image = made(bob, model)

    assert found(bob, order(model, n=3, shared=False)) == [image]


def test_look_what_is_in_the_trash_or_broken_is_not_there(bob, model):
    made(bob, model, trashed_at="2026-11-01T00:00:00Z")
    made(bob, model, unusable=True)

    assert found(bob, order(model)) == []


def test_look_after_the_pictures_were_seen_finds_nothing(bob, model):
    made(bob, model)

    assert found(bob, order(model), again=repeats.token_of(order(model))) == []
    assert found(bob, order(model), again="another token")


def test_look_tells_nothing_of_a_blind_comparison(bob, model, plain_model):
    row = make_comparison(bob, [model, plain_model], blind=True, text="A lake")
    for column in row.generations.all():
        make_image(bob, column.model, generation=column, content=None)

    assert found(bob, order(model)) == []


def test_look_knows_what_a_preset_makes_of_an_order(bob, model):
    preset = make_preset(settings=SETTINGS, locked=["size"])
    row = make_generation(bob, model, text="A lake, soft light", settings=SETTINGS, state="done")
    image = make_image(bob, model, generation=row, content=None)

    assert found(bob, order(model, settings={}, preset=preset, preset_version=1)) == [image]


@pytest.mark.parametrize("runs", [0, 3])
def test_look_that_finds_nothing_is_one_statement(bob, model, django_assert_num_queries, runs):
    for _ in range(runs):
        make_generation(bob, model, text="A lake", settings={"seed": 1}, state="done")

    with django_assert_num_queries(1):
        assert found(bob, order(model)) == []
