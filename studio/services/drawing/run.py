"""Draws one generation: claim, send, receive, store, settle (SAFETY.md §1).

Whatever happens between two of these steps, the row says what may be done next; nothing else is asked.
A model that draws fewer images at a time than were asked for gets several requests, one claim each.
"""

import logging
from pathlib import Path
from uuid import UUID

from django.conf import settings

from studio import failpoints, logs
from studio.db import release_connection, write_transaction
from studio.errors import Unavailable
from studio.inserts import insert
from studio.models import Generation, ImageModel, RelayRequest, SlotState, State, schema
from studio.models.generations import GenerationQuerySet
from studio.models.relay_requests import RATE_WINDOW
from studio.relays import open_relay
from studio.relays.answers import classify, spool
from studio.relays.dialects.base import Answer, DrawRequest, Kind, RelayClient, RelayError
from studio.services import prices, tickets
from studio.services.drawing import (
    claims,
    failures,
    holding,
    judging,
    keeping,
    kept_links,
    leases,
    settlement,
    statements,
    telling,
)
from studio.services.drawing.leases import spool_path
from studio.services.drawing.perseverance import persevere
from studio.services.drawing.rows import Overtaken
from studio.services.drawing.settlement import AnswerFacts
from studio.services.relays import health, strikes
from studio.words import NO_REASON, Reason

logger = logging.getLogger(__name__)


class Elsewhere(Exception):
    """The answer lies on the disk of another machine, which goes on with it."""


class NothingToAsk(Exception):
    """Every slot has been answered for: no request is sent for nothing."""


def run_next(*, rows: GenerationQuerySet | None = None, goes_on: bool = False) -> UUID | None:
    """Claim the fairest ready generation (among `rows`) and work on it; return its id, or None if there was none.

    `goes_on` says that whoever calls looks for the next one by itself.
    """
    failpoints.hit("ticket")
    if not schema.fits():
        return None
    generation = claims.claim_next(leases.WORKER, rows=rows, share=share())
    if generation is None:
        return None
    failpoints.hit("claimed")
    with leases.leased(generation.pk), logs.about(generation.pk, request=generation.request_id or ""):
        _work(generation)
    if not goes_on:
        _call_the_next()
    return generation.pk


def share() -> int:
    """Return how many rows of one person this process works on at once: half of its threads (SAFETY T25)."""
    return max(1, settings.WORKER_THREADS // 2)


def _call_the_next() -> None:
    """Wake a worker for a row that may have waited for this one's place; its own ticket is long gone.

    Only when a quarter of the threads are idle: where all are busy, tickets have not run out.
    """
    if leases.running() <= settings.WORKER_THREADS * 3 // 4 and Generation.objects.ready().exists():
        tickets.wake()


def _work(generation: Generation) -> None:
    """Take the generation as far as it goes; every way out leaves a row that says the truth."""
    relay: RelayClient | None = None
    if generation.state == State.CLAIMED and generation.stopped_waiting_at:
        settlement.let_go(generation=generation)
        return
    if generation.state == State.CLAIMED and generation.restored:
        settlement.ask(generation=generation)
        return
    if generation.state == State.CLAIMED and (why := _closed(generation)):
        settlement.fail(generation=generation, to=State.FAILED, why=why, facts=AnswerFacts(kind="closed"))
        return
    if generation.state == State.CLAIMED and (holding.is_held(generation) or judging.is_held(generation)):
        return
    try:
        relay = _open(generation)
        relay_request = (
            _ask(generation, relay) if generation.state == State.CLAIMED else _last_request(generation)
        )
        _keep(generation, relay, relay_request)
    except Overtaken:
        logger.info("generation %s was taken over", generation.pk)
    except NothingToAsk:
        logger.warning("generation %s had nothing left to ask for", generation.pk)
        settlement.complete(generation=generation)
    except Elsewhere:
        logger.info("the answer of generation %s lies on another machine", generation.pk)
        persevere(failures.leave, generation)
    except RelayError as error:
        persevere(failures.answer_for, generation, relay, error)
    except Exception:
        logger.exception("generation %s stumbled", generation.pk)
        persevere(failures.stumble, generation)
    finally:
        release_connection()


def _closed(generation: Generation) -> Reason:
    """Say why this may no longer be drawn: its model or stand-in was switched off, or closed to its owner's role."""
    owner = generation.owner
    for model in dict.fromkeys([generation.model, generation.drawn_by]):
        if why := model.closed_to(owner):
            return Reason("closed_meanwhile", model=model.label, why=why)
    return NO_REASON


def _ask(generation: Generation, relay: RelayClient) -> RelayRequest:
    """Send the request; `sent` and its ledger row are committed after the connection, before the first byte."""
    slots = statements.unanswered(generation)[: generation.drawn_by.per_call]
    if not slots:
        raise NothingToAsk
    request = draw_request(generation, n=len(slots))
    attempt = generation.attempts + 1
    path = spool_path(generation, attempt)
    said = {"slots": slots, "sent": relay.sent(request), "dropped": relay.dropped(request)}
    relay_request = RelayRequest(generation=generation, model=generation.drawn_by, attempt=attempt, **said)

    def before_send() -> None:
        _commit_sent(generation, relay_request)
        failpoints.hit("sent")
        release_connection()

    release_connection()
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    with telling.of(relay_request) as told:
        answer = relay.send(request, spool=path, before_send=before_send, deadline=settings.RELAY_DEADLINE)
        told.update(status=answer.status, trace=answer.trace_id)
    failpoints.hit("spooled")
    persevere(_commit_received, generation, relay_request, answer)
    failpoints.hit("received")
    return relay_request


def _commit_sent(generation: Generation, relay_request: RelayRequest) -> None:
    with write_transaction():
        if not statements.to_sent(generation, relay_request.attempt):
            raise Overtaken
        insert(relay_request)
        if generation.drawn_by.relay.per_minute:
            tickets.wake(after=RATE_WINDOW.total_seconds() + 1)  # then its place in the minute is free again
    generation.attempts = relay_request.attempt
    generation.state = State.SENT


def _commit_received(generation: Generation, relay_request: RelayRequest, answer: Answer) -> None:
    """Move on; an answer that comes after the row was given up as lost is kept all the same.

    Were this step lost, the row is read as sent and its spool found (SAFETY §1.7).
    """
    with write_transaction(durable=False):
        came = statements.to_received(generation)
        if not came and not settlement.find_again(generation=generation, worker=leases.WORKER):
            raise Overtaken
        if generation.drawn_by.relay.at_once:
            tickets.wake()  # its place is free again
    generation.state = State.RECEIVED
    relay_request.status, relay_request.trace_id = answer.status, answer.trace_id  # written when it ends


def _last_request(generation: Generation) -> RelayRequest:
    """Return the request whose answer waits in the spool, with what the answer's head says."""
    relay_request = generation.relay_requests.get(attempt=generation.attempts)
    if not spool_path(generation, relay_request.attempt).exists():
        raise Elsewhere
    with spool.reading(spool_path(generation, relay_request.attempt)) as body:
        relay_request.status, relay_request.trace_id = body.status, classify.trace_id(body.headers, {})
    return relay_request


def _keep(generation: Generation, relay: RelayClient, relay_request: RelayRequest) -> None:
    """Read the spool, store each picture, and settle, or go on with the slots that were not asked for yet."""
    path = spool_path(generation, relay_request.attempt)
    pictures = relay.read(draw_request(generation, n=len(relay_request.slots)), spool=path)
    health.answered_well(generation.drawn_by.relay)
    if len(pictures) > len(relay_request.slots):
        logger.warning("relay.extra_images generation=%s got=%d", generation.pk, len(pictures))
    named = dict(zip(relay_request.slots, pictures, strict=False))
    kept = keeping.keep(generation=generation, relay=relay, spool=path, pictures=named)
    failpoints.hit("stored")
    if kept.waiting:
        kept.write()
        keeping.finish(generation, kept)
        return failures.wait_to_keep(generation, kept, asked=len(relay_request.slots))
    try:
        kept_links.keep(generation=generation, pictures=named, states=[kept.states[index] for index in named])
        is_short = kept.count(SlotState.SAVED) < len(relay_request.slots)
        facts = _facts(relay_request, relay, path, model=generation.drawn_by, is_short=is_short)
        with write_transaction():
            kept.write()
            went_on = _go_on(generation, relay_request, facts)
            done = went_on is None and settlement.complete(generation=generation, facts=facts)
    except Overtaken:
        raise
    except Exception:
        kept.write()  # what kept it from being settled keeps nobody from seeing the picture
        raise
    keeping.finish(generation, kept)
    if done:
        failpoints.hit("settled")
        settlement.learn_usual_time(model=generation.drawn_by)
    if done or went_on:  # else whoever took the row over still reads it
        if kept.count(SlotState.SAVED) == len(relay_request.slots):
            path.unlink(missing_ok=True)  # else it is kept for administrators
        if kept.count(SlotState.BLOCKED_ADDRESS):
            strikes.strike(generation=generation)
    return None


def _facts(
    relay_request: RelayRequest, relay: RelayClient, path: Path, *, model: ImageModel, is_short: bool
) -> AnswerFacts:
    """Return what the answer says of itself; what an administrator may want to look at is kept when it fell short."""
    used = relay.used(path)
    return AnswerFacts(
        status=relay_request.status,
        trace_id=relay_request.trace_id,
        answer=relay.raw(path) if is_short else "",
        cost=prices.of_usage(model=model, usage=used),
        tokens=used.tokens,
    )


def _go_on(generation: Generation, relay_request: RelayRequest, facts: AnswerFacts) -> bool | None:
    """Queue the generation again for the slots that did not fit into one request; None if there are none."""
    if len(relay_request.slots) >= generation.n:
        return None
    with write_transaction():
        if not Generation.objects.known(generation).touch():
            raise Overtaken
        generation.slots.filter(index__in=relay_request.slots).update(round=generation.round)
        if not generation.slots.unanswered(generation.round).exists():
            return None
        done = generation.slots.filter(round=generation.round).count()
        why = Reason("next_part", done=done, n=generation.n)
        moved = Generation.objects.known(generation).move(
            State.RECEIVED, to=State.QUEUED, why=why, claimed_by="", tries=0
        )
        if moved:
            settlement.end_requests(generation, outcome=State.DONE, facts=facts)
            tickets.wake()
    return moved


def draw_request(generation: Generation, *, n: int) -> DrawRequest:
    """Return what is asked of the relay, in the studio's own words."""
    return DrawRequest(
        model=generation.drawn_by.model_id,
        prompt=generation.prompt.text,
        n=n,
        settings=generation.settings,
        accepts=frozenset(generation.drawn_by.accepts),
    )


def _open(generation: Generation) -> RelayClient:
    model = generation.drawn_by
    return open_relay(
        dialect=model.dialect,
        base_url=model.relay.base_url,
        api_key=_key(generation),
        allow=settings.RELAY_PRIVATE_ALLOW,
    )


def _key(generation: Generation) -> str:
    """Return the relay's key; an answer that has come is read without it, if need be."""
    try:
        return generation.drawn_by.relay.api_key
    except Unavailable as error:
        if generation.state == State.RECEIVED:
            return ""
        raise RelayError(Kind.AUTH, code="unreadable_key", message=error.sentence) from None
