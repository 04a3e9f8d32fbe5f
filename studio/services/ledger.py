"""The books of generations: what is moved between accounts, and the counters that follow; nothing else writes them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from studio.inserts import insert
from studio.models import Allowance, Generation, LedgerEntry, Reservation
from studio.models.reservations import Account, Balance
from studio.prepared import change
from studio.services import purses

Move = tuple[Account, Account, int]
HELD = (Account.RESERVED, Account.SPENT, Account.PRESUMED)


@dataclass(frozen=True)
class Round:
    """What one round of a generation reserved: its images, and what they cost where that is known."""

    images: Reservation
    money: Reservation | None

    @property
    def rows(self) -> list[Reservation]:
        return [self.images, self.money] if self.money else [self.images]


def rounds(rows: Iterable[Reservation]) -> list[Round]:
    """Return reservations of one generation by their rounds, the oldest first."""
    images = {row.round: row for row in rows if row.is_of_images}
    money = {row.round: row for row in rows if not row.is_of_images}
    return [Round(images[number], money.get(number)) for number in sorted(images)]


def write(*moved: tuple[Reservation, Iterable[Move]]) -> None:
    """Write down what was moved; nothing is left out, and nothing is written of nothing."""
    entries = [
        LedgerEntry(
            reservation=row.pk,
            generation=row.generation_id,
            person=row.person_id,
            month=row.month,
            unit=row.unit,
            purses=row.purses,
            source=source,
            target=target,
            amount=amount,
        )
        for row, moves in moved
        for source, target, amount in moves
        if amount
    ]
    if entries:
        insert(*entries)


def move(books: Round, *moves: Move) -> None:
    """Move images of a round between accounts, and what they cost with them."""
    money: list[Move] = []
    if books.money:
        before = balances(books.rows)
        images = _after(before[books.images.pk], moves)
        money = _way(before[books.money.pk], books.money.amounts(images))
    _count(books, moves, money)
    write((books.images, moves), *([(books.money, money)] if books.money else []))


def release(row: Reservation) -> None:
    """Free what a reservation has reserved, and count it nowhere any more."""
    free = [(Account.RESERVED, Account.FREE, row.amount)]
    purses.change(changes=_changes(row, free))
    write((row, free))


def balances(rows: Iterable[Reservation]) -> dict[object, Balance]:
    """Return what each of these reservations has in its accounts; one statement."""
    sums: dict[object, Counter[str]] = {row.pk: Counter() for row in rows}
    entries = LedgerEntry.objects.filter(reservation__in=list(sums)).order_by()
    for pk, source, target, amount in entries.values_list("reservation", "source", "target").annotate(
        Sum("amount")
    ):
        sums[pk][source] -= amount
        sums[pk][target] += amount
    return {pk: Balance(*(found[account] for account in HELD)) for pk, found in sums.items()}


def _after(before: Balance, moves: Iterable[Move]) -> Balance:
    sums = Counter(dict(zip(HELD, before, strict=True)))
    for source, target, amount in moves:
        sums[source] -= amount
        sums[target] += amount
    return Balance(*(sums[account] for account in HELD))


def _way(before: Balance, after: Balance) -> list[Move]:
    """Return the moves that lead from one balance to the other; what is over becomes free, what is short was free."""
    change = {account: new - old for account, old, new in zip(HELD, before, after, strict=True)}
    change[Account.FREE] = -sum(change.values())
    moves: list[Move] = []
    for target in change:
        for source in change:
            amount = min(-change[source], change[target])
            if amount > 0:
                moves.append((source, target, amount))
                change[source] += amount
                change[target] -= amount
    return moves


def _count(books: Round, images: Iterable[Move], money: Iterable[Move]) -> None:
    """Count what is moved in the person's month, then in the purses, in the order in which everybody does."""
    row = books.images
    reserved, spent = _change(images)
    if reserved or spent:
        _move(row, reserved, spent)
    purses.change(changes=_changes(row, images) | (_changes(books.money, money) if books.money else {}))
    if books.money:
        _count_cost(books.money, money)


@change
def _move(row: Reservation, reserved: int, spent: int) -> int:
    return Allowance.objects.of(row.person_id, row.month).move(reserved=reserved, spent=spent)


def _count_cost(row: Reservation, moves: Iterable[Move]) -> None:
    """Keep what the generation has cost: what was spent, without what is only presumed."""
    change = sum(
        amount * ((target == Account.SPENT) - (source == Account.SPENT)) for source, target, amount in moves
    )
    Generation.objects.filter(pk=row.generation_id).update(
        cost=Coalesce(F("cost"), 0) + change, cost_unit=row.unit
    )


def _changes(row: Reservation, moves: Iterable[Move]) -> purses.Changes:
    change = _change(moves)
    return dict.fromkeys(row.purses, change)


def _change(moves: Iterable[Move]) -> tuple[int, int]:
    """Return by how much more is reserved, and spent or presumed spent."""
    reserved = spent = 0
    for source, target, amount in moves:
        reserved += amount * ((target == Account.RESERVED) - (source == Account.RESERVED))
        spent += amount * ((target in HELD[1:]) - (source in HELD[1:]))
    return reserved, spent
