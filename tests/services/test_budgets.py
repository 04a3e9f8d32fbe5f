import datetime

import pytest
from django.db import IntegrityError, transaction

from studio.errors import OverBudget
from studio.models import Allowance, Generation, LedgerEntry, Reservation
from studio.models.reservations import Balance
from studio.services import budgets
from studio.services.ledger import Round
from tests.factories import make_generation
from tests.money import check_ledger

pytestmark = pytest.mark.django_db
MONTH = datetime.date(2026, 5, 1)


def _row(person) -> tuple[int, int, int]:
    return Allowance.objects.values_list("cap", "reserved", "spent").get(person=person, month=MONTH)


def test_allowance_first_use_takes_the_installations_cap_and_keeps_it(bob, settings):
    settings.MONTHLY_IMAGES = 7
    budgets.allowance(person=bob, month=MONTH)
    settings.MONTHLY_IMAGES = 9

    assert budgets.allowance(person=bob, month=MONTH).cap == 7


def test_this_month_is_the_first_day(settings):
    assert budgets.this_month().day == 1


@pytest.fixture
def row(bob, model) -> Generation:
    """A generation of four images that are reserved."""
    return make_generation(bob, model, n=4)


def _open(row: Generation, round: int = 1) -> Round:
    found = budgets.open_reservation(generation=row, round=round)
    assert found
    return found


def _moves(row: Generation) -> list[tuple[str, str, int]]:
    return list(LedgerEntry.objects.of(row).order_by("pk").values_list("source", "target", "amount"))


def test_settle_moves_what_was_reserved_and_frees_the_rest(row):
    budgets.settle(reservation=_open(row), spent=2, presumed=1)

    assert budgets.balance(generation=row) == Balance(reserved=0, spent=2, presumed=1)
    assert sorted(_moves(row)) == sorted(
        [
            ("free", "reserved", 4),
            ("reserved", "spent", 2),
            ("reserved", "presumed", 1),
            ("reserved", "free", 1),
        ]
    )
    assert budgets.open_reservation(generation=row, round=1) is None
    check_ledger()


def test_settle_twice_is_refused_and_moves_nothing(row):
    reservation = _open(row)
    budgets.settle(reservation=reservation, spent=4)

    with pytest.raises(AssertionError):
        budgets.settle(reservation=reservation, spent=4)

    assert budgets.balance(generation=row).spent == 4
    check_ledger()


def test_book_a_second_round_keeps_the_first(row):
    budgets.settle(reservation=_open(row), spent=3)
    budgets.reserve(person=row.owner, month=row.month, amount=1)

    budgets.book(generation=row, round=2, amount=1)

    assert budgets.balance(generation=row) == Balance(reserved=1, spent=3)
    assert (_open(row, 2).images.amount, row.reservations.count()) == (1, 2)
    check_ledger()


def test_book_a_round_twice_is_refused(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        budgets.book(generation=row, round=1, amount=1)


def test_take_up_reserves_what_was_presumed_spent(row):
    budgets.settle(reservation=_open(row), spent=2, presumed=2)

    assert budgets.take_up(generation=row, round=1, amount=2)

    assert budgets.balance(generation=row) == Balance(reserved=2, spent=2)
    assert not budgets.take_up(generation=row, round=1, amount=1)
    check_ledger()


def test_forgive_frees_what_was_presumed_spent(row):
    budgets.settle(reservation=_open(row), spent=1, presumed=3)

    assert budgets.forgive(generation=row) == 3

    assert budgets.balance(generation=row) == Balance(spent=1)
    check_ledger()


def test_spend_late_takes_what_was_presumed_first(row):
    budgets.settle(reservation=_open(row), spent=2, presumed=1)

    budgets.spend_late(generation=row)
    budgets.spend_late(generation=row)

    assert budgets.balance(generation=row) == Balance(spent=4)
    check_ledger()


ATTEMPTS = {
    "update": lambda: LedgerEntry.objects.update(amount=9),
    "delete": lambda: LedgerEntry.objects.all().delete(),
    "save": lambda: LedgerEntry.objects.first().save(force_update=True),
}


@pytest.mark.parametrize("way", ATTEMPTS)
def test_ledger_only_grows(row, way: str):
    before = _moves(row)

    with pytest.raises(IntegrityError, match="ledger is append-only"), transaction.atomic():
        ATTEMPTS[way]()

    assert _moves(row) == before


def test_ledger_outlives_its_generation(row):
    pk = row.pk

    row.delete()

    assert LedgerEntry.objects.filter(generation=pk).count() == 1
    assert not Reservation.objects.exists()


def test_reserve_at_the_cap_says_that_the_quota_is_used_up(bob, settings):
    settings.MONTHLY_IMAGES = 3
    budgets.reserve(person=bob, month=MONTH, amount=3)

    with pytest.raises(OverBudget) as refused:
        budgets.reserve(person=bob, month=MONTH, amount=1)

    assert refused.value.sentence == "Your quota for this month is used up (3 of 3)."
    assert _row(bob) == (3, 3, 0)


def test_reserve_near_the_cap_says_how_many_are_left(bob, settings):
    settings.MONTHLY_IMAGES = 3
    budgets.reserve(person=bob, month=MONTH, amount=1)

    with pytest.raises(OverBudget) as refused:
        budgets.reserve(person=bob, month=MONTH, amount=3)

    assert refused.value.sentence == "Only 2 of your 3 images are left this month. Ask for fewer."
    assert refused.value.param == "n"


def test_reserve_other_person_and_other_month_are_untouched(bob, charlie, settings):
    settings.MONTHLY_IMAGES = 3
    budgets.reserve(person=bob, month=MONTH, amount=3)

    budgets.reserve(person=charlie, month=MONTH, amount=3)
    budgets.reserve(person=bob, month=datetime.date(2026, 6, 1), amount=3)

    assert Allowance.objects.filter(reserved=3).count() == 3


def test_what_one_round_presumed_is_forgiven_or_spent_there_after_another(row):
    budgets.settle(reservation=_open(row), spent=2, presumed=2)
    budgets.reserve(person=row.owner, month=row.month, amount=2)
    budgets.book(generation=row, round=2, amount=2)

    budgets.spend_late(generation=row)
    budgets.forgive(generation=row)

    assert budgets.balance(generation=row) == Balance(reserved=2, spent=3)
    check_ledger()
