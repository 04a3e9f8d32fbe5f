"""What administrators do with what waits: move it, or cancel it with a reason; and how much may wait (PRODUCT §2)."""

from django.db.models import Max, Min, QuerySet

from studio.db import write_transaction
from studio.errors import Conflict, StudioError, TooMany
from studio.models import Generation, NoticeKind, State, User
from studio.models.generations import RANK
from studio.models.states import WAITING
from studio.prepared import prepared
from studio.services import audit, notices, tickets
from studio.services.drawing import line, settlement
from studio.words import Reason

FIRST, LAST, TURN = "first", "last", "turn"
PLACES = (FIRST, LAST, TURN)


def check_room(*, person: User, n: int) -> None:
    """Raise TooMany when a person would have more images waiting than they may; grids wait in a line of their own."""
    waiting = sum(_waiting(person))
    if waiting + n > person.queue_cap:
        raise TooMany(Reason("queue_full", waiting=waiting, most=person.queue_cap))


@prepared
def _waiting(person: User) -> QuerySet[Generation, int]:
    mine = Generation.objects.owned_by(person).in_state(*WAITING)
    return mine.filter(stopped_waiting_at=None, grid=None).values_list("n", flat=True)


def move(*, generation: Generation, administrator: User, to: str) -> None:
    """Put what waits before everybody, behind everybody, or back into its person's turn.

    Of two that are put first at the same moment the older one goes first.
    """
    waiting = Generation.objects.in_state(State.QUEUED)
    with write_transaction():
        before = waiting.filter(pk=generation.pk).values_list("rank", flat=True).first()
        if not waiting.filter(pk=generation.pk).update(rank=_rank(to)):
            raise Conflict(Reason("not_waiting"))
        Generation.objects.filter(pk=generation.pk).touch()
        audit.record(
            actor=administrator, action="queue.moved", subject=generation.pk, to=to, before={"rank": before}
        )
        tickets.wake()
    line.forget()


def _rank(to: str) -> int | None:
    """Return the rank of this place, beyond all that have one."""
    if to == TURN:
        return None
    ends = Generation.objects.in_state(State.QUEUED).aggregate(first=Min(RANK), last=Max(RANK))
    return min(ends["first"] or 0, 0) - 1 if to == FIRST else max(ends["last"] or 0, 0) + 1


def cancel(*, generation: Generation, actor: User, why: str = "") -> None:
    """Take back what waits: one's own, or an administrator's choice, whose reason its person reads."""
    person = generation.owner
    if person == actor:
        ended = settlement.cancel(generation=generation, person=person)
    elif not why.strip():
        raise StudioError(Reason("cancelling_wants_a_reason"), param="why")
    else:
        ended = _cancel_for(generation, person, actor, Reason("cancelled_by_administrator", why=why))
    line.forget()
    if not ended:
        raise Conflict(Reason("already_drawing"))


def _cancel_for(generation: Generation, person: User, administrator: User, why: Reason) -> bool:
    with write_transaction():
        ended = settlement.cancel(generation=generation, person=person, actor=administrator, why=why)
        if ended:
            notices.tell(
                person=person, kind=NoticeKind.CANCELLED, by=administrator, generation=generation, why=why
            )
            said = why.values["why"]
            audit.record(actor=administrator, action="queue.cancelled", subject=generation.pk, reason=said)
    return ended


def limit(*, person: User, administrator: User, images: int | None) -> None:
    """Let a person have more or fewer images waiting than their role; None is what the role has."""
    with write_transaction():
        row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if row.queue_images != images:
            User.objects.filter(pk=person.pk).update(queue_images=images)
            audit.record(
                actor=administrator,
                action="person.queue_changed",
                subject=person.pk,
                before={"images": row.queue_images},
                after={"images": images},
            )
