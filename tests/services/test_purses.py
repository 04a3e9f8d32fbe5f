"""Budgets in images, units and money, of one person, of each and of all together."""

import datetime
from collections import Counter
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict, OverBudget
from studio.models import Generation, Period, Purse, Rate, Role, SlotState, Unit, Whom
from studio.services import budget_rules, budgets, generations, prices, purses
from studio.services.drawing import settlement
from studio.services.drawing.settlement import AnswerFacts
from studio.services.orders import Order
from tests.factories import make_budget, make_user
from tests.money import check_ledger
from tests.services.test_races import Rival

pytestmark = pytest.mark.django_db
CENT = 10_000
FOUR_CENTS = Rate(Decimal("0.04"), Unit.USD)


def priced(model, rate: str = "0.04", unit: Unit = Unit.USD):
    model.prices = [prices.row_of(Decimal(rate), unit)]
    model.save(update_fields=["prices"])
    return model


def submit(person, model, n: int = 1):
    order = Order(model=model, text="A lake", n=n, shared=True)
    return generations.submit(person=person, submission_id=uuid4(), order=order)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period.DAY, datetime.date(2026, 12, 31), datetime.date(2027, 1, 1)),
        (Period.WEEK, datetime.date(2026, 12, 28), datetime.date(2027, 1, 4)),
        (Period.MONTH, datetime.date(2026, 12, 1), datetime.date(2027, 1, 1)),
    ],
)
def test_period_begins_and_ends(period: Period, start, end):
    assert (period.start(datetime.date(2026, 12, 31)), period.end(datetime.date(2026, 12, 31))) == (
        start,
        end,
    )


def test_submit_reserves_what_it_costs_and_settlement_counts_what_came(alice, bob, model):
    budget = make_budget(alice)
    row = submit(bob, priced(model), n=4)
    [purse] = Purse.objects.all()
    assert (purse.budget, purse.reserved, purse.spent, row.rate) == (budget, 16 * CENT, 0, Decimal("0.04"))

    settle(row, spent=3, presumed=1)

    row.refresh_from_db()
    purse.refresh_from_db()
    assert (purse.reserved, purse.spent) == (0, 16 * CENT)
    assert (row.cost, row.cost_unit) == (12 * CENT, "USD")
    check_ledger()


def settle(row, **facts) -> None:
    books = budgets.open_reservation(generation=row, round=row.round)
    assert books
    budgets.settle(reservation=books, **facts)


def test_submit_over_the_tightest_of_several_budgets_names_it_and_takes_nothing(alice, bob, model):
    make_budget(alice, cap=100 * CENT)
    make_budget(alice, whom=Whom.ROLE, role=Role.MEMBER, each=True, period=Period.DAY, cap=10 * CENT)
    make_budget(alice, whom=Whom.PERSON, person=bob, unit=Unit.IMAGES, cap=3)

    with pytest.raises(OverBudget) as refused:
        submit(bob, priced(model), n=4)

    assert refused.value.sentence == (
        "Your budget has $0.10 of $0.10 left today, and this costs about $0.16. Ask for fewer."
    )
    assert not Purse.objects.filter(reserved__gt=0).exists()
    check_ledger()


def test_submit_of_others_is_not_counted_in_a_purse_of_ones_own(alice, bob, charlie, model):
    make_budget(alice, each=True, cap=4 * CENT)
    submit(bob, priced(model))

    submit(charlie, model)

    assert sorted(Purse.objects.values_list("person__name", "reserved")) == [
        ("Bob", 4 * CENT),
        ("Charlie", 4 * CENT),
    ]
    with pytest.raises(OverBudget, match=r"Your budget for this month is used up \(\$0\.04\)\."):
        submit(bob, model)


def test_strict_budget_refuses_what_has_no_price_in_its_unit(alice, bob, model):
    make_budget(alice, strict=True)

    with pytest.raises(OverBudget, match="price in USD is not known"):
        submit(bob, model)


def test_budget_without_a_price_counts_nothing(alice, bob, model):
    make_budget(alice)

    row = submit(bob, model)

    assert (row.rate, row.cost, Purse.objects.get().reserved) == (None, None, 0)


def test_relays_own_word_counts_instead_of_the_price(alice, bob, model):
    make_budget(alice)
    row = submit(bob, priced(model), n=2)

    settle(row, spent=2, stated=Decimal("0.091"))

    row.refresh_from_db()
    assert (row.cost, Purse.objects.get().spent) == (91_000, 91_000)
    check_ledger()


def test_relays_own_word_counts_where_no_price_was_known(alice, bob, model):
    make_budget(alice)
    row = submit(bob, model, n=2)

    settle(row, spent=2, stated=Decimal("0.0774"))

    row.refresh_from_db()
    assert (row.cost, row.cost_unit, Purse.objects.get().spent) == (77_400, "USD", 77_400)
    check_ledger()


def test_units_are_rounded_up_once_however_a_round_is_settled(alice, bob, model):
    make_budget(alice, unit=Unit.UNITS, cap=100_000)
    row = submit(bob, priced(model, "5000.5", Unit.UNITS), n=3)
    settle(row, spent=1, presumed=2)
    purse = Purse.objects.get()
    assert purse.spent == 15_002

    budgets.spend_late(generation=row)
    budgets.forgive(generation=row)

    row.refresh_from_db()
    purse.refresh_from_db()
    assert (row.cost, purse.spent, purse.reserved) == (10_001, 10_001, 0)
    check_ledger()


def test_take_up_reserves_the_money_too_and_settles_again(alice, bob, model):
    make_budget(alice)
    row = submit(bob, priced(model), n=3)
    settle(row, spent=1, presumed=2)

    assert budgets.take_up(generation=row, round=1, amount=2)

    purse = Purse.objects.get()
    assert (purse.reserved, purse.spent) == (8 * CENT, 4 * CENT)
    settle(row, spent=1)
    row.refresh_from_db()
    purse.refresh_from_db()
    assert (purse.reserved, purse.spent, row.cost) == (0, 8 * CENT, 8 * CENT)
    check_ledger()


def test_reprice_reserves_what_the_stand_in_costs(alice, bob, model):
    make_budget(alice, cap=20 * CENT)
    make_budget(alice, unit=Unit.UNITS, cap=9)
    row = submit(bob, priced(model), n=4)

    budgets.reprice(generation=row, rate=Rate(Decimal("0.05"), Unit.USD))
    assert list(Purse.objects.order_by("pk").values_list("reserved", flat=True)) == [20 * CENT, 0]
    budgets.reprice(generation=row, rate=Rate(Decimal(2), Unit.UNITS))
    assert list(Purse.objects.order_by("pk").values_list("reserved", flat=True)) == [0, 8]
    check_ledger()
    with pytest.raises(OverBudget), transaction.atomic():
        budgets.reprice(generation=row, rate=Rate(Decimal("0.06"), Unit.USD))

    settle(row, spent=4)

    row.refresh_from_db()
    assert (row.cost, row.cost_unit) == (8, "units")
    check_ledger()


def test_budget_that_begins_later_carries_over_what_was_spent(alice, bob, charlie, model):
    for person in (bob, charlie):
        settle(submit(person, priced(model), n=2), spent=2)
    make_budget(alice)
    make_budget(alice, whom=Whom.PERSON, person=bob)

    submit(bob, model)

    assert list(Purse.objects.order_by("pk").values_list("spent", "carried", "reserved")) == [
        (16 * CENT, 16 * CENT, 4 * CENT),
        (8 * CENT, 8 * CENT, 4 * CENT),
    ]
    check_ledger()


def test_ended_budget_counts_no_more_but_settles_what_it_holds(alice, bob, model):
    budget = make_budget(alice)
    row = submit(bob, priced(model))
    budget_rules.end(budget=budget, administrator=alice)

    submit(bob, model)
    settle(row, spent=1)

    assert Purse.objects.values_list("reserved", "spent").get() == (0, 4 * CENT)
    with pytest.raises(Conflict):
        budget_rules.end(budget=budget, administrator=alice)
    check_ledger()


def test_change_moves_the_running_purse_and_keeps_what_was_granted(alice, bob, model):
    budget = make_budget(alice)
    submit(bob, priced(model))
    Purse.objects.update(cap=110 * CENT)

    budget_rules.change(budget=budget, administrator=alice, was=100 * CENT, cap=50 * CENT)

    assert Purse.objects.get().cap == 60 * CENT
    with pytest.raises(Conflict, match=r"\$0\.50"):
        budget_rules.change(budget=budget, administrator=alice, was=100 * CENT, cap=1)


def test_settlement_of_a_generation_takes_the_relays_word(alice, bob, model):
    row = submit(bob, model)
    row.slots.update(state="saved", round=1)
    type(row).objects.filter(pk=row.pk).update(state="received", attempts=1)
    row.refresh_from_db()

    settlement.complete(generation=row, facts=AnswerFacts(status=200, cost=Decimal("0.0387")))

    row.refresh_from_db()
    assert (row.state, row.cost, row.cost_unit) == ("done", 38_700, "USD")
    check_ledger()


def at_once(works) -> list[type]:
    """Do all of it at the same moment, each in a thread of its own; return what came of each."""
    barrier, results = Barrier(len(works)), []

    def run(work) -> None:
        barrier.wait()
        try:
            results.append(type(work()))
        except OverBudget as error:
            results.append(type(error))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_t23_fifty_submits_of_five_people_at_the_cap_get_exactly_the_cap(alice, model):
    people = [make_user(f"P{number}") for number in range(5)]
    make_budget(alice, cap=28 * CENT)
    make_budget(alice, each=True, cap=8 * CENT)
    priced(model)

    results = at_once([lambda person=people[number % 5]: submit(person, model) for number in range(50)])

    assert Counter(results) == {Generation: 7, OverBudget: 43}
    assert Purse.objects.get(person=None).reserved == 28 * CENT
    check_ledger()


def test_purse_may_not_fall_below_nothing(alice, bob, model):
    make_budget(alice)
    submit(bob, priced(model))

    with pytest.raises(IntegrityError), transaction.atomic():
        Purse.objects.all().move(reserved=-5 * CENT, spent=0)


def test_of_opens_nothing_without_budgets(bob, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert purses.of(person=bob, day=timezone.localdate()) == []


@pytest.mark.django_db(transaction=True)
def test_stand_in_line_keeps_others_out_of_the_purses(alice, bob, charlie, model):
    make_budget(alice, cap=4 * CENT)
    submit_of = priced(model)

    with write_transaction():
        budgets.stand_in_line(person=bob)
        rival = Rival(lambda: submit(charlie, submit_of))
        submit(bob, submit_of)
    rival.join()

    assert isinstance(rival.error, OverBudget)
    check_ledger()


def test_reprice_inside_a_round_leaves_what_was_drawn_its_price(alice, bob, model):
    make_budget(alice, cap=20 * CENT)
    row = submit(bob, priced(model), n=4)
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=row.round)

    with pytest.raises(OverBudget), transaction.atomic():
        budgets.reprice(generation=row, rate=Rate(Decimal("0.06"), Unit.USD))
    budgets.reprice(generation=row, rate=Rate(Decimal("0.05"), Unit.USD))

    assert Purse.objects.get().reserved == 19 * CENT
    check_ledger()
    settle(row, spent=3)
    row.refresh_from_db()
    assert (row.cost, Purse.objects.get().spent) == (14 * CENT, 14 * CENT)
    check_ledger()


@pytest.mark.parametrize("rate", [None, Rate(Decimal(2), Unit.UNITS)])
def test_reprice_inside_a_round_to_no_such_price_keeps_the_first(bob, model, rate):
    row = submit(bob, priced(model), n=2)
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=row.round)

    budgets.reprice(generation=row, rate=rate)

    settle(row, spent=2)
    row.refresh_from_db()
    assert (row.cost, row.cost_unit) == (8 * CENT, "USD")
    check_ledger()


def test_relays_own_word_counts_instead_of_both_prices_of_a_round(bob, model):
    row = submit(bob, priced(model), n=4)
    row.slots.filter(index=0).update(state=SlotState.SAVED, round=row.round)
    budgets.reprice(generation=row, rate=Rate(Decimal("0.05"), Unit.USD))

    settle(row, spent=4, stated=Decimal("0.1"))

    row.refresh_from_db()
    assert row.cost == 10 * CENT
    check_ledger()


def test_relays_own_word_of_an_answer_that_came_after_all_counts_once(bob, model):
    row = submit(bob, priced(model), n=3)
    settle(row, spent=1, presumed=2, stated=Decimal("0.05"))

    assert budgets.take_up(generation=row, round=1, amount=2)
    settle(row, spent=2, stated=Decimal("0.15"))

    row.refresh_from_db()
    assert row.cost == 15 * CENT
    check_ledger()
