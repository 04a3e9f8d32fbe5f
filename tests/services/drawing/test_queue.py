"""Every question the queue asks is answered from an index on the state, however much was ever drawn."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from studio.models import Generation, ImageModel, Relay, State
from studio.models.states import RUNNING
from studio.services.drawing import claims, leases, line
from tests.factories import make_generation

pytestmark = pytest.mark.django_db
rows = Generation.objects
by_state = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL plans by what the tables hold"
)

QUESTIONS: dict[str, Callable[[ImageModel], QuerySet]] = {
    "ready": lambda model: rows.ready(),
    "asking": lambda model: rows.asking(model.relay),
    "abandoned": lambda model: rows.abandoned(timedelta(seconds=30)),
    "running": lambda model: rows.in_state(*RUNNING),
}


@pytest.fixture(autouse=True)
def crowd(bob, charlie, model) -> None:
    """A row of each state, and more that have ended than have not."""
    for person in (bob, charlie):
        for state in [*State, *[State.DONE] * 10]:
            make_generation(person, model, state=state)


def _plans(queries: CaptureQueriesContext) -> list[str]:
    """Return how SQLite goes about each of these questions that looks at generations."""
    asked = [row["sql"] for row in queries if row["sql"].startswith("SELECT")]
    with connection.cursor() as cursor:
        steps = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall() for sql in asked]
    plans = ["\n".join(str(step[-1]) for step in plan) for plan in steps]
    return [plan for plan in plans if "studio_generation" in plan]


def _by_state(plan: str) -> bool:
    """Say whether each look at the generations goes along the index on the state."""
    looks = [line for line in plan.splitlines() if " studio_generation" in line]
    return bool(looks) and all("SEARCH" in look and "generation_active (state=?" in look for look in looks)


@pytest.mark.parametrize("question", QUESTIONS)
def test_question_of_the_queue_can_be_explained(model, question: str):
    found = QUESTIONS[question](model)

    assert len(found) > 0 or question == "abandoned"
    assert found.explain()


@by_state
@pytest.mark.parametrize("question", QUESTIONS)
def test_question_of_the_queue_goes_along_the_index(model, question: str):
    plan = QUESTIONS[question](model).explain()

    assert _by_state(plan), plan


@by_state
@pytest.mark.parametrize("limits", [{}, {"at_once": 100, "per_minute": 100}], ids=["free", "limited"])
def test_claim_next_goes_along_the_index_at_every_step(model, limits: dict[str, int]):
    Relay.objects.update(**limits)

    with CaptureQueriesContext(connection) as queries:
        row = claims.claim_next("me")

    *plans, own = _plans(queries)
    assert row is not None
    assert len(plans) >= 3
    assert "generation_active" not in own  # the row itself, by its id
    assert [plan for plan in plans if not _by_state(plan)] == []


@by_state
@pytest.mark.parametrize(
    "act", [leases.reap, leases.replace_lost_tickets, line.look], ids=lambda act: act.__name__
)
def test_heartbeat_and_cards_go_along_the_index(act):
    with CaptureQueriesContext(connection) as queries:
        act()

    assert [plan for plan in _plans(queries) if not _by_state(plan)] == []
    assert _plans(queries)
