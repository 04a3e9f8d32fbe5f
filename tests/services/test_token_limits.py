"""A token's own limits: a budget below its person's, exact like every other, and the models it goes as far as."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from studio.errors import OverBudget
from studio.models import Budget, Notice, Period, Purse, Rate, Role, Unit, Whom
from studio.services import budgets, calls, generations, prices, running_low, tokens
from studio.services.drawing import settlement
from studio.services.orders import Order
from studio.services.tokens import OwnBudget
from studio.words import say_notice
from tests.money import check_ledger

pytestmark = pytest.mark.django_db
CENT = 10_000


def token_of(person, cap: int, unit: Unit = Unit.IMAGES, **facts):
    own = OwnBudget(cap, unit, Period.DAY)
    return tokens.make(person=person, name="Scripts", budget=own, **facts)[0]


def order(model, n: int = 1) -> Order:
    return Order(model=model, text="A lake", n=n, shared=True)


def ask(token, model, n: int = 1):
    return calls.ask(token=token, body=uuid4().bytes, order=order(model, n)).generation


def test_ask_counts_in_the_tokens_budget_and_in_its_persons_month(bob, model):
    token = token_of(bob, 3)
    row = ask(token, model, 2)

    with pytest.raises(OverBudget) as told:
        ask(token, model, 2)

    assert "The budget of this token has 1 image of 3 images left today" in told.value.sentence
    assert (Purse.objects.get().reserved, budgets.allowance(person=bob).reserved) == (2, 2)
    settlement.cancel(generation=row, person=bob)
    assert (Purse.objects.get().reserved, budgets.allowance(person=bob).reserved) == (0, 0)
    check_ledger()


def test_submit_on_the_page_and_by_another_token_is_not_counted_there(bob, model):
    token = token_of(bob, 1)
    other = tokens.make(person=bob, name="Other")[0]
    ask(token, model)

    ask(other, model)
    generations.submit(person=bob, submission_id=uuid4(), order=order(model))

    assert Purse.objects.get().reserved == 1


def test_ask_in_money_is_refused_without_a_known_price(bob, model):
    token = token_of(bob, 10 * CENT, Unit.USD)
    with pytest.raises(OverBudget):
        ask(token, model)

    model.prices = [prices.row_of(Decimal("0.04"), Unit.USD)]
    model.save(update_fields=["prices"])

    ask(token, model, 2)
    with pytest.raises(OverBudget):
        ask(token, model)
    assert Purse.objects.get().reserved == 8 * CENT
    check_ledger()


def test_reprice_for_a_stand_in_is_counted_in_the_tokens_budget(bob, model):
    model.prices = [prices.row_of(Decimal("0.04"), Unit.USD)]
    model.save(update_fields=["prices"])
    row = ask(token_of(bob, 10 * CENT, Unit.USD), model)

    budgets.reprice(generation=row, rate=Rate(Decimal("0.09"), Unit.USD))

    assert Purse.objects.get().reserved == 9 * CENT
    with pytest.raises(OverBudget):
        budgets.reprice(generation=row, rate=Rate(Decimal("0.11"), Unit.USD))
    check_ledger()


def test_warn_tells_the_tokens_person_and_no_administrator(alice, bob):
    token = token_of(bob, 10)
    budget = Budget.objects.of_token(token.pk).get()
    Purse.objects.create(budget=budget, start=timezone.localdate(), cap=10, spent=9)

    running_low.warn()

    notice = Notice.objects.get()
    assert notice.person == bob
    assert say_notice(notice.kind, notice.values)[0] == "The budget of this token is nearly used up"


def test_revoke_ends_the_budget(bob):
    token = token_of(bob, 10)

    tokens.revoke(token=token, actor=bob)

    assert not Budget.objects.in_force().filter(whom=Whom.TOKEN).exists()


@pytest.mark.parametrize(
    ("least", "reach", "reached"),
    [
        (Role.MEMBER, "member", True),
        (Role.MODERATOR, "member", False),
        (Role.MODERATOR, "moderator", True),
        (Role.ADMINISTRATOR, "moderator", False),
        (Role.ADMINISTRATOR, "", True),
    ],
)
def test_reaches_goes_as_far_as_the_token_says(alice, model, least, reach, reached):
    model.least_role = least
    token = tokens.make(person=alice, name="Scripts", reach=reach)[0]

    assert token.reaches(model) == reached
