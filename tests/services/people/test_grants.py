import pytest

from studio.db import write_transaction
from studio.errors import Conflict, OverBudget
from studio.models import Allowance, AuditEntry, Notice, User
from studio.services import budgets
from studio.services.people import grants
from studio.words import say_notice
from tests.factories import make_generation, make_user
from tests.money import check_ledger
from tests.services.test_races import Rival

pytestmark = pytest.mark.django_db
USUAL = 1000


def cap_of(person: User) -> int:
    return Allowance.objects.get(person=person).cap


def test_change_gives_this_month_another_cap_and_writes_it_down(alice, bob):
    month = grants.change(person=bob, administrator=alice, was=USUAL, cap=1200)

    assert (month.cap, month.left, cap_of(bob)) == (1200, 1200, 1200)
    entry = AuditEntry.objects.get(action="person.budget_changed", subject=str(bob.pk))
    assert (entry.actor, entry.detail["before"]["cap"], entry.detail["after"]["cap"]) == (alice, USUAL, 1200)


@pytest.mark.parametrize(
    ("cap", "head", "line"),
    [
        (1200, "You may make more images this month", "Alice granted 200 more: it is 1,200 in all"),
        (0, "You may make fewer images this month", "Alice took 1,000 back: it is 0 in all"),
    ],
)
def test_change_tells_the_person(cap, head, line, alice, bob):
    grants.change(person=bob, administrator=alice, was=USUAL, cap=cap)

    notice = Notice.objects.get(person=bob)
    assert say_notice(notice.kind, notice.values | {"by": notice.by}) == (head, line)


def test_change_of_nothing_says_nothing(alice, bob):
    grants.change(person=bob, administrator=alice, was=USUAL, cap=USUAL)

    assert not AuditEntry.objects.filter(action="person.budget_changed").exists()
    assert not Notice.objects.exists()


def test_change_of_later_months_is_what_they_begin_with(alice, bob):
    grants.change(person=bob, administrator=alice, was=USUAL, cap=USUAL, monthly=0)

    bob.refresh_from_db()
    assert budgets.allowance(person=bob, month=budgets.this_month().replace(year=2030)).cap == 0
    assert Allowance.objects.get(person=bob, month=budgets.this_month()).cap == USUAL
    assert not Notice.objects.exists()


def test_change_below_what_is_used_takes_nothing_back_and_stops_what_is_new(alice, bob, model):
    row = make_generation(bob, model, n=4)

    month = grants.change(person=bob, administrator=alice, was=USUAL, cap=2)

    assert (month.left, budgets.balance(generation=row).reserved) == (0, 4)
    with pytest.raises(OverBudget, match=r"used up \(4 of 2\)"):
        budgets.reserve(person=bob, month=row.month, amount=1)
    budgets.settle(reservation=budgets.open_reservation(generation=row, round=1), spent=4)
    assert Allowance.objects.get(person=bob).spent == 4
    check_ledger()


def test_row_39_change_of_what_somebody_else_changed_meanwhile_is_refused(alice, bob):
    grants.change(person=bob, administrator=alice, was=USUAL, cap=1200)

    with pytest.raises(Conflict, match=r"changed it to 1,200") as told:
        grants.change(person=bob, administrator=alice, was=USUAL, cap=1500)

    assert (told.value.param, cap_of(bob)) == ("cap", 1200)


@pytest.mark.django_db(transaction=True)
def test_row_39_change_of_two_at_once_is_made_once(alice, bob):
    zoe = make_user("Zoe", role="administrator")

    with write_transaction():
        grants.change(person=bob, administrator=alice, was=USUAL, cap=1200)
        rival = Rival(lambda: grants.change(person=bob, administrator=zoe, was=USUAL, cap=1500))
    rival.join()

    assert isinstance(rival.error, Conflict)
    assert cap_of(bob) == 1200
    assert AuditEntry.objects.filter(action="person.budget_changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_row_39_change_while_a_dozen_reserve_lets_exactly_the_cap_through(alice, bob, model):
    budgets.allowance(person=bob)
    let, month = [], budgets.this_month()

    def reserve() -> None:
        with write_transaction():
            budgets.reserve(person=bob, month=month, amount=1)
        let.append(1)

    with write_transaction():
        grants.change(person=bob, administrator=alice, was=USUAL, cap=7)
        first = Rival(reserve)
    rivals = [first, *(Rival(reserve) for _ in range(11))]
    for rival in rivals:
        rival.join()

    assert len(let) == Allowance.objects.get(person=bob).reserved == 7
    assert {type(rival.error) for rival in rivals} == {type(None), OverBudget}
