"""Draws one generation: claim, send, receive, store, settle (SAFETY.md §1).

Whatever happens between two of these steps, the row says what may be done next; nothing else is asked.
"""

import logging
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce, Now

from studio import failpoints
from studio.models import Generation, SlotState, State, WireRequest
from studio.models.generations import RUNNING, GenerationQuerySet, spool_name
from studio.models.transactions import rest, writing
from studio.relays import classify, open_relay, spool
from studio.relays.base import DrawRequest, Kind, Relay, RelayError
from studio.services import images, leases, settlement, tickets
from studio.services.outcomes import OUTCOMES, Again, wait_for

logger = logging.getLogger(__name__)

NO_ROOM = "Storage is full. Your finished images are kept; this one starts when space is available."
PAUSE = 30
"""Seconds before storage, disk space or a stumble of ours is tried again."""


class Overtaken(Exception):
    """The row is no longer ours: it was cancelled, or another worker took it over."""


def run_next(*, rows: GenerationQuerySet | None = None) -> UUID | None:
    """Claim the fairest ready generation (among `rows`) and work on it; return its id, or None if there was none."""
    failpoints.hit("ticket")
    rows = Generation.objects.all() if rows is None else rows
    if not rows.ready().exists():
        return None
    with writing():
        generation = rows.claim_next(leases.WORKER)
    if generation is None:
        return None
    failpoints.hit("claimed")
    with leases.held(generation.pk):
        _work(generation)
    return generation.pk


def _work(generation: Generation) -> None:
    """Take the generation as far as it goes; every way out leaves a row that says the truth."""
    try:
        if generation.state == State.CLAIMED:
            _ask(generation)
        _keep(generation)
    except Overtaken:
        logger.info("generation %s was taken over", generation.pk)
    except RelayError as error:
        _answer_for(generation, error)
    except Exception:
        logger.exception("generation %s stumbled", generation.pk)
        _stumble(generation)
    finally:
        rest()


def _mine(generation: Generation) -> GenerationQuerySet:
    return Generation.objects.filter(pk=generation.pk, claimed_by=leases.WORKER)


def _ask(generation: Generation) -> None:
    """Send the request; `sent` and its ledger row are committed after the connection, before the first byte."""
    slots = list(generation.slots.missing().values_list("index", flat=True))
    request = draw_request(generation, n=len(slots))
    relay = _open(generation)
    path = spool_path(generation, generation.attempts + 1)

    def before_send() -> None:
        _commit_sent(generation, slots, relay.dropped(request))
        failpoints.hit("sent")
        rest()

    rest()
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    relay.send(request, spool=path, before_send=before_send, deadline=settings.RELAY_DEADLINE)
    failpoints.hit("spooled")
    _commit_received(generation)
    failpoints.hit("received")


def _commit_sent(generation: Generation, slots: list[int], dropped: list[str]) -> None:
    with writing():
        attempt = generation.attempts + 1
        if not _mine(generation).move(
            State.CLAIMED, to=State.SENT, attempts=attempt, sent_at=Now(), received_at=None
        ):
            raise Overtaken
        WireRequest.objects.create(generation=generation, attempt=attempt, slots=slots, dropped=dropped)
    generation.attempts = attempt
    generation.state = State.SENT


def _commit_received(generation: Generation) -> None:
    """Move on; an answer that comes after the row was given up as lost is kept all the same."""
    with writing():
        came = _mine(generation).move(State.SENT, to=State.RECEIVED, received_at=Now())
        if not came and not settlement.find_again(generation=generation, worker=leases.WORKER):
            raise Overtaken
    generation.state = State.RECEIVED


def _keep(generation: Generation) -> None:
    """Read the spool, store each picture, settle."""
    if generation.state != State.RECEIVED:
        return
    wire = generation.wire_requests.get(attempt=generation.attempts)
    path = spool_path(generation, wire.attempt)
    with spool.reading(path) as body:
        trace = classify.trace_id(body.headers, {})[:120]
        WireRequest.objects.filter(pk=wire.pk).update(status=body.status, trace_id=trace)
    relay = _open(generation)
    pictures = relay.read(draw_request(generation, n=len(wire.slots)), spool=path)
    if len(pictures) > len(wire.slots):
        logger.warning("relay.extra_images generation=%s got=%d", generation.pk, len(pictures))
    waiting = images.keep(
        generation=generation, relay=relay, spool=path, pictures=dict(zip(wire.slots, pictures, strict=False))
    )
    failpoints.hit("stored")
    if waiting:
        sentence = (
            f"{len(wire.slots) - waiting} of {len(wire.slots)} images ready. The rest is still being saved."
        )
        return _postpone(generation, State.RECEIVED, to=State.RECEIVED, sentence=sentence)
    saved = generation.slots.filter(index__in=wire.slots, state=SlotState.SAVED).count()
    if settlement.complete(generation=generation, asked=len(wire.slots), delivered=saved):
        path.unlink(missing_ok=True)
        settlement.learn_usual_time(model=generation.model)


def _answer_for(generation: Generation, error: RelayError) -> None:
    """Turn the class of a relay's answer into what happens next (RELAYS.md §2.8)."""
    if error.code == "storage_full" and error.kind == Kind.NOT_SENT:
        return _postpone(generation, State.CLAIMED, to=State.QUEUED, sentence=NO_ROOM)
    outcome = OUTCOMES[error.kind]
    again = outcome.again
    if again is not None and generation.tries < again.times:
        return _try_again(generation, error, again)
    if error.kind == Kind.UNKNOWN and generation.state == State.SENT:
        settlement.lose_contact(generation=generation, raw=error.message)
        return None
    settlement.fail(
        generation=generation,
        to=outcome.state,
        sentence=outcome.say(error, generation.tries + 1),
        kind=error.kind,
        raw=error.message,
        trace_id=error.trace_id,
    )
    return None


def _try_again(generation: Generation, error: RelayError, again: Again) -> None:
    seconds = wait_for(again, tries=generation.tries, asked=error.retry_after)
    sentence = again.sentence.format(
        seconds=max(1, round(seconds)), number=generation.tries + 1, times=again.times
    )
    with writing():
        WireRequest.objects.filter(generation=generation, ended_at=None).update(
            ended_at=Now(), outcome=error.kind, trace_id=error.trace_id[:120]
        )
        _postpone(
            generation, *RUNNING, to=State.QUEUED, sentence=sentence, seconds=seconds, tries=F("tries") + 1
        )


def _postpone(
    generation: Generation, *old: State, to: State, sentence: str, seconds: float = PAUSE, **fields: object
) -> None:
    """Give the row back, to be claimed again after some seconds."""
    not_before = Now() + timedelta(seconds=seconds)
    with writing():
        if _mine(generation).move(
            *old, to=to, claimed_by="", not_before=not_before, sentence=sentence, **fields
        ):
            tickets.wake(after=seconds)
    generation.state = to


def _stumble(generation: Generation) -> None:
    """Recover from an error of our own: before sending, wait and retry; after it, never send again."""
    if generation.state == State.CLAIMED and generation.tries < 3:
        return _postpone(
            generation,
            State.CLAIMED,
            to=State.QUEUED,
            sentence="Waiting to be tried again.",
            tries=F("tries") + 1,
        )
    if generation.state == State.CLAIMED:
        sentence = "The studio could not send this request. Nothing was charged. An administrator was told."
        settlement.fail(generation=generation, to=State.FAILED, sentence=sentence, kind="studio")
    elif generation.state == State.SENT and not spool_path(generation, generation.attempts).exists():
        settlement.lose_contact(generation=generation)
    else:
        sentence, came = "Saving takes longer than usual.", Coalesce("received_at", Now())
        _postpone(
            generation, State.SENT, State.RECEIVED, to=State.RECEIVED, sentence=sentence, received_at=came
        )
    return None


def draw_request(generation: Generation, *, n: int) -> DrawRequest:
    """Return what is asked of the relay, in the studio's own words."""
    return DrawRequest(
        model=generation.model.model_id,
        prompt=generation.prompt.text,
        n=n,
        settings=generation.settings,
        accepts=frozenset(generation.model.accepts),
    )


def spool_path(generation: Generation, attempt: int) -> Path:
    """Where the answer to one attempt is written down before it is parsed."""
    return settings.SPOOL_DIR / spool_name(generation.pk, attempt)


def _open(generation: Generation) -> Relay:
    row = generation.model.relay
    return open_relay(
        dialect=row.dialect, base_url=row.base_url, api_key=row.api_key, allow=settings.RELAY_PRIVATE_ALLOW
    )
