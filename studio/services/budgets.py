"""Reserves of a person's month and of the budgets before drawing and settles after; the ledger keeps every step."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from studio.errors import OverBudget
from studio.inserts import insert
from studio.models import Allowance, Generation, LedgerEntry, Purse, Rate, Reservation, Unit, User, Whom
from studio.models.reservations import Account, Balance, ReservationState
from studio.models.units import in_parts
from studio.prepared import change, prepared
from studio.services import ledger, purses
from studio.services.ledger import Round
from studio.words import Reason


@dataclass(frozen=True)
class Held:
    """What was reserved for one round: the price of one image, if it is known, and the purses of each unit."""

    rate: Rate | None = None
    purses: dict[Unit, list[int]] = field(default_factory=dict)


def this_month() -> datetime.date:
    """Return the first day of the running month in the installation's time zone."""
    return timezone.localdate().replace(day=1)


def allowance(*, person: User, month: datetime.date | None = None) -> Allowance:
    """Return the person's month, made with what their months begin with when it is the first use."""
    month = month or this_month()
    if row := _allowance.first(person, month):
        return row
    row, _made = Allowance.objects.get_or_create(
        person=person, month=month, defaults={"cap": person.monthly_cap}
    )
    return row


@prepared
def _allowance(person: User, month: datetime.date) -> QuerySet[Allowance]:
    return Allowance.objects.of(person, month)


def stand_in_line(*, person: User) -> None:
    """Keep the person's other submits waiting until this transaction ends: the month comes before the prompt."""
    row = allowance(person=person)
    Allowance.objects.select_for_update().get(pk=row.pk)
    purses.stand_in_line(person=person)


def reserve(
    *,
    person: User,
    month: datetime.date,
    amount: int,
    rate: Rate | None = None,
    token: UUID | None = None,
) -> Held:
    """Take images out of a month, and them and their price out of every budget, or raise OverBudget.

    Exact when many submit at once (SAFETY T23). Call it in a transaction: what was taken falls with it.
    """
    _reserve_month(person, month, amount)
    held = purses.hold(purses=purses.of(person=person, token=token), images=amount, rate=rate)
    return Held(rate, held)


def _reserve_month(person: User, month: datetime.date, amount: int) -> None:
    if _reserve(person, month, amount):
        return
    row = allowance(person=person, month=month)
    if _reserve(person, month, amount):  # it was the month's first
        return
    used = row.reserved + row.spent
    if used >= row.cap:
        raise OverBudget(Reason("quota_used_up", used=used, cap=row.cap))
    raise OverBudget(Reason("quota_too_small", left=row.left, cap=row.cap), param="n")


@change
def _reserve(person: User, month: datetime.date, amount: int) -> int:
    return Allowance.objects.of(person, month).reserve(amount)


def book(*, generation: Generation, round: int, amount: int, held: Held = Held()) -> None:
    """Write down what was reserved for a round of a generation."""
    place = {"person_id": generation.owner_id, "generation": generation, "round": round}
    place |= {"month": generation.month, "after": generation.attempts}
    images = Reservation(**place, amount=amount, purses=held.purses.get(Unit.IMAGES, []))
    rows = [images]
    if held.rate:
        cost = {"amount": held.rate.of(amount), "unit": held.rate.unit, "rate": held.rate.each}
        rows.append(Reservation(**place, **cost, purses=held.purses.get(held.rate.unit, [])))
    insert(*rows)
    ledger.write(*((row, [(Account.FREE, Account.RESERVED, row.amount)]) for row in rows))


def open_reservation(*, generation: Generation, round: int) -> Round | None:
    """Return what a round still has reserved, if anything."""
    return next(iter(ledger.rounds(_open_of_round(generation, round))), None)


@prepared
def _open_of_round(generation: Generation, round: int) -> QuerySet[Reservation]:
    return Reservation.objects.of_round(generation, round).open()


@change
def _settle(images: Reservation) -> int:
    rows = Reservation.objects.filter(generation=images.generation_id, round=images.round).open()
    return rows.update(state=ReservationState.SETTLED)


def settle(*, reservation: Round, spent: int, presumed: int = 0, stated: Decimal | None = None) -> None:
    """Close a round: some images were spent, some are presumed spent, the rest is free again.

    `stated` is what the relay said in USD that the spent ones cost: it counts instead of their price.
    """
    if _settle(reservation.images) != len(reservation.rows):
        raise AssertionError(f"{reservation.images.pk} is settled already")
    rest = reservation.images.amount - spent - presumed
    ledger.move(
        _as_stated(reservation, spent, stated),
        (Account.RESERVED, Account.SPENT, spent),
        (Account.RESERVED, Account.PRESUMED, presumed),
        (Account.RESERVED, Account.FREE, rest),
    )


def _as_stated(books: Round, spent: int, stated: Decimal | None) -> Round:
    """Return the round with what the relay said it cost, where that is in the unit of its price or there is none."""
    if stated is None or (books.money and books.money.unit != Unit.USD):
        return books
    money = books.money or _without_price(books.images)
    before = ledger.balances([books.images])[books.images.pk].spent  # of an answer that came after all
    money.correction = in_parts(stated, Unit.USD) - money.cost(before + spent)
    Reservation.objects.filter(pk=money.pk).update(correction=money.correction)
    return Round(books.images, money)


def _without_price(images: Reservation) -> Reservation:
    """Return the money of a round whose price was not known when it was sent."""
    counting = purses.of(person=images.person, day=timezone.localdate())
    money = [purse.pk for purse in counting if purse.budget.unit == Unit.USD]
    return Reservation.objects.create(
        person_id=images.person_id,
        generation_id=images.generation_id,
        round=images.round,
        month=images.month,
        after=images.after,
        unit=Unit.USD,
        amount=0,
        purses=money,
        state=ReservationState.SETTLED,
    )


def balance(*, generation: Generation) -> Balance:
    """Return how many images a generation has reserved, spent and presumed spent."""
    return LedgerEntry.objects.of(generation).balance()


def take_up(*, generation: Generation, round: int, amount: int) -> bool:
    """Reserve anew what was presumed spent, for an answer that came after all; say whether so much was presumed."""
    rows = list(Reservation.objects.of_round(generation, round).filter(state=ReservationState.SETTLED))
    books = next(iter(ledger.rounds(rows)), None)
    if books is None or _presumed(books) < amount:
        return False
    ledger.move(books, (Account.PRESUMED, Account.RESERVED, amount))
    for row in books.rows:
        reserved = ledger.balances([row])[row.pk].reserved
        Reservation.objects.filter(pk=row.pk).update(state=ReservationState.OPEN, amount=reserved)
    return True


def forgive(*, generation: Generation, most: int | None = None) -> int:
    """Free what was presumed spent, or the most of it that is given; return how much that was."""
    presumed = balance(generation=generation).presumed
    amount = presumed if most is None else min(presumed, most)
    return _move_presumed(generation, Account.FREE, amount)


def confirm(*, generation: Generation, most: int) -> int:
    """Make spent of what was presumed spent, so much of it at the most: the relay's bill says so; return how much."""
    return _move_presumed(generation, Account.SPENT, min(most, balance(generation=generation).presumed))


def spend_late(*, generation: Generation) -> None:
    """Count one image that came after the settlement; one that was presumed spent is counted already."""
    if not _move_presumed(generation, Account.SPENT, 1):
        last = ledger.rounds(list(generation.reservations.all()))[-1]
        ledger.move(last, (Account.FREE, Account.SPENT, 1))


def _presumed(books: Round) -> int:
    return ledger.balances([books.images])[books.images.pk].presumed


def _move_presumed(generation: Generation, target: Account, amount: int) -> int:
    """Move what is presumed spent out of the rounds that presumed it, the oldest first; return how much was moved."""
    left = amount
    for books in ledger.rounds(list(generation.reservations.all())):
        moved = min(left, _presumed(books))
        if moved:
            ledger.move(books, (Account.PRESUMED, target, moved))
        left -= moved
    return amount - left


def reprice(*, generation: Generation, rate: Rate | None) -> None:
    """Reserve another price for what a round has still to draw: another model draws it. Raises OverBudget.

    What the round has drawn already keeps its price. Where the other is in another unit, or not known, all of the
    round keeps it: the costs of a generation are one sum.
    """
    books = open_reservation(generation=generation, round=generation.round)
    if books is None or _is_same(books, rate):
        return
    drawn = generation.slots.delivered(generation.round).count()
    if drawn and (books.money is None or rate is None or rate.unit != books.money.unit):
        return
    before = 0
    if books.money:
        before = books.money.cost(drawn)
        ledger.release(books.money)
        books.money.delete()  # the ledger keeps what it was
    if rate:
        _reprice(books, rate, correction=before - rate.of(drawn))
    named = {"rate": rate.each, "cost_unit": rate.unit} if rate else {"rate": None, "cost_unit": ""}
    Generation.objects.filter(pk=generation.pk).update(**named)


def _is_same(books: Round, rate: Rate | None) -> bool:
    money = books.money
    return (rate is None) if money is None else (rate == (money.rate, money.unit))


def _counting(books: Round) -> list[Purse]:
    """Return the purses that count a round: its person's, and that of the token it was asked by."""
    keys = [pk for row in books.rows for pk in row.purses]
    own = Purse.objects.filter(pk__in=keys, budget__whom=Whom.TOKEN).values_list("budget__token", flat=True)
    return purses.of(person=books.images.person, token=own.first())


def _reprice(books: Round, rate: Rate, *, correction: int) -> None:
    counting = [each for each in _counting(books) if each.budget.unit == rate.unit]
    held = purses.hold(purses=counting, images=books.images.amount, rate=rate, correction=correction)
    row = Reservation.objects.create(
        person_id=books.images.person_id,
        generation_id=books.images.generation_id,
        round=books.images.round,
        month=books.images.month,
        after=books.images.after,
        unit=rate.unit,
        amount=rate.of(books.images.amount) + correction,
        rate=rate.each,
        correction=correction,
        purses=held.get(rate.unit, []),
    )
    ledger.write((row, [(Account.FREE, Account.RESERVED, row.amount)]))
