"""How many images an administrator lets a person make: this month, and in each month that is still to begin."""

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Allowance, NoticeKind, User
from studio.services import audit, budgets, notices
from studio.words import Reason


def change(*, person: User, administrator: User, was: int, cap: int, monthly: int | None = None) -> Allowance:
    """Give the running month another cap; return the month as it stands then. `monthly` None is the studio's own.

    `was` is the cap that the administrator saw: of two who change the same one, the second is told (SAFETY row 39).
    A cap below what is made and reserved takes nothing back: what is reserved is drawn, and nothing more is reserved.
    """
    with write_transaction():
        month = Allowance.objects.select_for_update().get(pk=budgets.allowance(person=person).pk)
        row = User.objects.select_for_update(no_key=True).get(
            pk=person.pk
        )  # after the month, as a submit does
        if month.cap != was:
            raise Conflict(Reason("cap_changed", cap=f"{month.cap:,}"), param="cap")
        before = {"cap": month.cap, "monthly": row.monthly_images}
        after = {"cap": cap, "monthly": monthly}
        if before != after:
            _change(month, row, cap, monthly)
            detail = {"month": month.month.isoformat(), "before": before, "after": after}
            audit.record(actor=administrator, action="person.budget_changed", subject=row.pk, **detail)
        if cap != was:
            granted = NoticeKind.BUDGET_GRANTED
            notices.tell(person=row, kind=granted, by=administrator, images=cap - was, cap=cap)
    return month


def _change(month: Allowance, row: User, cap: int, monthly: int | None) -> None:
    month.cap, row.monthly_images = cap, monthly
    month.warned = month.exhausted = False
    month.save(update_fields=["cap", "warned", "exhausted"])  # what races beside it are reserved and spent
    row.save(update_fields=["monthly_images"])
