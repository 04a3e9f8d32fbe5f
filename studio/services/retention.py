"""Ends what would wait for ever, forgets old answers, empties the trash, removes leftover files; every ten minutes."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from studio.db import release_connection, write_transaction
from studio.models import Case, CaseKind, Generation, Image, Installation, RelayRequest, SlotState, State
from studio.models.images import ImageQuerySet
from studio.models.relay_requests import spool_name
from studio.models.slots import PENDING
from studio.relays.dialects.base import Kind
from studio.services import (
    audit,
    calls,
    digests,
    letters,
    limits,
    notices,
    outside,
    running_low,
    selections,
)
from studio.services.drawing import kept_links, settlement
from studio.services.drawing.rows import LONGEST_LIFE
from studio.services.drawing.settlement import AnswerFacts
from studio.services.imports import asking
from studio.services.moderation import holds
from studio.services.moderation.looks import EVIDENCE
from studio.services.people import erasure, exports, suspensions
from studio.services.webhooks import deliveries
from studio.words import Reason

logger = logging.getLogger(__name__)

SAVING_PATIENCE = timedelta(hours=24)
"""How long an answer is tried to be saved (SAFETY §6, row 34)."""

FETCH_PATIENCE = LONGEST_LIFE + timedelta(days=1)
"""How long one is tried to be fetched whose link never dies; others end with their links."""

MISSING_PATIENCE = timedelta(hours=1)
"""How long a worker that has the file of an answer may take to come back."""

LATELY = timedelta(hours=1)
"""An answer is only given up if a worker has just failed with it, not because everything was switched off."""

TRASH_AGE = timedelta(days=30)
"""How long the trash can be restored (PRODUCT 3.8)."""

QUARANTINE_AGE = timedelta(days=30)
"""How long a picture that could not be developed waits for an administrator."""

ANSWER_AGE = timedelta(days=7)
"""How long administrators can read what a relay answered (SAFETY §6, row 15)."""

PURGED_AT_ONCE = 500


def clean_up() -> None:
    """Do all of it."""
    end_hopeless()
    holds.end_overdue()
    forget_answers()
    expire()
    purge_trash()
    purge_quarantine()
    purge_evidence()
    limits.forget()
    kept_links.forget()
    forget_sessions()
    suspensions.end_over()
    notices.forget_old()
    running_low.warn()
    digests.send()
    letters.deliver()
    exports.make_forgotten()
    exports.forget()
    asking.work_off_forgotten()
    asking.forget()
    selections.forget()
    outside.forget()
    calls.forget()
    deliveries.forget()
    erasure.erase_all()


# Answers that have come and cannot be saved


def end_hopeless() -> int:
    """End generations whose answer nobody can save any more, without asking again; return how many."""
    pending = Count("slots", filter=Q(slots__state__in=PENDING))
    tried = Generation.objects.in_state(State.RECEIVED).filter(claimed_by="", not_before__gte=Now() - LATELY)
    fetching = Count("slots", filter=Q(slots__state=SlotState.PENDING_FETCH))
    old = tried.filter(received_at__lt=Now() - MISSING_PATIENCE)
    stuck = old.annotate(pending=pending, fetching=fetching)
    over = Q(received_at__lt=Now() - SAVING_PATIENCE, fetching=0) | Q(received_at__lt=Now() - FETCH_PATIENCE)
    late = set(stuck.filter(over).values_list("pk", flat=True))
    rows = stuck.select_related("owner")
    return sum(_end(row, row.pending, late=row.pk in late) for row in rows)  # type: ignore[attr-defined]


def _end(row: Generation, pending: int, *, late: bool) -> bool:
    """End the row if its time is over; a pending slot means that some worker could read the answer."""
    if late and pending:
        logger.warning("storage.given_up generation=%s slots=%d", row.pk, pending)
        why = Reason("not_stored", count=pending)
        return settlement.fail(generation=row, to=State.DONE, why=why, facts=AnswerFacts(kind="not_stored"))
    spool = settings.SPOOL_DIR / spool_name(row.pk, row.attempts)
    if not late and (pending or spool.exists()):
        return False
    logger.warning("answer.given_up generation=%s spool=%s", row.pk, spool.exists())
    if not spool.exists():  # it may be found yet, by `recovery` on the machine that has it
        facts = AnswerFacts(kind=Kind.UNKNOWN, raw=f"No file of the answer on this machine: {spool.name}")
        return settlement.lose_contact(generation=row, facts=facts, why=Reason("answer_elsewhere"))
    facts = AnswerFacts(kind=Kind.BAD_ANSWER)
    return settlement.fail(generation=row, to=State.BROKEN, why=Reason("unreadable"), facts=facts)


# What relays answered


def forget_answers() -> int:
    """Clear the raw answers that were kept for administrators once they are a week old; return how many."""
    old = RelayRequest.objects.exclude(raw="").filter(sent_at__lt=Now() - ANSWER_AGE)
    with write_transaction():
        return old.update(raw="")


# Sessions


def forget_sessions() -> int:
    """Delete sessions that have run out; return how many."""
    alive = Session.objects.values("session_key")
    with write_transaction():
        over = Session.objects.filter(expire_date__lt=Now()).delete()[0]
        UserSession.objects.exclude(session_key__in=alive).delete()
    return over


# What the team keeps


@dataclass(frozen=True)
class Preview:
    """What a rule of retention would do now: how many pictures would go, and how many favourites stay."""

    days: int
    goes: int
    stays: int


def preview(*, days: int) -> Preview:
    """Count what a rule would do, without doing it."""
    old = _older_than(days)
    return Preview(days, goes=old.liked(False).count(), stays=old.liked().count())


def expire() -> int:
    """Put pictures into the trash that are older than the team keeps them, unless somebody likes them."""
    days = Installation.objects.values_list("retention_days", flat=True).first()
    if not days:
        return 0
    with write_transaction():
        keys = list(_older_than(days).liked(False).values_list("pk", flat=True)[:PURGED_AT_ONCE])
        gone = Image.objects.kept().filter(pk__in=keys).update(trashed_at=Now()) if keys else 0
        if gone:
            audit.record(actor=None, action="image.expired", subject="", n=gone, days=days)
    return gone


def _older_than(days: int) -> ImageQuerySet:
    return Image.objects.kept().older_than(timezone.now() - timedelta(days=days)).order_by("pk")


# The trash and the quarantine


def purge_trash() -> int:
    """Delete for good what has been in the trash for 30 days and is before no moderator; return how many images."""
    judged = Case.objects.open().filter(image=OuterRef("pk"))
    old = Image.objects.filter(
        trashed_at__lt=Now() - TRASH_AGE, removed_at=None
    )  # what is removed is evidence
    old = old.exclude(Exists(judged))
    return _purge_all(old.order_by("trashed_at", "pk"))


def purge_quarantine() -> int:
    """Delete for good what could not be developed within 30 days; return how many images."""
    hopeless = Image.objects.filter(unusable=True, develop_at=None, saved_at__lt=Now() - QUARANTINE_AGE)
    return _purge_all(hopeless.order_by("pk"))


def purge_evidence() -> int:
    """Delete for good what moderators removed 30 days ago, unless an appeal is open; return how many images."""
    appealed = Case.objects.open().filter(kind=CaseKind.APPEAL, image=OuterRef("pk"))
    removed = Image.objects.filter(removed_at__lt=Now() - EVIDENCE).exclude(Exists(appealed))
    return _purge_all(removed.order_by("removed_at", "pk"))


def _purge_all(old: ImageQuerySet) -> int:
    purged = 0
    for image in old[:PURGED_AT_ONCE]:
        try:
            purged += _purge(image, old)
        except Exception:
            logger.exception("storage.failed image=%s; the trash is emptied later", image.pk)
            break
    return purged


def _purge(image: Image, old: ImageQuerySet) -> bool:
    """Delete the files, then the row: an interrupted purge is repeated, and never leaves bytes without a row."""
    with write_transaction():
        if (
            not old.order_by().filter(pk=image.pk).update(unusable=True)
        ):  # from here on nobody sees or restores it
            return False
    release_connection()
    for key in image.keys:
        default_storage.delete(key)
    with write_transaction():
        Case.objects.lose_picture(image)
        _, deleted = Image.objects.filter(pk=image.pk).delete()
        if not deleted.get(Image._meta.label):
            return False
        generation = str(image.generation_id)
        audit.record(
            actor=None, action="image.purged", subject=image.pk, generation=generation, index=image.index
        )
    return True
