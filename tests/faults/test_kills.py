"""A worker is killed with -9 at every step of the paid-call protocol (SAFETY §6, rows 1 to 6)."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import override_settings

from studio.models import Generation, Image, LedgerEntry, Purse, Rate, SlotState, State, Unit
from studio.services import leftovers, prices
from tests.factories import make_budget, make_user
from tests.faults import invariants
from tests.faults.stage import Stage
from tests.money import money_of
from tests.said import LOST_CONTACT

RATE = Rate(Decimal("5000.5"), Unit.UNITS)


@dataclass(frozen=True)
class Step:
    """Where the worker dies: the row's state then and in the end, and the requests that the relay saw."""

    place: str
    then: State
    ends: State
    requests: int
    row: int


STEPS = [
    Step("ticket", State.QUEUED, State.DONE, 1, 1),
    Step("claimed", State.CLAIMED, State.DONE, 1, 1),
    Step("sent", State.SENT, State.UNKNOWN, 0, 2),
    Step("answering", State.SENT, State.UNKNOWN, 1, 3),
    Step("spooling", State.SENT, State.UNKNOWN, 1, 4),
    Step("spooled", State.SENT, State.DONE, 1, 5),
    Step("received", State.RECEIVED, State.DONE, 1, 5),
    Step("stored-1", State.RECEIVED, State.DONE, 1, 5),
    Step("stored-2", State.RECEIVED, State.DONE, 1, 5),
    Step("stored", State.RECEIVED, State.DONE, 1, 5),
    Step("settling", State.RECEIVED, State.DONE, 1, 5),
    Step("settled", State.DONE, State.DONE, 1, 6),
]


@dataclass(frozen=True)
class Casualty:
    """A generation whose worker died, and what was seen right after."""

    generation: Generation
    status: int
    then: State
    leftovers: list[str]


@pytest.fixture(scope="module")
def casualties(common_stage: Stage, kills: int) -> dict[str, list[Casualty]]:
    """Kill a worker `kills` times, evenly over the steps; then let one clean worker finish everything."""
    seed = random.randrange(10**6)
    print(f"tests/faults/test_kills.py: {kills} kills, seed {seed}")
    chance = random.Random(seed)
    quick = override_settings(
        QUEUE_PER_PERSON=10**6,
        MONTHLY_IMAGES=10**6,
        SPOOL_DIR=common_stage.spool,
        TASKS={"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}},
    )
    with quick:
        _set_prices(common_stage)
        plan = [
            (STEPS[number % len(STEPS)], _submit(common_stage, chance, number)) for number in range(kills)
        ]
    with ThreadPoolExecutor(2) as executor:
        dead = list(executor.map(lambda each: _kill(common_stage, *each), plan))
    found: dict[str, list[Casualty]] = {step.place: [] for step in STEPS}
    for (step, _), casualty in zip(plan, dead, strict=True):
        found[step.place].append(casualty)
    invariants.check()
    common_stage.finish()
    return found


def _set_prices(stage: Stage) -> None:
    """Let an image cost half a unit more than a whole number, and count it in three budgets."""
    stage.model.prices = [prices.row_of(RATE.each, RATE.unit)]
    stage.model.save(update_fields=["prices"])
    alice = make_user("Alice", role="administrator")
    make_budget(alice, unit=Unit.UNITS, cap=10**12)
    make_budget(alice, unit=Unit.UNITS, cap=10**12, each=True, period="day")
    make_budget(alice, unit=Unit.IMAGES, cap=10**9, period="week")


def _submit(stage: Stage, chance: random.Random, number: int) -> Generation:
    """Ask for 1 to 4 images, every other time as base64; the second of them must exist to die after it."""
    least = 2 if STEPS[number % len(STEPS)].place == "stored-2" else 1
    answer = chance.choice(["url", "b64_json"])
    return stage.submit(n=chance.randint(least, 4), response_format=answer)


def _kill(stage: Stage, step: Step, row: Generation) -> Casualty:
    """Kill a worker at the step and look at once: another worker takes over after the lease."""
    status = stage.run("draw", str(row.pk), STUDIO_FAILPOINT=step.place)
    try:
        return Casualty(row, status, stage.state(row), stage.leftovers(row))
    finally:
        connection.close()


def _after(casualties: dict[str, list[Casualty]], step: Step) -> list[tuple[Casualty, Generation]]:
    """Pair each casualty of a step with its row as it ended."""
    if not casualties[step.place]:
        pytest.skip("fewer kills than steps")
    return [(each, Generation.objects.get(pk=each.generation.pk)) for each in casualties[step.place]]


by_step = pytest.mark.parametrize("step", STEPS, ids=lambda step: f"row_{step.row}-{step.place}")


@by_step
def test_worker_killed_leaves_the_row_as_it_was(step: Step, casualties):
    pairs = _after(casualties, step)

    assert {(each.status, each.then) for each, _ in pairs} == {(-9, step.then)}


@by_step
def test_worker_killed_ends_in_the_state_of_the_table(step: Step, casualties):
    pairs = _after(casualties, step)

    sentence = LOST_CONTACT if step.ends == State.UNKNOWN else ""
    assert {(row.state, str(row.why)) for _, row in pairs} == {(step.ends, sentence)}


@by_step
def test_worker_killed_relay_is_asked_at_most_once(step: Step, casualties, common_stage: Stage):
    pairs = _after(casualties, step)

    assert {common_stage.requests(row) for _, row in pairs} == {step.requests}
    assert {row.relay_requests.count() for _, row in pairs} == {1}


@by_step
def test_worker_killed_pictures_are_kept_once(step: Step, casualties, common_stage: Stage):
    for _, row in _after(casualties, step):
        saved = row.n if step.ends == State.DONE else 0

        keys = sorted(row.images.values_list("key", flat=True))
        files = common_stage.originals(row)

        assert len(keys) == saved
        assert [f"originals/{row.token}/{row.pk}/{path.name}" for path in files] == keys
        assert row.slots.filter(state=SlotState.SAVED).count() == saved


@by_step
def test_worker_killed_money_is_spent_or_presumed(step: Step, casualties):
    for _, row in _after(casualties, step):
        done = step.ends == State.DONE

        assert money_of(row) == (0, row.n, 0) if done else (0, 0, row.n)


@by_step
def test_worker_killed_costs_what_its_pictures_cost(step: Step, casualties):
    for _, row in _after(casualties, step):
        done = step.ends == State.DONE
        entries = LedgerEntry.objects.filter(generation=row.pk, unit=RATE.unit)

        assert entries.balance() == ((0, RATE.of(row.n), 0) if done else (0, 0, RATE.of(row.n)))
        assert row.cost == (RATE.of(row.n) if done else 0)


def test_after_all_kills_ledger_counters_and_the_relays_own_ledger_agree(casualties, common_stage: Stage):
    rows = [row for step in STEPS for _, row in _after(casualties, step)]
    billed = sum(RATE.of(row.n) for row in rows if common_stage.requests(row))
    never_left = sum(RATE.of(each.generation.n) for each in casualties["sent"])

    balance = LedgerEntry.objects.filter(unit=RATE.unit).balance()
    assert (balance.reserved, balance.spent + balance.presumed - never_left) == (0, billed)
    by_unit = Purse.objects.values_list("budget__unit").annotate(Sum("reserved"), Sum("spent"))
    assert {unit: rest for unit, *rest in by_unit} == {
        "units": [0, 2 * (billed + never_left)],
        "images": [0, sum(row.n for row in rows)],
    }
    assert sum(row.cost or 0 for row in rows) == balance.spent


def test_row_6_settled_leftover_spool_is_removed_by_the_clean_up(casualties, common_stage: Stage):
    settled = casualties["settled"]
    assert [each.leftovers for each in settled] == [[".spool"]] * len(settled)

    with override_settings(SPOOL_DIR=common_stage.spool):
        leftovers.remove()

    assert [common_stage.leftovers(each.generation) for each in settled] == [[]] * len(settled)


def test_after_all_kills_rows_money_and_requests_agree(casualties):
    invariants.check()

    assert Generation.objects.active().count() == 0
    assert Image.objects.undeveloped().count() == 0
