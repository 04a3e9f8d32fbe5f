"""House presets: written by administrators, in the audit, and kept to by every order."""

from uuid import uuid4

import pytest

from studio.errors import Conflict, StudioError
from studio.models import AuditEntry, Generation, ImageModel, Preset
from studio.services import comparisons, generations, presets, receipts
from studio.services.orders import Order
from tests.factories import make_preset

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "Covers",
    "about": "",
    "settings": {"size": "1024x1024"},
    "locked": ["size"],
    "suffix": "soft light",
    "allowed": [],
    "obliges": [],
    "is_on": True,
}


def submit(person, model, preset, **fields) -> Generation:
    facts = {"text": "A lake", "n": 1, "shared": True, "preset_version": preset.version} | fields
    order = Order(model=model, preset=preset, **facts)
    return generations.submit(person=person, submission_id=uuid4(), order=order)


# Written by administrators


def test_add_writes_the_preset_behind_the_others_and_the_audit(alice):
    make_preset()

    row = presets.add(administrator=alice, **FACTS)

    assert (row.position, row.version, row.fixed) == (1, 1, {"size": "1024x1024"})
    entry = AuditEntry.objects.get(action="preset.added")
    assert (entry.actor, entry.subject, entry.detail["after"]["locked"]) == (alice, str(row.pk), ["size"])


def test_add_a_name_twice_raises_conflict_and_writes_nothing(alice):
    presets.add(administrator=alice, **FACTS)

    with pytest.raises(Conflict) as caught:
        presets.add(administrator=alice, **FACTS)

    assert caught.value.param == "name"
    assert AuditEntry.objects.filter(action="preset.added").count() == 1


def test_add_the_name_of_one_that_was_put_away_is_free_again(alice):
    presets.retire(preset=presets.add(administrator=alice, **FACTS), administrator=alice)

    assert presets.add(administrator=alice, **FACTS).pk


def test_add_what_does_nothing_is_refused(alice):
    nothing = {"settings": {}, "locked": [], "suffix": ""}

    with pytest.raises(StudioError, match="does nothing yet"):
        presets.add(administrator=alice, **FACTS | nothing)


def test_add_a_model_that_cannot_keep_to_what_is_fixed_is_refused(alice, plain_model):
    with pytest.raises(StudioError) as caught:
        presets.add(
            administrator=alice,
            **FACTS | {"settings": {"size": "512x512"}, "allowed": [str(plain_model.pk)]},
        )

    assert caught.value.param == "allowed"
    assert "Plain does not take size" in caught.value.sentence


def test_edit_counts_the_version_and_audits_before_and_after(alice):
    row = presets.add(administrator=alice, **FACTS)

    presets.edit(preset=row, administrator=alice, version=1, suffix="hard light")

    row.refresh_from_db()
    assert (row.version, row.suffix, row.changed_by) == (2, "hard light", alice)
    detail = AuditEntry.objects.get(action="preset.edited").detail
    assert (detail["before"], detail["after"]) == ({"suffix": "soft light"}, {"suffix": "hard light"})


def test_edit_an_older_version_raises_conflict_and_changes_nothing(alice):
    row = presets.add(administrator=alice, **FACTS)
    presets.edit(preset=row, administrator=alice, version=1, suffix="hard light")
    stale = Preset.objects.get()

    with pytest.raises(Conflict):
        presets.edit(preset=stale, administrator=alice, version=1, suffix="no light")

    assert Preset.objects.get().suffix == "hard light"


def test_move_changes_places_and_audits(alice):
    first, second = make_preset("One"), make_preset("Two")

    assert presets.move(preset=second, administrator=alice, step=-1)

    assert list(Preset.objects.in_order()) == [second, first]
    assert AuditEntry.objects.get(action="preset.moved").detail["after"] == {"place": 1}


def test_move_beyond_the_end_changes_nothing(alice):
    row = make_preset()

    assert not presets.move(preset=row, administrator=alice, step=1)
    assert not AuditEntry.objects.exists()


def test_retire_twice_raises_conflict(alice):
    row = make_preset()
    presets.retire(preset=row, administrator=alice)

    with pytest.raises(Conflict):
        presets.retire(preset=row, administrator=alice)

    assert AuditEntry.objects.filter(action="preset.retired").count() == 1
    assert not Preset.objects.offered().exists()


# Kept to by every order


def test_submit_draws_what_is_locked_whatever_was_asked(bob, model):
    preset = make_preset(settings={"size": "1024x1024", "quality": "hd"}, locked=["size"])

    row = submit(bob, model, preset, settings={"size": "512x512", "seed": 7})

    row.refresh_from_db()
    assert row.settings == {"size": "1024x1024", "seed": 7}  # quality was only where one begins
    assert (row.prompt.text, row.preset, row.preset_version) == ("A lake, soft light", preset, 1)


def test_submit_adds_the_suffix_once(bob, model):
    preset = make_preset()

    assert submit(bob, model, preset, text="A lake, soft light").prompt.text == "A lake, soft light"


def test_submit_by_a_model_that_is_not_listed_is_refused_and_nothing_is_reserved(bob, model, plain_model):
    preset = make_preset(allowed=[str(plain_model.pk)])

    with pytest.raises(StudioError) as caught:
        submit(bob, model, preset)

    assert (caught.value.param, Generation.objects.count()) == ("model", 0)
    assert submit(bob, plain_model, preset).model == plain_model


def test_submit_by_a_model_that_does_not_take_what_is_fixed_is_refused(bob, plain_model):
    preset = make_preset(settings={"quality": "hd"}, locked=["quality"])

    with pytest.raises(StudioError, match="does not take what House style fixes: quality"):
        submit(bob, plain_model, preset)


@pytest.mark.parametrize("change", [{"is_on": False}, {"retired_at": "2026-01-01T00:00:00Z"}])
def test_submit_with_a_preset_that_is_not_offered_is_refused(bob, model, change):
    preset = make_preset()
    Preset.objects.update(**change)
    preset.refresh_from_db()

    with pytest.raises(Conflict, match="no longer offered"):
        submit(bob, model, preset)


def test_submit_with_an_older_version_is_refused(bob, model):
    preset = make_preset(version=2)

    with pytest.raises(Conflict, match="was changed meanwhile"):
        submit(bob, model, preset, preset_version=1)


def test_submit_a_prompt_that_the_suffix_makes_too_long_is_refused(bob, model):
    with pytest.raises(StudioError) as caught:
        submit(bob, model, make_preset(), text="a" * 3995)

    assert caught.value.param == "prompt"
    assert "4,007 characters" in caught.value.sentence


def test_of_generation_names_the_preset_in_its_version_of_then(bob, alice, model):
    preset = make_preset()
    row = submit(bob, model, preset)
    presets.edit(preset=preset, administrator=alice, version=1, suffix="hard light")

    facts = receipts.of_generation(Generation.objects.get(pk=row.pk))

    assert facts["preset"] == {"name": "House style", "version": 1}


def test_sound_parses_values_and_says_what_is_wrong():
    kept, wrong = presets.sound({"size": "1024x1024", "seed": "7", "steps": "no", "guidance": "99"})

    assert kept == {"size": "1024x1024", "seed": 7}
    assert [unfit.name for unfit in wrong] == ["steps", "guidance"]


# Obliged


@pytest.fixture
def obliging(alice, model) -> Preset:
    ImageModel.objects.filter(pk=model.pk).update(accepts={"size": ["1024x1024", "512x512"]})
    return presets.add(administrator=alice, **FACTS | {"obliges": ["member"]})


def draw(person, model, **fields) -> Generation:
    order = Order(model=model, text="A lake", n=1, shared=True, **fields)
    return generations.submit(person=person, submission_id=uuid4(), order=order)


def test_order_of_a_person_who_is_obliged_keeps_to_the_preset_unasked(alice, bob, model, obliging):
    mine, theirs = (draw(who, ImageModel.objects.get(pk=model.pk)) for who in (bob, alice))

    assert (mine.preset, mine.preset_version, mine.prompt.text) == (obliging, 1, "A lake, soft light")
    assert mine.settings == {"size": "1024x1024"}
    assert (theirs.preset, theirs.prompt.text) == (None, "A lake")


def test_order_with_another_preset_or_a_model_it_is_not_for_is_refused(alice, bob, model, obliging):
    other = make_preset(name="Free")

    with pytest.raises(StudioError, match="You draw with Covers"):
        submit(bob, ImageModel.objects.get(pk=model.pk), other)
    presets.edit(preset=obliging, administrator=alice, version=1, allowed=[str(uuid4())])
    with pytest.raises(StudioError, match="cannot draw with Covers"):
        draw(bob, ImageModel.objects.get(pk=model.pk))
    assert not Generation.objects.exists()


def test_comparison_of_a_person_who_is_obliged_keeps_to_it_and_is_the_same_twice(
    bob, model, plain_model, obliging
):
    ImageModel.objects.filter(pk=plain_model.pk).update(accepts={"size": ["1024x1024"]})
    facts = {"submission_id": uuid4(), "text": "A lake", "n": 1, "shared": True, "settings": {}}
    models = list(ImageModel.objects.filter(pk__in=[model.pk, plain_model.pk]))

    first, again = (comparisons.start(person=bob, models=models, **facts) for _ in range(2))

    assert first == again
    assert {row.preset for row in Generation.objects.all()} == {obliging}


@pytest.mark.parametrize("end", [{"obliges": []}, {"is_on": False}])
def test_nobody_is_obliged_to_what_is_not_offered_or_no_longer_obliges(alice, bob, model, obliging, end):
    presets.edit(preset=obliging, administrator=alice, version=1, **end)

    assert draw(bob, ImageModel.objects.get(pk=model.pk)).preset is None
