"""Processes that meet at one row, one form or one quota (SAFETY §6, rows 8, 28, 37 and 38; §5, T23)."""

import json
from collections import Counter
from decimal import Decimal
from uuid import uuid4

import pytest

from studio.models import Allowance, Generation, Purse, RelayRequest, State, Unit
from studio.services import budgets, prices
from tests.factories import make_budget, make_user
from tests.faults.stage import Stage, go
from tests.money import money_of


def _submit(
    stage: Stage, *submissions: str, processes: int = 1, text: str = "A lake", n: int = 1, **environment: str
) -> Counter[tuple[str, str]]:
    """Submit all of them at once, from threads of several processes; count what came of it."""
    fields = {"text": text, "settings": {"size": "512x512"}, "n": n, "shared": True}
    order = {"person": str(stage.person.pk), "model": str(stage.model.pk), "fields": fields}
    share = len(submissions) // processes
    workers = []
    for number in range(processes):
        worker = stage.start("submit", **environment)
        mine = submissions[number * share : (number + 1) * share]
        worker.stdin.write(json.dumps(order | {"submissions": mine}) + "\n")
        worker.stdin.flush()
        workers.append(worker)
    return Counter(tuple(result) for answer in go(*workers) for result in json.loads(answer))


def _allowance(stage: Stage, *, cap: int | None = None) -> Allowance:
    row = budgets.allowance(person=stage.person)
    if cap is not None:
        Allowance.objects.filter(pk=row.pk).update(cap=cap)
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(("place", "kept"), [("holding", 0), ("submitted", 1)])
def test_row_8_submit_killed_is_absent_or_whole_and_resubmitting_gives_one(
    stage: Stage, place: str, kept: int
):
    submission = str(uuid4())
    order = {
        "person": str(stage.person.pk),
        "model": str(stage.model.pk),
        "submissions": [submission],
        "fields": {"text": "A lake", "settings": {}, "n": 3, "shared": True},
    }
    worker = stage.start("submit", STUDIO_FAILPOINT=place)
    worker.communicate(json.dumps(order) + "\ngo\n", timeout=60)

    assert worker.returncode == -9
    assert Generation.objects.count() == kept
    assert _allowance(stage).reserved == 3 * kept

    again = stage.start("submit")
    out, _ = again.communicate(json.dumps(order) + "\ngo\n", timeout=60)

    assert [name for name, _ in json.loads(out.splitlines()[-1])] == ["Generation"]
    assert money_of(Generation.objects.get()).reserved == 3
    assert _allowance(stage).reserved == 3


def test_row_28_finished_generation_handed_out_again_is_left_alone(stage: Stage):
    row = stage.submit(n=1)
    stage.finish()
    before = Generation.objects.values().get(pk=row.pk)

    stage.run("draw", str(row.pk))
    stage.run("draw")

    assert Generation.objects.values().get(pk=row.pk) == before
    assert stage.requests(row) == 1


def test_row_37_many_workers_race_each_row_is_claimed_once(stage: Stage):
    rows = [stage.submit(n=1) for _ in range(8)]

    go(*[stage.start("race") for _ in range(3)])

    assert [stage.state(row) for row in rows] == [State.DONE] * 8
    assert [stage.requests(row) for row in rows] == [1] * 8
    assert RelayRequest.objects.count() == 8


def test_row_37_two_reapers_race_each_row_is_taken_over_once(stage: Stage):
    rows = [stage.submit(n=1) for _ in range(6)]
    for row in rows:
        Generation.objects.filter(pk=row.pk).update(
            state=State.CLAIMED, claimed_by="dead", lease_at="2026-01-01T00:00Z"
        )

    taken = go(stage.start("reap"), stage.start("reap"))

    assert sum(map(int, taken)) == 6
    assert {(row.state, row.claimed_by) for row in Generation.objects.all()} == {("queued", "")}


def test_row_37_two_reapers_of_a_lost_row_presume_it_once(stage: Stage):
    row = stage.submit(n=4)
    stage.run("draw", str(row.pk), STUDIO_FAILPOINT="answering")
    Generation.objects.filter(pk=row.pk).update(lease_at="2026-01-01T00:00Z")

    taken = go(stage.start("reap"), stage.start("reap"))

    assert sum(map(int, taken)) == 1
    assert (_allowance(stage).reserved, _allowance(stage).spent) == (0, 4)


def test_row_38_same_submission_many_times_at_once_is_one_generation(stage: Stage):
    submission = str(uuid4())

    results = _submit(stage, *[submission] * 8, processes=2, n=2)

    row = Generation.objects.get()
    assert results == {("Generation", str(row.pk)): 8}
    assert _allowance(stage).reserved == 2


def test_row_38_same_submission_at_the_very_cap_is_one_generation_and_no_refusal(stage: Stage):
    _allowance(stage, cap=2)
    submission = str(uuid4())

    results = _submit(stage, *[submission] * 8, processes=2, n=2)

    row = Generation.objects.get()
    assert results == {("Generation", str(row.pk)): 8}


def test_row_38_same_submission_with_other_words_is_a_conflict(stage: Stage):
    submission = str(uuid4())
    _submit(stage, submission)

    results = _submit(stage, submission, text="Another lake")

    assert results == {
        ("Conflict", "This form was already sent with other content. Reload the page and try again."): 1
    }
    assert Generation.objects.count() == 1
    assert _allowance(stage).reserved == 1


def test_t23_fifty_at_once_at_the_cap_get_exactly_what_is_left(stage: Stage):
    _allowance(stage, cap=20)

    results = _submit(stage, *[str(uuid4()) for _ in range(50)], processes=2)

    refused = ("OverBudget", "Your quota for this month is used up (20 of 20).")
    assert results[refused] == 30
    assert sum(count for (name, _), count in results.items() if name == "Generation") == 20
    assert Generation.objects.count() == 20
    assert (_allowance(stage).reserved, _allowance(stage).spent) == (20, 0)


def test_t23_fifty_at_once_at_a_budget_in_money_get_exactly_what_is_left(stage: Stage):
    stage.model.prices = [prices.row_of(Decimal("0.04"), Unit.USD)]
    stage.model.save(update_fields=["prices"])
    make_budget(make_user("Alice", role="administrator"), cap=500_000)
    make_budget(make_user("Zoe", role="administrator"), each=True, period="day", cap=280_000)

    results = _submit(stage, *[str(uuid4()) for _ in range(50)], processes=5)

    names = Counter(name for name, _ in results.elements())
    assert names == {"Generation": 7, "OverBudget": 43}
    assert list(Purse.objects.order_by("pk").values_list("reserved", flat=True)) == [280_000, 280_000]


def test_t25_fifty_at_once_fill_the_queue_exactly(stage: Stage):
    results = _submit(stage, *[str(uuid4()) for _ in range(50)], processes=2, STUDIO_QUEUE_PER_PERSON="20")

    assert results[("TooMany", "You already have 20 images waiting.")] == 30
    assert Generation.objects.count() == 20
    assert _allowance(stage).reserved == 20


def test_claim_one_among_forty_of_another_is_served_second(stage: Stage):
    alice = make_user("Alice")
    for _ in range(40):
        stage.submit("[refuse] Forty", person=alice)
    mine = stage.submit("[refuse] One")

    stage.run("draw")

    order = list(RelayRequest.objects.order_by("sent_at", "pk").values_list("generation", flat=True))
    assert len(order) == 41
    assert order.index(mine.pk) == 1
