from uuid import uuid4

import pytest

from studio.errors import Conflict, OverBudget, StudioError
from studio.models import Allowance, AuditEntry, Comparison, Generation
from studio.services import comparisons, generations
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


def _start(person, *models, **changes) -> Comparison:
    asked = {"submission_id": uuid4(), "text": "A lake", "settings": {}, "n": 1, "shared": True} | changes
    return comparisons.start(person=person, models=models, **asked)


def test_start_submits_the_prompt_to_each_model_with_what_fits(bob, model, plain_model):
    settings = {"size": "1024x1024", "seed": 7}

    row = _start(bob, model, plain_model, settings=settings, n=4)

    drawn = {g.model: (g.settings, g.n, g.prompt) for g in row.generations.select_related("model", "prompt")}
    assert drawn == {
        model: (settings, 4, row.prompt),
        plain_model: ({"size": "1024x1024"}, 2, row.prompt),
    }
    assert Allowance.objects.get().reserved == 6
    row.prompt.refresh_from_db()
    assert row.prompt.generations.count() == 2


def test_start_again_with_the_same_id_is_the_same_comparison(bob, model, plain_model):
    asked = {"submission_id": uuid4(), "settings": {"size": "1024x1024", "seed": 7}, "n": 4}

    assert _start(bob, model, plain_model, **asked) == _start(bob, plain_model, model, **asked)

    assert Generation.objects.count() == 2


def test_start_with_the_same_id_as_another_person_is_their_own(bob, charlie, model, plain_model):
    key = uuid4()
    rows = [_start(person, model, plain_model, submission_id=key) for person in (bob, charlie)]

    assert [row.owner for row in rows] == [bob, charlie]


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Another"},
        {"blind": True},
        {"shared": False},
        {"n": 2},
        {"settings": {"size": "1024x1024"}},
        {"settings": {"seed": 7}},
    ],
    ids=str,
)
def test_start_again_with_other_content_is_a_conflict(bob, model, plain_model, change):
    asked = {"submission_id": uuid4()}
    _start(bob, model, plain_model, **asked)

    with pytest.raises(Conflict):
        _start(bob, model, plain_model, **asked, **change)


def test_start_again_with_a_setting_of_its_own_is_a_conflict(bob, model, plain_model):
    asked = {"submission_id": uuid4(), "own": {model.pk: {"seed": 7}}}
    _start(bob, model, plain_model, **asked)

    with pytest.raises(Conflict):
        _start(bob, model, plain_model, **asked | {"own": {model.pk: {"seed": 8}}})


def test_start_again_with_other_models_is_a_conflict(bob, model, plain_model, other_model):
    asked = {"submission_id": uuid4()}
    _start(bob, model, plain_model, **asked)

    with pytest.raises(Conflict):
        _start(bob, model, other_model, **asked)


@pytest.mark.parametrize("count", [3, 9])
def test_start_again_asking_for_more_than_fits_is_the_same_comparison(bob, model, plain_model, count: int):
    asked = {
        "submission_id": uuid4(),
        "settings": {"size": "1024x1024", "seed": 7, "strange": 1},
        "blind": True,
    }

    first = _start(bob, model, plain_model, n=2, **asked)

    assert _start(bob, model, plain_model, n=count, **asked) == first


@pytest.mark.parametrize("count", [0, 1])
def test_start_with_too_few_models_is_refused(bob, model, count: int):
    with pytest.raises(StudioError, match="2 to 4 models"):
        _start(bob, *[model] * (count + 1))

    assert Comparison.objects.count() == 0


def test_start_over_budget_draws_with_none_of_them(bob, model, plain_model):
    make_generation(bob, model)
    Allowance.objects.update(cap=2)

    with pytest.raises(OverBudget):
        _start(bob, model, plain_model)

    assert (Comparison.objects.count(), Generation.objects.count(), Allowance.objects.get().reserved) == (
        0,
        1,
        1,
    )


def test_start_over_budget_counts_all_models(bob, model, plain_model):
    make_generation(bob, model)
    Allowance.objects.update(cap=4)

    with pytest.raises(OverBudget, match="Only 3 of your 4 images are left this month, and this asks for 4"):
        _start(bob, model, plain_model, n=2)


def test_start_with_settings_of_its_own_gives_each_what_it_takes(bob, model, plain_model):
    own = {model.pk: {"size": "1792x1024", "seed": 1}, plain_model.pk: {"size": "1792x1024"}}

    row = _start(bob, model, plain_model, own=own)

    assert {each.model: each.settings for each in row.generations.select_related("model")} == {
        model: {"size": "1792x1024", "seed": 1},
        plain_model: {},
    }


def test_start_blind_asks_for_as_many_from_each(bob, model, plain_model):
    row = _start(bob, model, plain_model, n=4, blind=True)

    assert [each.n for each in row.generations.all()] == [2, 2]


def test_pick_is_recorded_once_and_shows_the_models(bob, model, plain_model):
    row = _start(bob, model, plain_model, blind=True)
    first, second = row.generations.order_by("pk")
    for each in (first, second):
        make_image(bob, model, generation=each, content=None)
    assert row.hides_models

    comparisons.pick(comparison=row, generation=second, person=bob)
    with pytest.raises(Conflict):
        comparisons.pick(comparison=row, generation=first, person=bob)

    row.refresh_from_db()
    assert (row.picked, row.hides_models) == (second, False)
    assert AuditEntry.objects.get(action="comparison.picked").detail == {"model": second.model.model_id}


def test_pick_by_another_person_or_from_another_comparison_changes_nothing(bob, charlie, model, plain_model):
    row, other = _start(bob, model, plain_model), _start(bob, model, plain_model)
    mine, theirs = row.generations.first(), other.generations.first()
    for each in (mine, theirs):
        make_image(bob, model, generation=each, content=None)

    for wrong in ({"generation": mine, "person": charlie}, {"generation": theirs, "person": bob}):
        with pytest.raises(Conflict):
            comparisons.pick(comparison=row, **wrong)

    row.refresh_from_db()
    assert row.picked is None


def test_pick_without_a_picture_is_refused(bob, model, plain_model):
    row = _start(bob, model, plain_model)

    with pytest.raises(StudioError, match="no picture"):
        comparisons.pick(comparison=row, generation=row.generations.first(), person=bob)


def test_cancel_of_one_generation_leaves_the_other(bob, model, plain_model):
    row = _start(bob, model, plain_model)
    first, second = row.generations.order_by("pk")

    generations.cancel(generation=first, person=bob)

    second.refresh_from_db()
    assert second.state == "queued"
