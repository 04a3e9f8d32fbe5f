"""A token's own limits: a budget below its person's, exact like every other, and the models it goes as far as."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from studio.errors import OverBudget, StudioError
from studio.models import (
    Budget,
    Call,
    Generation,
    Notice,
    Period,
    Purse,
    Rate,
    Relay,
    Role,
    State,
    Unit,
    Whom,
)
from studio.relays.dialects.base import Kind, RelayError
from studio.services import budgets, calls, generations, prices, running_low, tokens
from studio.services.drawing import failures, settlement
from studio.services.orders import Order
from studio.services.relays import health
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


@pytest.fixture
def stand_in(model, other_model):
    """A stand-in that only moderators may use."""
    other_model.least_role = Role.MODERATOR
    other_model.save()
    model.stand_in = other_model
    model.save()
    return other_model


def refused(row: Generation) -> None:
    """The relay refuses the studio's key, after which a stand-in may draw."""
    Generation.objects.filter(pk=row.pk).update(state=State.CLAIMED)
    row = Generation.objects.get(pk=row.pk)
    failures.answer_for(row, None, RelayError(Kind.AUTH, status=401))


def paused(row: Generation) -> None:
    """The relay is paused while it waits."""
    for _ in range(3):
        health.failed(row.model, RelayError(Kind.AUTH))


@pytest.mark.parametrize("trouble", [refused, paused])
@pytest.mark.parametrize(("reach", "drawn"), [("", True), ("moderator", True), ("member", False)])
def test_stand_in_draws_only_as_far_as_the_token_goes(mona, model, stand_in, trouble, reach, drawn):
    row = ask(tokens.make(person=mona, name="Scripts", reach=reach)[0], model)

    trouble(row)

    assert Generation.objects.get(pk=row.pk).via == (stand_in if drawn else None)


@pytest.mark.parametrize("trouble", [refused, paused])
def test_stand_in_of_a_call_that_died_before_it_knew_its_generation_is_held_back_too(
    mona, model, stand_in, trouble
):
    row = ask(tokens.make(person=mona, name="Scripts", reach="member")[0], model)
    Call.objects.update(generation=None)

    trouble(row)

    assert Generation.objects.get(pk=row.pk).via is None


@pytest.mark.parametrize(("reach", "drawn"), [("moderator", True), ("member", False)])
def test_ask_of_a_paused_relay_draws_by_a_stand_in_only_as_far_as_the_token_goes(
    mona, model, stand_in, reach, drawn
):
    token = tokens.make(person=mona, name="Scripts", reach=reach)[0]
    Relay.objects.filter(pk=model.relay_id).update(paused_at=timezone.now())
    model.refresh_from_db()

    assert token.may_use(model) == drawn
    if drawn:
        assert ask(token, model).via == stand_in
    else:
        with pytest.raises(StudioError, match="cannot be used now"):
            ask(token, model)
    assert Generation.objects.count() == int(drawn)


def test_forget_keeps_the_call_of_what_is_still_drawn(bob, model):
    row = ask(tokens.make(person=bob, name="Scripts")[0], model)
    Call.objects.update(created_at=timezone.now() - calls.KEYS_LAST * 2)

    assert calls.forget() == 0
    Generation.objects.filter(pk=row.pk).update(state=State.DONE)
    assert calls.forget() == 1


def test_make_counts_ones_own_tokens_alone(bob, charlie, monkeypatch):
    monkeypatch.setattr(tokens, "AT_MOST", 1)
    made = [tokens.make(person=person, name="Scripts")[0].person for person in (charlie, bob)]

    assert made == [charlie, bob]
    with pytest.raises(StudioError):
        tokens.make(person=bob, name="More")
