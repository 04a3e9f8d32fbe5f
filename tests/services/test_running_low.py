import pytest

from studio.models import Allowance, Notice, Purse
from studio.services import budgets, purses, running_low
from studio.words import say_notice
from tests.factories import make_budget

pytestmark = pytest.mark.django_db


def _told(person) -> list[tuple[str, str]]:
    return [say_notice(row.kind, row.values) for row in Notice.objects.filter(person=person)]


@pytest.mark.parametrize(("spent", "told"), [(799, 0), (800, 1)])
def test_warn_tells_a_person_once_from_four_fifths_on(bob, spent, told):
    budgets.allowance(person=bob)
    Allowance.objects.update(spent=spent - 5, reserved=5)

    assert [running_low.warn(), running_low.warn()] == [told, 0]
    line = "800 of 1,000 images are used or reserved this month"
    assert _told(bob) == [("Your budget is nearly used up", line)] * told


def test_warn_tells_administrators_of_what_is_shared_and_a_person_of_their_own(alice, bob):
    make_budget(alice)
    make_budget(alice, each=True)
    purses.of(person=bob)
    Purse.objects.update(spent=900_000)

    assert running_low.warn() == 2

    line = "$0.90 of $1.00 are used or reserved this month"
    assert _told(alice) == [("The team’s budget is nearly used up", line)]
    assert _told(bob) == [("Your budget is nearly used up", line)]


def test_warn_leaves_out_what_is_over(alice, bob):
    make_budget(alice, each=True, period="day")
    purses.of(person=bob)
    Purse.objects.update(spent=900_000, start="2020-01-01")

    assert running_low.warn() == 0
