"""House presets: the administrators' pages, and the choice in the composer."""

import html
import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from studio.models import Generation, ImageModel, Preset
from tests.factories import make_generation, make_image, make_preset

HTMX = {"HX-Request": "true"}
INDEX, NEW = "/administration/presets/", "/administration/presets/new/"


def written(**changes: Any) -> dict[str, Any]:
    facts = {"name": "Covers", "suffix": "soft light", "is_on": "on", "value_size": "1024×1024"}
    return facts | {"lock_size": "on"} | changes


def form(model, **changes: Any) -> dict[str, Any]:
    data = {"submission_id": str(uuid.uuid4()), "model": str(model.pk), "prompt": "A lake", "n": "1"}
    return data | changes


def house(response) -> str:
    """What the composer says of its preset, in plain words."""
    found = re.search(r'<div class="house".*?</div>', response.text, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split()) if found else ""


# Administration


def test_index_empty_says_what_belongs_here(as_alice):
    assert "No house presets yet" in as_alice.get(INDEX).text


@pytest.mark.parametrize("rows", [1, 3])
def test_index_asks_the_same_number_of_queries(as_alice, model, django_assert_num_queries, rows):
    for number in range(rows):
        make_preset(f"Preset {number}", allowed=[str(model.pk)])
    as_alice.get(INDEX)

    with django_assert_num_queries(6):
        assert as_alice.get(INDEX).text.count("houses__row") == rows


def test_new_writes_what_was_typed(as_alice, model):
    response = as_alice.post(NEW, written(allowed=[str(model.pk)], value_seed="7"))

    assert (response.status_code, response["Location"]) == (303, INDEX)
    row = Preset.objects.get()
    assert (row.name, row.settings, row.locked) == ("Covers", {"size": "1024x1024", "seed": 7}, ["size"])
    assert row.allowed == [str(model.pk)]
    assert "Covers: saved" in as_alice.get(INDEX).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Give the preset a name."),
        ({"value_steps": "many"}, "Steps is a number from 1 to 150."),
        ({"lock_quality": "on"}, "Write what it is locked to, or unlock it."),
        ({"allowed": [str(uuid.uuid4())]}, "A model that you chose is no longer offered."),
        ({"value_size": "", "lock_size": "", "suffix": ""}, "this preset does nothing yet"),
    ],
)
def test_new_bad_input_is_422_and_keeps_what_was_typed(as_alice, model, typed, sentence):
    response = as_alice.post(NEW, written(about="For the shop", **typed))

    assert response.status_code == 422
    assert sentence in html.unescape(response.text)
    assert "For the shop" in response.text
    assert not Preset.objects.exists()


def test_edit_of_a_version_that_somebody_has_changed_is_409_and_keeps_what_was_typed(as_alice):
    row = make_preset(version=2)

    response = as_alice.post(reverse("presets.edit", args=[row.pk]), written(version="1", about="Mine"))

    assert response.status_code == 409
    assert "Somebody has changed this preset meanwhile" in response.text
    assert "Mine" in response.text


def test_edit_shows_and_changes(as_alice):
    row = make_preset(settings={"size": "512x512"}, locked=["size"])
    address = reverse("presets.edit", args=[row.pk])

    page = as_alice.get(address)
    response = as_alice.post(address, written(version="1"))

    assert 'value="512x512"' in page.text
    assert response.status_code == 303
    assert Preset.objects.get().settings == {"size": "1024x1024"}


def test_retirement_asks_first_and_then_puts_it_away(as_alice):
    row = make_preset()
    address = reverse("presets.retirement", args=[row.pk])

    assert "Put House style away?" in as_alice.get(address).text
    assert as_alice.post(address).status_code == 303
    assert as_alice.get(address).status_code == 404


def test_the_pages_are_for_administrators(as_bob):
    row = make_preset()

    codes = [as_bob.get(each).status_code for each in (INDEX, NEW, reverse("presets.edit", args=[row.pk]))]

    assert codes == [403, 403, 403]


# The composer


def test_composer_without_presets_offers_none(as_bob, model):
    assert 'name="preset"' not in as_bob.get("/").text


def test_composer_chosen_preset_sets_what_is_open_and_hides_what_is_locked(as_bob, model):
    preset = make_preset(settings={"size": "1024x1024", "seed": 7}, locked=["size"])

    response = as_bob.post(
        "/composer/", form(model, preset=str(preset.pk), preset_was="", size="512x512"), headers=HTMX
    )

    assert house(response) == "House style Size 1024×1024 adds soft light"
    assert 'name="size"' not in response.text
    assert re.search(r'name="seed" value="7"', response.text)


def test_composer_preset_of_before_leaves_what_was_changed_since(as_bob, model):
    preset = make_preset(settings={"seed": 7})
    pk = str(preset.pk)

    response = as_bob.post("/composer/", form(model, preset=pk, preset_was=pk, seed="9"), headers=HTMX)

    assert re.search(r'name="seed" value="9"', response.text)


def test_composer_models_that_a_preset_is_not_for_say_why(as_bob, model, plain_model):
    preset = make_preset(allowed=[str(plain_model.pk)])

    response = as_bob.post("/composer/", form(model, preset=str(preset.pk)), headers=HTMX)

    assert "House style is for other models" in response.text
    assert f'<option value="{plain_model.pk}" selected' in response.text


def test_composer_works_without_javascript(as_bob, model):
    preset = make_preset()

    response = as_bob.post("/composer/", form(model, preset=str(preset.pk)))

    assert "<!doctype html>" in response.text
    assert house(response)
    assert house(as_bob.get(f"/?preset={preset.pk}")) == house(response)


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_create_keeps_to_the_preset_and_remembers_it(as_bob, model, headers):
    preset = make_preset(settings={"size": "1024x1024"}, locked=["size"])
    data = form(model, preset=str(preset.pk), preset_version="1", size="512x512")

    as_bob.post("/generations/", data, headers=headers)

    row = Generation.objects.get()
    assert (row.settings, row.preset, row.prompt.text) == (
        {"size": "1024x1024"},
        preset,
        "A lake, soft light",
    )
    assert "adds soft light" in house(as_bob.get("/"))


def test_estimate_prices_what_the_preset_fixes(as_bob, model):
    price = {"quality": "", "unit": "USD"}
    rows = [price | {"size": "", "rate": "0.01"}, price | {"size": "1024x1024", "rate": "0.05"}]
    ImageModel.objects.filter(pk=model.pk).update(prices=rows)
    preset = make_preset(settings={"size": "1024x1024"}, locked=["size"])

    response = as_bob.post("/generations/estimate/", form(model, preset=str(preset.pk)), headers=HTMX)

    assert "$0.05" in response.text


def test_create_with_a_preset_of_before_the_change_shows_what_it_fixes_now(as_bob, model):
    preset = make_preset(version=2)

    response = as_bob.post("/generations/", form(model, preset=str(preset.pk), preset_version="1"))

    assert response.status_code == 409
    assert "House style was changed meanwhile" in response.text
    assert 'name="preset_version" value="2"' in response.text
    assert not Generation.objects.exists()


def test_create_with_a_preset_that_is_gone_says_so(as_bob, model):
    response = as_bob.post("/generations/", form(model, preset=str(uuid.uuid4()), preset_version="1"))

    assert response.status_code == 422
    assert "no longer offered" in response.text
    assert not Generation.objects.exists()


def test_index_use_all_takes_the_preset_and_leaves_its_words_out_of_the_box(as_bob, bob, model):
    preset = make_preset()
    row = make_generation(bob, model, text="A lake, soft light", preset=preset, preset_version=1)

    response = as_bob.get(f"/?from={row.pk}")

    assert "adds soft light" in house(response)
    assert re.search(r"<textarea[^>]*>\s*A lake</textarea>", response.text)


def test_detail_says_the_preset_of_a_picture(as_bob, bob, model):
    row = make_generation(bob, model, preset=make_preset(), preset_version=3, state="done")
    image = make_image(bob, model, generation=row)

    assert "House style, version 3" in as_bob.get(reverse("images.detail", args=[image.pk])).text
