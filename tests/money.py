"""What a generation has reserved, spent and presumed spent, as its ledger says."""

from typing import Any

from studio.models import Allowance, Generation, Reservation, Unit
from studio.models.reservations import Account, Balance
from studio.services import budgets, ledger, ledger_check


def money_of(row: Generation) -> Balance:
    """Return (reserved, spent, presumed) of a row as it stands in the database."""
    return budgets.balance(generation=row)


def put(
    row: Generation, *, reserved: int = 0, spent: int = 0, presumed: int = 0, round: int | None = None
) -> None:
    """Give a row more money in these accounts, and its person's month as much."""
    amount = reserved + spent + presumed
    place = {"generation": row, "round": row.round if round is None else round, "unit": Unit.IMAGES}
    fresh: dict[str, Any] = {
        "person_id": row.owner_id,
        "month": row.month,
        "amount": reserved or amount,
        "state": "open" if reserved else "settled",
    }
    reservation, made = Reservation.objects.get_or_create(**place, defaults=fresh)
    if reserved and not made:
        Reservation.objects.filter(pk=reservation.pk).update(amount=reserved, state="open")
    moves = [
        (Account.FREE, Account.RESERVED, amount),
        (Account.RESERVED, Account.SPENT, spent),
        (Account.RESERVED, Account.PRESUMED, presumed),
    ]
    ledger.write((reservation, moves))
    Allowance.objects.of(row.owner_id, row.month).move(reserved=reserved, spent=spent + presumed)


def check_ledger() -> None:
    """Assert that months, purses, reservations, costs and the ledger agree, and that no cap was overshot."""
    assert ledger_check.check().wrong == []
    for month in Allowance.objects.all():
        assert month.reserved + month.spent <= month.cap or not month.reserved
