import datetime

import pytest

from studio.errors import OverBudget
from studio.models import Allowance
from studio.services import budgets

pytestmark = pytest.mark.django_db
MONTH = datetime.date(2026, 5, 1)


def _row(person) -> tuple[int, int, int]:
    return Allowance.objects.values_list("cap", "held", "spent").get(person=person, month=MONTH)


def test_allowance_first_use_takes_the_installations_cap_and_keeps_it(bob, settings):
    settings.MONTHLY_IMAGES = 7
    budgets.allowance(person=bob, month=MONTH)
    settings.MONTHLY_IMAGES = 9

    assert budgets.allowance(person=bob, month=MONTH).cap == 7


def test_this_month_is_the_first_day(settings):
    assert budgets.this_month().day == 1


def test_hold_and_settle_move_images_from_held_to_spent(bob, settings):
    settings.MONTHLY_IMAGES = 10

    budgets.hold(person=bob, month=MONTH, count=4)
    assert _row(bob) == (10, 4, 0)

    budgets.settle(person=bob, month=MONTH, held=4, spent=3)
    assert _row(bob) == (10, 0, 3)


def test_hold_at_the_cap_says_that_the_quota_is_used_up(bob, settings):
    settings.MONTHLY_IMAGES = 3
    budgets.hold(person=bob, month=MONTH, count=3)

    with pytest.raises(OverBudget) as refused:
        budgets.hold(person=bob, month=MONTH, count=1)

    assert refused.value.sentence == "Your quota for this month is used up (3 of 3)."
    assert _row(bob) == (3, 3, 0)


def test_hold_near_the_cap_says_how_many_are_left(bob, settings):
    settings.MONTHLY_IMAGES = 3
    budgets.hold(person=bob, month=MONTH, count=1)

    with pytest.raises(OverBudget) as refused:
        budgets.hold(person=bob, month=MONTH, count=3)

    assert refused.value.sentence == "Only 2 of your 3 images are left this month. Ask for fewer."
    assert refused.value.param == "n"


def test_hold_other_person_and_other_month_are_untouched(bob, charlie, settings):
    settings.MONTHLY_IMAGES = 3
    budgets.hold(person=bob, month=MONTH, count=3)

    budgets.hold(person=charlie, month=MONTH, count=3)
    budgets.hold(person=bob, month=datetime.date(2026, 6, 1), count=3)

    assert Allowance.objects.filter(held=3).count() == 3
