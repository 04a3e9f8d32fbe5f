"""Grids: the plan and its sum, all cells or none, the line of their own, and what is taken back."""

from uuid import uuid4

import pytest

from studio.errors import Conflict, OverBudget, StudioError, TooMany
from studio.models import Act, Allowance, AuditEntry, Case, Generation, Grid, Prompt, State
from studio.services import budgets, generations, grids
from studio.services.grids import GridOrder
from studio.services.orders import Order
from studio.services.screening import shelf
from studio.services.screening.gate import Screened
from tests.factories import make_generation, make_preset
from tests.money import money_of
from tests.services.screening.test_gate import make_rule

pytestmark = pytest.mark.django_db

LIGHTS = "A lake, {light: dawn|noon|dusk}"


def wish(*models, **fields) -> GridOrder:
    return GridOrder(models=models, **{"text": LIGHTS, "shared": True} | fields)


def start(person, *models, **fields) -> Grid:
    key, acknowledged = fields.pop("submission_id", None) or uuid4(), fields.pop("acknowledged", "")
    return grids.start(
        person=person, submission_id=key, wish=wish(*models, **fields), acknowledged=acknowledged
    )


def texts(table) -> list[str]:
    return [order.text for _, order in table.drawn]


# The plan


def test_plan_of_a_field_has_a_cell_for_each_value(model):
    table = grids.plan(wish(model))

    assert texts(table) == ["A lake, dawn", "A lake, noon", "A lake, dusk"]
    assert (table.images, table.left_out, len(table.axes)) == (3, 0, 1)


def test_plan_the_longer_of_two_goes_down_and_settings_differ_across(model):
    one, other = model.accepted.named("size")[:2]

    table = grids.plan(wish(model, values={"size": [one, other], "seed": [7]}, n=2))

    assert [(axis.kind, axis.name) for axis in table.axes] == [("field", "light"), ("setting", "size")]
    first, second = table.cells[0], table.cells[1]
    assert (first.settings, second.settings) == (
        {"size": one, "seed": 7},
        {"size": other, "seed": 7},
    )
    assert table.images == 12


def test_plan_leaves_out_what_a_model_does_not_draw(model, plain_model):
    other = next(size for size in model.accepted.named("size") if size != "1024x1024")

    table = grids.plan(wish(model, plain_model, text="A lake", values={"size": ["1024x1024", other]}))

    assert table.left_out == 1
    assert {(order.model, order.settings["size"]) for _, order in table.drawn} == {
        (model, "1024x1024"),
        (model, other),
        (plain_model, "1024x1024"),
    }


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": "A lake"}, "Choose several values of something"),
        ({"text": "{a: b|c} {d: e|f} {g: h|i}"}, "Several values stand for a, d and g"),
        ({"values": {"seed": list(range(40))}}, "A grid has at most 100 images"),
        ({"values": {"seed": list(range(12))}, "n": 3}, "A grid has at most 100 images"),
    ],
)
def test_plan_of_what_is_no_table_or_too_large_is_refused(model, fields, sentence):
    with pytest.raises(StudioError, match=sentence):
        grids.plan(wish(model, **fields))


def test_plan_without_anything_that_is_drawn_is_refused(plain_model):
    with pytest.raises(StudioError, match="No model draws any"):
        grids.plan(wish(plain_model, values={"size": ["512x512"]}))


# Starting


def test_start_makes_ordinary_generations_and_reserves_one_sum(bob, model):
    row = start(bob, model, n=2)

    cells = list(row.cells.order_by("cell"))
    assert [(cell.cell, cell.prompt.text, cell.state, cell.n) for cell in cells] == [
        (0, "A lake, dawn", State.QUEUED, 2),
        (1, "A lake, noon", State.QUEUED, 2),
        (2, "A lake, dusk", State.QUEUED, 2),
    ]
    assert [money_of(cell).reserved for cell in cells] == [2, 2, 2]
    assert Allowance.objects.get().reserved == 6
    assert AuditEntry.objects.get(action="grid.started").detail["images"] == 6
    assert Prompt.objects.count() == 3


def test_start_same_id_again_is_the_same_grid_and_reserves_once(bob, model):
    key = uuid4()

    first, again = start(bob, model, submission_id=key), start(bob, model, submission_id=key)

    assert (first, Generation.objects.count(), Allowance.objects.get().reserved) == (again, 3, 3)


def test_start_same_id_as_another_person_is_their_own(bob, charlie, model):
    key = uuid4()
    rows = [start(person, model, submission_id=key) for person in (bob, charlie)]

    assert [row.owner for row in rows] == [bob, charlie]


def test_start_counts_what_waits_of_ones_own_grids_alone(bob, charlie, model, monkeypatch):
    monkeypatch.setattr(grids, "IMAGES", 3)
    rows = [start(person, model) for person in (charlie, bob)]

    assert [row.owner for row in rows] == [charlie, bob]
    with pytest.raises(TooMany):
        start(bob, model)


def test_start_same_id_with_other_content_raises_conflict(bob, model):
    key = uuid4()
    start(bob, model, submission_id=key)

    with pytest.raises(Conflict):
        start(bob, model, submission_id=key, n=2)


def test_start_over_budget_writes_nothing_and_says_the_sum(bob, model):
    budgets.allowance(person=bob)
    Allowance.objects.update(cap=5)

    with pytest.raises(OverBudget, match="Only 5 of your 5 images are left this month, and this grid has 6"):
        start(bob, model, n=2)

    assert not Grid.objects.exists()
    assert not Generation.objects.exists()
    assert Allowance.objects.get().reserved == 0


def test_start_has_a_line_of_its_own_beside_the_queue(bob, model, settings):
    settings.QUEUE_PER_PERSON = 2
    start(bob, model)

    order = Order(model=model, text="A hill", n=2, shared=True)
    generations.submit(person=bob, submission_id=uuid4(), order=order)

    with pytest.raises(TooMany, match="3 images of your grids still wait"):
        start(bob, model, values={"seed": list(range(33))}, text="A {a: b|c|d}")


def test_start_keeps_to_a_preset(bob, model):
    preset = make_preset(settings={"size": "1024x1024"}, locked=["size"])

    row = start(bob, model, preset=preset, preset_version=1)

    cell = row.cells.get(cell=0)
    assert (cell.prompt.text, cell.settings, cell.preset) == (
        "A lake, dawn, soft light",
        {"size": "1024x1024"},
        preset,
    )


# Rules


def test_start_with_a_blocked_value_draws_nothing(bob, model, alice):
    make_rule(alice, act=Act.BLOCK, words="dusk")
    shelf.expire()

    with pytest.raises(Screened):
        start(bob, model)

    assert not Generation.objects.exists()


def test_start_finds_a_phrase_that_only_a_cell_says(bob, model, alice):
    make_rule(alice, act=Act.BLOCK, words="lake dusk")
    shelf.expire()

    with pytest.raises(Screened):
        start(bob, model, text="A lake {light: dawn|dusk}")


def test_start_holds_only_the_cells_that_a_rule_holds(bob, model, alice):
    make_rule(alice, act=Act.HOLD, words="lake dusk")
    shelf.expire()

    row = start(bob, model, text="A lake {light: dawn|dusk}")

    assert list(row.cells.order_by("cell").values_list("state", flat=True)) == [State.QUEUED, State.HELD]
    assert Case.objects.count() == 1


def test_start_after_a_warning_was_read_draws_all(bob, model, alice):
    make_rule(alice, act=Act.WARN, words="dusk")
    shelf.expire()
    with pytest.raises(Screened) as caught:
        start(bob, model)

    row = start(bob, model, acknowledged=caught.value.findings.token)

    assert row.cells.count() == 3


# Taking back


def test_cancel_takes_back_what_waits_and_frees_it(bob, model):
    row = start(bob, model)
    Generation.objects.filter(cell=0).update(state=State.SENT)

    assert grids.cancel(grid=row, person=bob) == 2

    assert list(row.cells.order_by("cell").values_list("state", flat=True)) == [
        State.SENT,
        State.CANCELLED,
        State.CANCELLED,
    ]
    assert Allowance.objects.get().reserved == 1


def test_cancel_of_anothers_grid_changes_nothing(bob, charlie, model):
    row = start(bob, model)

    assert grids.cancel(grid=row, person=charlie) == 0
    assert row.cells.in_state(State.QUEUED).count() == 3


# Who sees it


def test_visible_to_is_ones_own_and_what_has_a_shared_cell(bob, charlie, model):
    private = start(bob, model, shared=False)
    shared = start(bob, model, text="B {a: c|d}")

    assert set(Grid.objects.visible_to(charlie)) == {shared}
    assert set(Grid.objects.visible_to(bob)) == {private, shared}


def test_alone_has_no_cells(bob, model):
    start(bob, model)
    own = make_generation(bob, model)

    assert list(Generation.objects.alone()) == [own]
