"""What becomes of a generation whose request failed: another try, a stand-in, or a clear end (RELAYS.md §2.8)."""

import math
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import OverBudget
from studio.models import Call, Generation, ImageModel, SlotState, State
from studio.models.states import RUNNING
from studio.relays.dialects.base import Kind, RelayClient, RelayError
from studio.services import budgets, prices, tickets
from studio.services.drawing import settlement
from studio.services.drawing.keeping import Kept
from studio.services.drawing.leases import spool_path
from studio.services.drawing.outcomes import OUTCOMES, RetryRule, is_ours, wait_for
from studio.services.drawing.settlement import AnswerFacts
from studio.services.relays import health
from studio.words import Reason

PAUSE = 30
"""Seconds before storage, disk space or a stumble of ours is tried again."""

PATIENCE = 120.0
"""Seconds for which a relay may ask us to wait before its stand-in draws instead."""

HANDED_OVER = {
    Kind.NOT_SENT,
    Kind.RATE_LIMITED,
    Kind.OUT_OF_FUNDS,
    Kind.NOT_OPEN,
    Kind.AUTH,
    Kind.MODEL_GONE,
    Kind.WRONG_ADDRESS,
}
"""Failures after which a stand-in may draw: nothing can have been charged."""


def answer_for(generation: Generation, relay: RelayClient | None, error: RelayError) -> None:
    """Turn the class of a relay's answer into what happens next (RELAYS.md §2.8)."""
    if error.code == "storage_full" and error.kind == Kind.NOT_SENT:
        _postpone(generation, State.CLAIMED, to=State.QUEUED, why=Reason("no_room"))
        return None
    facts = _facts(generation, relay, error)
    again = _again(generation, error)
    if again and (error.retry_after or 0) <= PATIENCE:
        return _try_again(generation, error, again, facts)
    handed_over = error.kind in HANDED_OVER and _hand_over(generation, facts)
    if again and not handed_over:
        return _try_again(generation, error, again, facts)
    if not handed_over:
        _give_up(generation, error, facts)
    if error.kind != Kind.INVALID or is_ours(error, generation.settings):
        health.failed(generation.drawn_by, error)
    return None


def _again(generation: Generation, error: RelayError) -> RetryRule | None:
    """Return how a failure is tried again by itself, if it is and a try is left."""
    again = OUTCOMES[error.kind].again
    is_off = error.kind == Kind.TRANSIENT and not generation.drawn_by.relay.retries
    return None if again is None or is_off or generation.tries >= again.times else again


def _give_up(generation: Generation, error: RelayError, facts: AnswerFacts) -> None:
    outcome = OUTCOMES[error.kind]
    if error.kind == Kind.UNKNOWN and generation.state == State.SENT:
        settlement.lose_contact(generation=generation, facts=facts)
    else:
        why = outcome.why(error, generation.tries + 1, generation.settings)
        settlement.fail(generation=generation, to=outcome.state, why=why, facts=facts)


def _facts(generation: Generation, relay: RelayClient | None, error: RelayError) -> AnswerFacts:
    """Return what is known of a failure, with the answer itself if one came."""
    path = spool_path(generation, generation.attempts)
    path = path if path.exists() else path.with_suffix(".part")
    came = relay is not None and generation.state in (State.SENT, State.RECEIVED) and path.exists()
    return AnswerFacts(
        kind="empty" if (error.kind, error.code) == (Kind.BLOCKED, "empty") else error.kind,
        raw=error.message,
        status=error.status,
        trace_id=error.trace_id[:120],
        answer=relay.raw(path) if relay and came else "",
    )


def wait_to_keep(generation: Generation, kept: Kept, *, asked: int) -> None:
    """Try again later to keep what could not be fetched, or what storage would not take."""
    ready, fetching = kept.count(SlotState.SAVED), kept.count(SlotState.PENDING_FETCH)
    why = Reason("storing", ready=ready, asked=asked)
    if fetching and kept.until:
        code = "fetching_only" if asked == 1 else "fetching_last" if fetching == 1 else "fetching_some"
        facts = {"ready": ready, "asked": asked, "missing": fetching, "seconds": math.ceil(kept.pause)}
        why = Reason(code, until=timezone.localtime(kept.until).isoformat(timespec="minutes"), **facts)
    _postpone(generation, State.RECEIVED, to=State.RECEIVED, why=why, seconds=kept.pause)


def _try_again(generation: Generation, error: RelayError, again: RetryRule, facts: AnswerFacts) -> None:
    seconds = wait_for(again, tries=generation.tries, asked=error.retry_after)
    why = Reason(again.reason, seconds=max(1, round(seconds)), number=generation.tries + 1, times=again.times)
    with write_transaction():
        if _postpone(generation, *RUNNING, to=State.QUEUED, why=why, seconds=seconds, tries=F("tries") + 1):
            settlement.end_requests(generation, outcome=error.kind, facts=facts)


def _hand_over(generation: Generation, facts: AnswerFacts) -> bool:
    """Let the model's stand-in draw instead: once, and only where nothing can have been charged."""
    other = None if generation.via else _stand_in(generation)
    if other is None:
        return False
    name = generation.model.relay.name
    step = {"relay": name, "status": facts.status, "kind": facts.kind}
    fields = {
        "via": other,
        "trail": [*generation.trail, step],
        "tries": 0,
        "claimed_by": "",
        "not_before": None,
    }
    why = Reason("handed_over", relay=name, other=other.relay.name)
    try:
        with write_transaction():
            if Generation.objects.known(generation).move(*RUNNING, to=State.QUEUED, why=why, **fields):
                rate = prices.rate_of(model=other, settings=generation.settings)
                budgets.reprice(generation=generation, rate=rate)
                settlement.end_requests(generation, outcome=facts.kind, facts=facts)
                tickets.wake()
    except OverBudget:  # what the stand-in costs is not left
        return False
    return True


def _stand_in(generation: Generation) -> ImageModel | None:
    """Return the stand-in, if its owner may use it, and the token by which a program asked."""
    reach = Call.objects.reach(generation.submission_id).first() if generation.model.stand_in_id else ""
    return generation.model.substitute(generation.owner, reach=reach or "")


def _postpone(
    generation: Generation, *old: State, to: State, why: Reason, seconds: float = PAUSE, **fields: object
) -> bool:
    """Give the row back, to be claimed again after some seconds."""
    not_before = Now() + timedelta(seconds=seconds)
    with write_transaction():
        moved = Generation.objects.known(generation).move(
            *old, to=to, claimed_by="", not_before=not_before, why=why, **fields
        )
        if moved:
            tickets.wake(after=seconds)
    generation.state = to
    return moved


def leave(generation: Generation) -> None:
    """Give the row back to the machine that has its answer: soon, and the longer ago that came, the later."""
    came = generation.received_at or timezone.now()
    seconds = min(PAUSE, max(1.0, (timezone.now() - came).total_seconds() / 10))
    _postpone(generation, State.RECEIVED, to=State.RECEIVED, why=Reason("saving_slowly"), seconds=seconds)


def stumble(generation: Generation) -> None:
    """Recover from an error of our own: before sending, wait and retry; after it, never send again."""
    if generation.state == State.CLAIMED and generation.tries < 3:
        why = Reason("stumbled")
        _postpone(generation, State.CLAIMED, to=State.QUEUED, why=why, tries=F("tries") + 1)
    elif generation.state == State.CLAIMED:
        settlement.fail(
            generation=generation, to=State.FAILED, why=Reason("not_sent"), facts=AnswerFacts(kind="studio")
        )
    elif generation.state == State.SENT and not spool_path(generation, generation.attempts).exists():
        settlement.lose_contact(generation=generation)
    else:
        why, came = Reason("saving_slowly"), Coalesce("received_at", Now())
        _postpone(generation, State.SENT, State.RECEIVED, to=State.RECEIVED, why=why, received_at=came)
