"""What a generation has reserved, spent and presumed spent, as its ledger says."""

from typing import Any

from studio.models import Allowance, Generation, LedgerEntry, Reservation
from studio.models.reservations import Account, Balance
from studio.services import budgets


def money_of(row: Generation) -> Balance:
    """Return (reserved, spent, presumed) of a row as it stands in the database."""
    return budgets.balance(generation=row)


def put(
    row: Generation, *, reserved: int = 0, spent: int = 0, presumed: int = 0, round: int | None = None
) -> None:
    """Give a row more money in these accounts, and its person's month as much."""
    amount = reserved + spent + presumed
    place = {"generation": row, "round": row.round if round is None else round}
    fresh: dict[str, Any] = {
        "person_id": row.owner_id,
        "month": row.month,
        "amount": reserved or amount,
        "state": "open" if reserved else "settled",
    }
    reservation, made = Reservation.objects.get_or_create(**place, defaults=fresh)
    if reserved and not made:
        Reservation.objects.filter(pk=reservation.pk).update(amount=reserved, state="open")
    budgets._move(
        reservation,
        (Account.FREE, Account.RESERVED, amount),
        (Account.RESERVED, Account.SPENT, spent),
        (Account.RESERVED, Account.PRESUMED, presumed),
    )
    Allowance.objects.of(row.owner_id, row.month).settle(reserved=-reserved, spent=spent + presumed)


def check_ledger() -> None:
    """Assert that months, reservations and the ledger agree."""
    for allowance in Allowance.objects.all():
        month = {"person": allowance.person_id, "month": allowance.month}
        balance = LedgerEntry.objects.filter(**month).balance()
        rows = Reservation.objects.filter(**month).open()
        assert allowance.reserved == balance.reserved == sum(row.amount for row in rows)
        assert allowance.spent == balance.spent + balance.presumed
        assert min(balance) >= 0
        assert allowance.reserved + allowance.spent <= allowance.cap or not allowance.reserved
    for reservation in Reservation.objects.all():
        balance = LedgerEntry.objects.filter(reservation=reservation.pk).balance()
        assert balance.reserved == (reservation.amount if reservation.state == "open" else 0)
        assert min(balance) >= 0
