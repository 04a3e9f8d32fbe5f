"""The requests a receipt lists: each try that left, what came of it, and what a blind comparison keeps to itself."""

from decimal import Decimal

import pytest
from django.utils import timezone

from studio.cards.requests import lines_of
from studio.models import Comparison, Generation, RelayRequest, State
from tests.factories import make_generation, make_image


@pytest.fixture
def drawn(bob, model) -> Generation:
    """One picture that came at the third request."""
    row = make_generation(bob, model, state=State.DONE)
    row.relay_requests.all().delete()
    for attempt, outcome, status, cost in (
        (1, "transient", 500, "0.04"),
        (2, "transient", 500, None),
        (3, "done", 200, None),
    ):
        RelayRequest.objects.create(
            generation=row,
            model=model,
            attempt=attempt,
            slots=[0],
            outcome=outcome,
            status=status,
            cost=cost and Decimal(cost),
            ended_at=timezone.now(),
            trace_id=f"t-{attempt}",
        )
    return row


def test_lines_of_tell_each_request_in_order(drawn):
    lines = lines_of(drawn)

    assert [(line.attempt, line.words, line.trace_id, line.cost, line.failed) for line in lines] == [
        (1, "The relay failed (500)", "t-1", "$0.04", True),
        (2, "The relay failed (500)", "t-2", "", True),
        (3, "Drawn", "t-3", "", False),
    ]
    assert {line.relay for line in lines} == {"Sandbox"}


def test_lines_of_a_blind_comparison_are_kept_back(bob, drawn):
    drawn.comparison = Comparison(owner=bob, prompt=drawn.prompt, blind=True)

    assert lines_of(drawn) == []


@pytest.mark.parametrize("page", ["image", "generation"])
def test_pages_list_the_requests(as_bob, bob, model, drawn, page):
    image = make_image(bob, model, generation=drawn)

    text = as_bob.get(f"/images/{image.pk}/" if page == "image" else f"/generations/{drawn.pk}/").text

    assert "3 requests to the relay" in text
    assert text.count("The relay failed (500)") == 2
    assert "trace <code>t-1</code>" in text
