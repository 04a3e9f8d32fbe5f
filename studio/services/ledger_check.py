"""Proves that every counter is the sum of what the ledger says was moved."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.models import Allowance, Generation, LedgerEntry, Purse, Reservation, Unit
from studio.models.reservations import Account, ReservationState

AT_ONCE = 2000


@dataclass
class Reckoning:
    """How much was looked at, and what does not add up."""

    entries: int = 0
    counters: int = 0
    wrong: list[str] = field(default_factory=list)

    def check(self, what: str, counted: int | None, summed: int) -> None:
        self.counters += 1
        if counted != summed:
            self.wrong.append(f"{what}: counted {counted}, the ledger says {summed}")


@dataclass
class _Sums:
    """What the ledger says of each counter, by account."""

    reservations: defaultdict[object, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    months: defaultdict[object, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    purses: defaultdict[object, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    generations: defaultdict[object, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, entry: LedgerEntry) -> None:
        counted = [self.reservations[entry.reservation], *(self.purses[pk] for pk in entry.purses)]
        if entry.unit == Unit.IMAGES:
            counted.append(self.months[entry.person, entry.month])
        else:
            counted.append(self.generations[entry.generation])
        for counter in counted:
            counter[entry.source] -= entry.amount
            counter[entry.target] += entry.amount


def check() -> Reckoning:
    """Compare reservations, months, purses and costs with the ledger; run it while nothing is written, or twice."""
    found, sums = Reckoning(), _Sums()
    for entry in LedgerEntry.objects.order_by().iterator(AT_ONCE):
        found.entries += 1
        sums.add(entry)
    for what, counted, summed in _counters(sums):
        found.check(what, counted, summed)
    for pk, counter in sums.reservations.items():
        below = [account for account in Account if account != Account.FREE and counter[account] < 0]
        found.wrong += [f"reservation {pk}: {account} is below nothing" for account in below]
    return found


def _counters(sums: _Sums) -> Iterator[tuple[str, int | None, int]]:
    for row in Reservation.objects.iterator(AT_ONCE):
        open_amount = row.amount if row.state == ReservationState.OPEN else 0
        yield f"reservation {row.pk}", open_amount, sums.reservations[row.pk][Account.RESERVED]
    for month in Allowance.objects.iterator(AT_ONCE):
        counter = sums.months[month.person_id, month.month]
        yield f"month {month.pk} reserved", month.reserved, counter[Account.RESERVED]
        yield f"month {month.pk} spent", month.spent, _spent(counter)
    for purse in Purse.objects.iterator(AT_ONCE):
        counter = sums.purses[purse.pk]
        yield f"purse {purse.pk} reserved", purse.reserved, counter[Account.RESERVED]
        yield f"purse {purse.pk} spent", purse.spent, purse.carried + _spent(counter)
    for run in Generation.objects.exclude(cost=None).only("cost").iterator(AT_ONCE):
        yield f"generation {run.pk} cost", run.cost, sums.generations[run.pk][Account.SPENT]


def _spent(counter: Counter[str]) -> int:
    return counter[Account.SPENT] + counter[Account.PRESUMED]
