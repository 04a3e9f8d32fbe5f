"""What administrators read of each relay: success rate, median time, last errors, over seven days."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from studio.models import Generation, ImageModel, RelayRequest, State
from studio.services.relays import edit
from studio.services.relays import figures as relay_figures
from studio.services.relays.figures import Effort, Figures
from studio.words import requests
from tests.factories import make_generation, make_image

KEY = "sk-0123456789abcdwxyz"


@pytest.fixture
def generation(bob, model) -> Generation:
    return make_generation(bob, model, state=State.DONE)


def ask(
    model: ImageModel, generation: Generation, *, ms: int | None = 1000, days: float = 0, **facts
) -> RelayRequest:
    """A request on the wire that took so many milliseconds (None: it has not ended), some days ago."""
    left = timezone.now() - timedelta(days=days, minutes=1)
    ended = None if ms is None else left + timedelta(milliseconds=ms)
    attempt = generation.relay_requests.count() + 1
    facts = {"outcome": "" if ms is None else "done"} | facts
    return RelayRequest.objects.create(
        generation=generation, model=model, attempt=attempt, sent_at=left, ended_at=ended, **facts
    )


def of(model: ImageModel) -> Figures:
    return relay_figures.figures(relays=[model.relay])[model.relay_id]


def test_figures_relay_that_was_never_asked_has_none(model):
    assert of(model) == Figures(requests=0, success_rate=None, median_ms=None, errors=[])


@pytest.mark.parametrize(
    ("times", "median"), [([700], 700), ([900, 100, 500], 500), ([100, 200, 300, 900], 200), ([5, 5, 5], 5)]
)
def test_figures_median_is_the_middle_of_what_was_drawn(model, generation, times, median):
    for ms in times:
        ask(model, generation, ms=ms)
    ask(model, generation, ms=90_000, outcome="transient")

    assert of(model).median_ms == median


def test_figures_rate_counts_what_has_ended_in_seven_days(model, generation):
    for outcome in ("done", "done", "done", "auth", "blocked", "invalid", "rate_limited"):
        ask(model, generation, outcome=outcome)
    ask(model, generation, ms=None)
    ask(model, generation, outcome="auth", days=7)

    found = of(model)

    assert (found.requests, found.success_rate) == (4, 0.75)


def test_figures_errors_are_the_last_five_newest_first_in_our_words(model, generation):
    for kind, status in [("auth", 401), ("blocked", 400), ("unknown", None), ("done", 200)]:
        ask(model, generation, outcome=kind, status=status)
    for number in range(3):
        last = ask(
            model, generation, outcome="transient", status=500, trace_id=f"t-{number}", raw="<b>" * number
        )

    errors = of(model).errors

    assert [(error.sentence, error.trace_id, error.has_answer) for error in errors] == [
        ("The relay failed (500).", "t-2", True),
        ("The relay failed (500).", "t-1", True),
        ("The relay failed (500).", "t-0", False),
        ("Contact was lost after sending; it may have been charged.", "", False),
        ("The relay's safety system refused the prompt (400).", "", False),
    ]
    assert (errors[0].pk, errors[0].at, errors[0].generation, errors[0].model, errors[0].kind) == (
        *(last.pk, last.sent_at, generation.pk, "Sandbox Flux", "transient"),
    )


def test_figures_as_many_errors_as_are_asked_for(model, generation):
    for _ in range(7):
        ask(model, generation, outcome="auth")

    found = relay_figures.figures(relays=[model.relay], errors=6)

    assert len(found[model.relay_id].errors) == 6


def test_figures_every_kind_has_words():
    assert set(requests.ENDS) - {"empty", "broken", "not_stored", "cancelled", "done", ""} == {
        *relay_figures.Kind
    }


def test_figures_requests_of_a_stand_in_count_for_its_own_relay(model, generation):
    other = edit.add_relay(name="Other", dialect="openai", base_url="https://1.1.1.1/v1", api_key=KEY)
    stand_in = edit.add_model(relay=other, model_id="m", accepts={})
    ask(model, generation, outcome="auth", status=401)
    ask(stand_in, generation)

    found = relay_figures.figures(relays=[model.relay, other])

    assert [(found[pk].requests, found[pk].success_rate) for pk in (model.relay_id, other.pk)] == [
        (1, 0),
        (1, 1),
    ]


def test_figures_effort_shows_a_relay_that_fails_and_charges(bob, model, generation):
    for outcome, cost in (
        ("transient", "0.04"),
        ("transient", None),
        ("unknown", "0.01"),
        ("auth", "9"),
        ("done", "0.04"),
    ):
        ask(model, generation, outcome=outcome, cost=cost and Decimal(cost))
    other = make_generation(bob, model, state=State.DONE, n=2)
    ask(model, other)
    make_image(bob, model, generation=generation)
    make_image(bob, model, generation=other)
    make_image(bob, model, generation=other, unusable=True)

    effort = of(model).effort

    assert effort == Effort(requests=6, kept=2, failed=3, lost=Decimal("0.05"))
    assert effort.each == 3


def test_figures_effort_of_a_failing_relay_does_not_count_what_its_stand_in_drew(bob, model, generation):
    other = edit.add_relay(name="Other", dialect="openai", base_url="https://1.1.1.1/v1", api_key=KEY)
    ask(model, generation, outcome="transient")
    ask(edit.add_model(relay=other, model_id="m", accepts={}), generation)
    make_image(bob, model, generation=generation)

    found = relay_figures.figures(relays=[model.relay, other])

    assert [(found[pk].effort.requests, found[pk].effort.kept) for pk in (model.relay_id, other.pk)] == [
        (1, 0),
        (1, 1),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_figures_take_five_queries_however_many_relays(model, generation, number, django_assert_num_queries):
    rows = [model.relay]
    for place in range(number - 1):
        row = edit.add_relay(name=f"R{place}", dialect="openai", base_url="https://1.1.1.1/v1", api_key=KEY)
        ask(edit.add_model(relay=row, model_id="m", accepts={}), generation, outcome="auth")
        rows.append(row)
    ask(model, generation)

    with django_assert_num_queries(5):
        found = relay_figures.figures(relays=rows)
        sentences = [error.sentence for figures in found.values() for error in figures.errors]

    assert len(found) == number
    assert len(sentences) == number - 1
