"""Grids: the form and its sum, the table, the card in the feed, and what others see of them."""

import html
import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

from studio.models import Generation, Grid, ImageModel, State
from studio.services import grids
from studio.services.grids import GridOrder
from tests.factories import make_generation, make_image, make_preset

HTMX = {"HX-Request": "true"}
NEW, CREATE = "/grids/new/", "/grids/"
LIGHTS = "A lake, {light: dawn|dusk}"


def form(*models, **changes: Any) -> dict[str, Any]:
    facts = {"submission_id": str(uuid.uuid4()), "prompt": LIGHTS, "n": "1", "shared": "1"}
    return facts | {"models": [str(model.pk) for model in models]} | changes


def make_grid(person, model, **fields) -> Grid:
    wish = GridOrder(**{"models": (model,), "text": LIGHTS, "shared": True} | fields)
    return grids.start(person=person, submission_id=uuid.uuid4(), wish=wish)


def finish(row: Grid, **fields) -> None:
    for cell in row.cells.order_by("cell"):
        make_image(row.owner, cell.model, generation=cell, content=None, **fields)
    row.cells.update(state=State.DONE)


def at(row: Grid, name: str = "detail") -> str:
    return reverse(f"grids.{name}", args=[row.pk])


def words(response) -> str:
    main = response.text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


# The form


def test_new_offers_every_value_of_the_model(as_bob, model):
    response = as_bob.get(NEW)

    for value in model.accepted.named("size"):
        assert f'name="size" value="{value}"' in response.text
    assert 'name="seed" value=""' in response.text


def test_new_tells_two_models_of_one_name_apart(as_bob, model, plain_model):
    ImageModel.objects.update(label="Flux")

    said = words(as_bob.get(NEW))

    assert [f"Flux, {each.relay.name}" in said for each in (model, plain_model)] == [True, True]


def test_new_says_the_sum_before_it_is_sent(as_bob, model):
    sizes = model.accepted.named("size")[:2]

    response = as_bob.post(NEW, form(model, size=sizes, n="2"), headers=HTMX)

    assert "4 cells, 8 images together." in response.text
    assert "light: dawn, dusk" in response.text
    assert "<!doctype html>" not in response.text


def test_new_says_one_price_for_all_cells(as_bob, model, plain_model):
    price = {"size": "", "quality": "", "unit": "USD"}
    ImageModel.objects.filter(pk=model.pk).update(prices=[price | {"rate": "0.03"}])
    ImageModel.objects.filter(pk=plain_model.pk).update(prices=[price | {"rate": "0.01"}])

    response = as_bob.post(NEW, form(model, plain_model, n="2"), headers=HTMX)

    assert "4 cells, 8 images together, about $0.16." in response.text
    assert "8 images · about $0.16" in response.text


def test_new_without_javascript_is_the_whole_page(as_bob, model):
    response = as_bob.post(NEW, form(model))

    assert "<!doctype html>" in response.text
    assert "2 cells, 2 images together." in response.text


def test_new_says_what_is_missing(as_bob, model):
    response = as_bob.post(NEW, form(model, prompt="A lake"), headers=HTMX)

    assert "Choose several values of something" in response.text


def test_new_takes_over_what_stands_in_the_composer(as_bob, model):
    size = model.accepted.named("size")[1]
    data = {"model": str(model.pk), "prompt": "A lake", "size": size, "seed": "7", "n": "4", "shared": "0"}

    response = as_bob.post(NEW, data)

    assert re.search(rf'name="size" value="{size}" autocomplete="off" checked', response.text)
    assert 'name="seed" value="7"' in response.text
    assert re.search(r'id="shared-0"[^>]* checked', response.text)


def test_new_from_a_grid_asks_for_the_same_again(as_bob, bob, model):
    row = make_grid(bob, model, values={"seed": [1, 2]})

    response = as_bob.get(f"{NEW}?from={row.pk}")

    assert 'name="seed" value="1, 2"' in response.text
    assert "4 cells, 4 images together." in response.text


def test_new_from_a_private_grid_of_another_is_not_found(as_charlie, bob, model):
    row = make_grid(bob, model, shared=False)

    assert as_charlie.get(f"{NEW}?from={row.pk}").status_code == 404


# Sending


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_create_starts_it_once(as_bob, model, headers):
    data = form(model, seed="1, 2, 2")

    first, again = (as_bob.post(CREATE, data, headers=headers) for _ in range(2))

    row = Grid.objects.get()
    assert (first.status_code, first["Location"], again["Location"]) == (303, at(row), at(row))
    assert sorted(row.cells.values_list("prompt__text", "settings__seed")) == [
        ("A lake, dawn", 1),
        ("A lake, dawn", 2),
        ("A lake, dusk", 1),
        ("A lake, dusk", 2),
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"prompt": ""}, "Write what you want to see."),
        ({"models": []}, "Choose at least one model."),
        ({"models": [str(uuid.uuid4())]}, "A model that you chose is no longer offered."),
        ({"seed": "1, many"}, "Seed is a number from 0 to"),
        ({"size": ["7x7"]}, "This model does not take this size."),
        ({"n": "11"}, "The count is a number from 1 to 10."),
        ({"seed": ",".join(map(str, range(60)))}, "A grid has at most 100 images."),
        ({"preset": str(uuid.uuid4())}, "no longer offered"),
    ],
)
def test_create_bad_input_is_422_and_keeps_what_was_typed(as_bob, model, typed, sentence):
    response = as_bob.post(CREATE, form(model, negative_prompt="no boats") | typed)

    assert response.status_code == 422
    assert sentence in html.unescape(response.text)
    assert "no boats" in response.text
    assert not Grid.objects.exists()


def test_create_keeps_to_a_preset(as_bob, model):
    size = model.accepted.named("size")[0]
    preset = make_preset(settings={"size": size}, locked=["size"])
    other = model.accepted.named("size")[1]

    as_bob.post(CREATE, form(model, preset=str(preset.pk), preset_version="1", size=[other]))

    assert list(Generation.objects.values_list("settings", flat=True)) == [{"size": size}] * 2


# The table


def test_detail_of_one_axis_is_a_strip_and_of_two_a_table(as_bob, bob, model):
    strip, table = make_grid(bob, model), make_grid(bob, model, values={"seed": [1, 2]})

    assert "grid__strip" in as_bob.get(at(strip)).text
    page = as_bob.get(at(table)).text
    assert re.findall(r'<th scope="(\w+)" dir="auto">([^<]*)<', page) == [
        ("col", "1"),
        ("col", "2"),
        ("row", "dawn"),
        ("row", "dusk"),
    ]


def test_detail_shows_each_picture_in_its_cell(as_bob, bob, model):
    row = make_grid(bob, model)
    finish(row)

    response = as_bob.get(at(row))

    labels = re.findall(r'data-viewer aria-label="([^"]*)"', response.text)
    assert labels == ["dawn: picture 1 of 1", "dusk: picture 1 of 1"]
    assert "Take back what waits" not in response.text


def test_detail_says_how_far_it_is_and_takes_back_what_waits(as_bob, bob, model):
    row = make_grid(bob, model)

    assert "0 of 2 cells done" in words(as_bob.get(at(row)))
    response = as_bob.post(at(row, "cancellation"), follow=True)

    assert "2 cells taken back." in words(response)
    assert set(row.cells.values_list("state", flat=True)) == {State.CANCELLED}


def test_detail_shows_others_only_what_is_shared(as_charlie, bob, model):
    row = make_grid(bob, model, text="A lake, {light: dawn|nightfall}")
    finish(row)
    hidden = row.cells.get(cell=1)
    hidden.images.update(shared=False)
    Generation.objects.filter(pk=hidden.pk).update(shared=False)

    page = as_charlie.get(at(row))

    assert re.findall(r'data-viewer aria-label="([^"]*)"', page.text) == ["dawn: picture 1 of 1"]
    assert "nightfall" not in page.text
    assert "A lake, dawn" in page.text
    assert "1 image " in words(page)
    live = f"{reverse('live.index')}?c=r{row.pk.hex}.-1.0.none&c=t{row.pk.hex}.-1.0.none"
    assert [text for text in (f"{NEW}?from={row.pk}", live) if "nightfall" in as_charlie.get(text).text] == []
    assert as_charlie.post(at(row, "cancellation")).status_code == 404


def test_detail_of_a_private_grid_is_not_found_for_others(as_charlie, as_alice, bob, model):
    row = make_grid(bob, model, shared=False)

    assert [client.get(at(row)).status_code for client in (as_charlie, as_alice)] == [404, 404]


@pytest.mark.parametrize("seeds", [1, 3])
def test_detail_asks_the_same_number_of_queries(as_bob, bob, model, django_assert_num_queries, seeds):
    row = make_grid(bob, model, values={"seed": list(range(seeds))})
    finish(row)
    as_bob.get(at(row))

    with django_assert_num_queries(8):
        as_bob.get(at(row))


def test_live_sends_the_table_that_has_changed(as_bob, bob, model):
    row = make_grid(bob, model)
    finish(row)

    response = as_bob.get(f"{reverse('live.index')}?c=t{row.pk.hex}.-1.0.none")

    assert f'id="grid-{row.pk}"' in response.text
    assert 'hx-swap-oob="outerMorph"' in response.text


# The feed


def test_index_shows_a_grid_as_one_card(as_bob, bob, model):
    row = make_grid(bob, model)
    finish(row)
    make_generation(bob, model, text="A hill")

    response = as_bob.get("/")

    assert response.text.count("<article") == 2
    assert f'id="grid-{row.pk}"' in response.text
    assert "Grid: 2 light" in words(response)


@pytest.mark.parametrize("rows", [1, 3])
def test_index_with_grids_asks_the_same_number_of_queries(
    as_bob, bob, model, django_assert_num_queries, rows
):
    for number in range(rows):
        finish(make_grid(bob, model, text=f"{number} {{a: b|c}}"))
    as_bob.get("/")

    with django_assert_num_queries(11):
        as_bob.get("/")


def test_live_sends_the_card_that_has_changed(as_bob, bob, model):
    row = make_grid(bob, model)

    response = as_bob.get(f"{reverse('live.index')}?c=r{row.pk.hex}.-1.0.none")

    assert "0 of 2 cells done" in response.text


def test_cell_has_a_page_of_its_own_that_leads_back(as_bob, bob, model):
    row = make_grid(bob, model)
    cell = row.cells.get(cell=0)

    page = as_bob.get(reverse("generations.detail", args=[cell.pk]))
    response = as_bob.post(reverse("generations.cancellation", args=[cell.pk]))

    assert at(row) in page.text
    assert response["Location"] == reverse("generations.detail", args=[cell.pk])
