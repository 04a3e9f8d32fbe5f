"""The list of public reasons: those that come with the studio and the team's own."""

from collections.abc import Mapping
from uuid import uuid4

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.models import PublicReason, User
from studio.services import audit
from studio.words.cases import REASONS

FOR_REPORTS = ("nothing_wrong",)
"""What nobody reports something for."""

LAST = ("nothing_wrong", "something_else")
"""Those that stand behind the team's own, and are always offered."""


def words() -> dict[str, str]:
    """Return what each code says, of those that are offered no longer as well."""
    return REASONS | {row.code: row.words for row in PublicReason.objects.exclude(words="")}


def offered(*, to_report: bool = False) -> dict[str, str]:
    """Return code → words of what can be chosen now, in order."""
    rows = {row.code: row for row in PublicReason.objects.all()}
    own = {code: row.words for code, row in rows.items() if row.words and row.retired_at is None}
    usual = {code: said for code, said in REASONS.items() if code not in rows and code not in LAST}
    left_out: Mapping[str, str] | tuple[str, ...] = FOR_REPORTS if to_report else ()
    last = {code: REASONS[code] for code in LAST if code not in left_out}
    return usual | own | last


def said(code: str, own: str) -> str:
    """Return a public reason as its person reads it: what was chosen, and what was written."""
    chosen = words().get(code, "")
    return f"{chosen}. {own}" if chosen and own else chosen or own


def add(*, words: str, moderator: User) -> PublicReason:
    """Offer a reason of the team's own."""
    with write_transaction():
        row = PublicReason.objects.create(code=uuid4().hex, words=words)
        audit.record(actor=moderator, action="reason.added", subject=row.pk, words=words)
    return row


def retire(*, code: str, moderator: User, retired: bool = True) -> bool:
    """Offer a reason no longer, or again; what was decided keeps its words. Say whether there is such a reason."""
    with write_transaction():
        if code in REASONS and code not in LAST:
            _switch_usual(code, retired)
        elif not PublicReason.objects.filter(code=code).update(retired_at=Now() if retired else None):
            return False
        action = "reason.retired" if retired else "reason.offered"
        audit.record(actor=moderator, action=action, subject=code)
    return True


def _switch_usual(code: str, retired: bool) -> None:
    """A reason that comes with the studio has a row for as long as it is not offered."""
    if retired:
        PublicReason.objects.get_or_create(code=code, defaults={"retired_at": Now()})
    else:
        PublicReason.objects.filter(code=code).delete()
