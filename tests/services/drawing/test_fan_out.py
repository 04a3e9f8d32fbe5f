"""A model that draws fewer images at a time than were asked for, and a model whose stand-in draws; over real HTTP."""

from decimal import Decimal

import pytest

from studio.models import Generation, ImageModel, Relay, State, Unit
from studio.services import generations, prices
from studio.services.drawing import run
from tests.factories import make_generation
from tests.money import check_ledger, money_of


@pytest.fixture(autouse=True)
def _reached(model, sandbox) -> None:
    """The sandbox answers at the address of `model`."""


@pytest.fixture
def single(model) -> ImageModel:
    """A model that draws one image at a time."""
    model.refresh_from_db()
    model.accepts, model.per_call = {"size": ["256x256"]}, 1
    model.save()
    return model


@pytest.fixture
def stand_in(model) -> ImageModel:
    model.stand_in = ImageModel.objects.get(model_id="gpt-image-sandbox", relay__dialect="openai")
    model.save()
    return model.stand_in


def _draw(row: Generation) -> Generation:
    """Draw until the row has ended or waits for later."""
    while run.run_next():
        pass
    return Generation.objects.get(pk=row.pk)


def _requests(row: Generation) -> list[tuple[int, list[int], int | None, str]]:
    return list(row.relay_requests.order_by("attempt").values_list("attempt", "slots", "status", "outcome"))


def test_run_next_asks_for_one_image_at_a_time_each_with_its_own_ledger_row(bob, single, money):
    row = _draw(make_generation(bob, single, n=3, settings={}))

    assert (row.state, str(row.why), money(row)) == (State.DONE, "", (0, 3, 0))
    assert _requests(row) == [(1, [0], 200, "done"), (2, [1], 200, "done"), (3, [2], 200, "done")]
    assert row.images.count() == 3


def test_run_next_between_two_requests_others_take_their_turn(bob, charlie, single):
    mine = make_generation(bob, single, n=2, settings={})
    theirs = make_generation(charlie, single, settings={})

    order = [run.run_next() for _ in range(3)]

    assert order == [mine.pk, theirs.pk, mine.pk]


def test_run_next_says_how_far_it_is(bob, single, money):
    row = make_generation(bob, single, n=3, settings={})

    run.run_next()

    row.refresh_from_db()
    assert (row.state, str(row.why)) == (State.QUEUED, "1 of 3 drawn, asking for the next")
    assert money(row) == (3, 0, 0)


def test_run_next_failure_of_a_later_request_keeps_what_came(bob, single, money):
    row = make_generation(bob, single, n=3, settings={})
    run.run_next()
    Relay.objects.update(sealed_key="unreadable")

    row = _draw(row)

    assert (row.state, money(row)) == (State.FAILED, (0, 1, 0))
    assert str(row.why).startswith("1 of 3 images saved. The relay's key cannot be read.")


def test_retry_of_a_fan_out_asks_for_the_missing_ones_only(bob, single, money):
    row = make_generation(bob, single, n=3, settings={})
    run.run_next()
    generations.cancel(generation=row, person=bob)

    generations.retry(generation=Generation.objects.get(pk=row.pk), person=bob)
    row = _draw(row)

    assert (row.state, money(row)) == (State.DONE, (0, 3, 0))
    assert [slots for _, slots, _, _ in _requests(row)] == [[0], [1], [2]]


def test_run_next_two_at_a_time_with_fewer_returned_does_not_ask_twice(bob, single, money):
    ImageModel.objects.filter(pk=single.pk).update(per_call=4)
    row = _draw(make_generation(bob, single, n=6, text="[two of four]", settings={}))

    assert [slots for _, slots, _, _ in _requests(row)] == [[0, 1, 2, 3], [4, 5]]
    assert (row.state, money_of(row).spent) == (State.DONE, row.images.count())


def test_run_next_refused_key_lets_the_stand_in_draw_and_keeps_the_trail(bob, model, stand_in, money):
    row = make_generation(bob, model, text="[401]", settings={"size": "1024x1024", "seed": 7})
    Relay.objects.filter(pk=model.relay_id).update(refusals=0)

    run.run_next()
    row.refresh_from_db()
    row.prompt.text = "A lake"
    row.prompt.save()
    assert str(row.why) == "Sandbox could not draw this. Sandbox (OpenAI style) draws it instead."
    row = _draw(row)

    assert (row.state, row.drawn_by, money(row)) == (State.DONE, stand_in, (0, 1, 0))
    assert row.trail == [
        {"relay": "Sandbox", "status": 401, "kind": "auth"},
        {"relay": "Sandbox (OpenAI style)", "status": 200, "kind": ""},
    ]
    last = row.relay_requests.order_by("attempt").last()
    assert (last.model, last.dropped, last.sent) == (
        stand_in,
        ["seed"],
        {"model": "gpt-image-sandbox", "n": 1, "size": "1024x1024"},
    )


def test_run_next_pays_tokens_by_their_prices_and_keeps_how_many(alice, bob, model, stand_in):
    rows = {"text": "5", "output": "40"}
    table = [prices.row_of(Decimal(rate), Unit.USD, per=per) for per, rate in rows.items()]
    prices.set_by_hand(administrator=alice, wanted={stand_in: table})
    row = _draw(make_generation(bob, stand_in, text="A lake", n=2, settings={"quality": "low"}))

    [request] = row.relay_requests.all()
    assert request.tokens == {"text": 1, "image": 0, "output": 544}
    assert request.cost == Decimal("0.021765")
    assert (row.cost, row.cost_unit) == (21_765, "USD")
    check_ledger()


@pytest.mark.parametrize("word", ["[refuse]", "[504]", "[500]", "[not json]"])
def test_run_next_stand_in_never_draws_what_may_have_been_charged_or_was_refused(bob, model, stand_in, word):
    row = make_generation(bob, model, text=word, settings={})

    run.run_next()

    row.refresh_from_db()
    assert row.via is None


def test_run_next_stand_in_that_fails_too_is_the_end(bob, model, stand_in):
    row = _draw(make_generation(bob, model, text="[401]", settings={}))

    assert (row.state, row.attempts) == (State.FAILED, 2)
    assert [step["status"] for step in row.trail] == [401, 401]


def test_run_next_stand_in_the_person_may_not_use_draws_nothing(bob, model, stand_in):
    ImageModel.objects.filter(pk=stand_in.pk).update(least_role="moderator")

    row = _draw(make_generation(bob, model, text="[401]", settings={}))

    assert (row.state, row.attempts, row.trail) == (State.FAILED, 1, [])


def test_run_next_relay_whose_retries_are_off_fails_at_once(bob, model):
    Relay.objects.filter(pk=model.relay_id).update(retries=False)

    row = _draw(make_generation(bob, model, text="[500]", settings={}))

    assert (row.state, row.attempts) == (State.FAILED, 1)


def test_run_next_unreadable_answer_is_kept_for_an_administrator(bob, model):
    row = _draw(make_generation(bob, model, text="[not json]", settings={}))

    assert row.relay_requests.get().raw.startswith('{"created": 17, "data": [{"url":')
