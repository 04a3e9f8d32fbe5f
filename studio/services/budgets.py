"""Reserves images of a person's month before drawing and settles them after; the ledger keeps every step."""

import datetime

from django.utils import timezone

from studio.errors import OverBudget
from studio.models import Allowance, Generation, LedgerEntry, Reservation, User
from studio.models.reservations import Account, Balance, ReservationState
from studio.models.units import Unit


def this_month() -> datetime.date:
    """Return the first day of the running month in the installation's time zone."""
    return timezone.localdate().replace(day=1)


def allowance(*, person: User, month: datetime.date | None = None) -> Allowance:
    """Return the person's month, made with what their months begin with when it is the first use."""
    row, _made = Allowance.objects.get_or_create(
        person=person, month=month or this_month(), defaults={"cap": person.monthly_cap}
    )
    return row


def stand_in_line(*, person: User) -> None:
    """Keep the person's other submits waiting until this transaction ends: the month comes before the prompt."""
    row = allowance(person=person)
    Allowance.objects.select_for_update().get(pk=row.pk)


def reserve(*, person: User, month: datetime.date, amount: int) -> None:
    """Take images out of a month for one round, or raise OverBudget; exact when many submit at once (SAFETY T23)."""
    mine = Allowance.objects.of(person, month)
    if mine.reserve(amount):
        return
    row = allowance(person=person, month=month)
    if mine.reserve(amount):  # it was the month's first
        return
    used = row.reserved + row.spent
    if used >= row.cap:
        raise OverBudget(f"Your quota for this month is used up ({used} of {row.cap}).")
    raise OverBudget(
        f"Only {row.left} of your {row.cap} images are left this month. Ask for fewer.", param="n"
    )


def book(*, generation: Generation, round: int, amount: int) -> None:
    """Write down what was reserved for a round of a generation."""
    row = Reservation.objects.create(
        person_id=generation.owner_id,
        generation=generation,
        round=round,
        month=generation.month,
        amount=amount,
    )
    _move(row, (Account.FREE, Account.RESERVED, amount))


def open_reservation(*, generation: Generation, round: int) -> Reservation | None:
    """Return what a round still has reserved, if anything."""
    return Reservation.objects.of_round(generation, round).open().first()


def settle(*, reservation: Reservation, spent: int, presumed: int = 0) -> None:
    """Close a reservation: some of it was spent, some is presumed spent, the rest is free again."""
    if not Reservation.objects.open().filter(pk=reservation.pk).update(state=ReservationState.SETTLED):
        raise AssertionError(f"{reservation.pk} is settled already")
    rest = reservation.amount - spent - presumed
    _move(
        reservation,
        (Account.RESERVED, Account.SPENT, spent),
        (Account.RESERVED, Account.PRESUMED, presumed),
        (Account.RESERVED, Account.FREE, rest),
    )
    month = Allowance.objects.of(reservation.person_id, reservation.month)
    month.settle(reserved=reservation.amount, spent=spent + presumed)


def balance(*, generation: Generation) -> Balance:
    """Return what a generation has reserved, spent and presumed spent."""
    return LedgerEntry.objects.of(generation).balance()


def take_up(*, generation: Generation, round: int, amount: int) -> bool:
    """Reserve anew what was presumed spent, for an answer that came after all; say whether so much was presumed."""
    row = Reservation.objects.of_round(generation, round).filter(state=ReservationState.SETTLED).first()
    if row is None or _presumed(row) < amount:
        return False
    Reservation.objects.filter(pk=row.pk).update(state=ReservationState.OPEN, amount=amount)
    _move(row, (Account.PRESUMED, Account.RESERVED, amount))
    Allowance.objects.of(generation.owner_id, generation.month).settle(reserved=-amount, spent=-amount)
    return True


def forgive(*, generation: Generation, most: int | None = None) -> int:
    """Free what was presumed spent, or the most of it that is given; return how much that was."""
    presumed = balance(generation=generation).presumed
    amount = presumed if most is None else min(presumed, most)
    _move_presumed(generation, Account.FREE, amount)
    Allowance.objects.of(generation.owner_id, generation.month).settle(reserved=0, spent=-amount)
    return amount


def spend_late(*, generation: Generation) -> None:
    """Count one image that came after the settlement; one that was presumed spent is counted already."""
    if not _move_presumed(generation, Account.SPENT, 1):
        last = generation.reservations.filter(unit=Unit.IMAGES).latest("round")
        _move(last, (Account.FREE, Account.SPENT, 1))
        Allowance.objects.of(generation.owner_id, generation.month).settle(reserved=0, spent=1)


def _presumed(reservation: Reservation) -> int:
    return LedgerEntry.objects.filter(reservation=reservation.pk).balance().presumed


def _move_presumed(generation: Generation, target: Account, amount: int) -> int:
    """Move what is presumed spent out of the rounds that presumed it, the oldest first; return how much was moved."""
    left = amount
    for row in generation.reservations.filter(unit=Unit.IMAGES).order_by("round"):
        moved = min(left, _presumed(row))
        _move(row, (Account.PRESUMED, target, moved))
        left -= moved
    return amount - left


def _move(reservation: Reservation, *moves: tuple[Account, Account, int]) -> None:
    """Write into the ledger what was moved between accounts; nothing is left out, and nothing is written of nothing."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            reservation=reservation.pk,
            generation=reservation.generation_id,
            person=reservation.person_id,
            month=reservation.month,
            unit=reservation.unit,
            source=source,
            target=target,
            amount=amount,
        )
        for source, target, amount in moves
        if amount
    )
