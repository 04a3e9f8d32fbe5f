"""Programs ask for generations: the same service as the page, and no call is paid for twice."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Call, Generation, State, Token
from studio.models.states import ACTIVE
from studio.services import generations
from studio.services.orders import Order
from studio.words import Reason

KEYS_LAST = timedelta(hours=24)
JOINS_WITHIN = timedelta(minutes=15)
TRIED_AGAIN_WITHIN = timedelta(minutes=1)
"""In which libraries and gateways that do not tell try a failure again by themselves."""

COSTLY = (State.UNKNOWN, State.BROKEN)
"""How a generation ends without a picture that may have been charged all the same."""


class OtherBody(StudioError):
    """The same idempotency key with other content."""

    status = 422


@dataclass(frozen=True)
class Started:
    """A generation that a call asked for; `replayed` when an earlier call had started it."""

    call: Call
    replayed: bool = False

    @property
    def generation(self) -> Generation:
        assert self.call.generation is not None
        return self.call.generation


def ask(*, token: Token, body: bytes, order: Order, key: str = "", is_retry: bool | None = None) -> Started:
    """Start a generation, or join the one that the same call has started before.

    `key` is the client's Idempotency-Key; `is_retry` says whether its library sends this again by itself, if it tells.
    Raises OtherBody where a key is used for another body, and what `generations.submit` raises.
    """
    if token.gateway:  # the same words, or the same key, of two people are two calls
        body += token.person.pk.bytes
        key = key and digest_of(token.person.pk.bytes + key.encode())
    started = _note(token, digest_of(body), key, is_retry)
    if started.call.generation is None:
        _submit(started.call, order, token)
    return started


def _note(token: Token, digest: str, key: str, is_retry: bool | None) -> Started:
    """Write a call down before anything comes of it, for who sends it again meanwhile or after this process died.

    A library's call and its repetition stand in line here, so that of two that come at once one finds the other.
    """
    try:
        with write_transaction():
            if is_retry is not None and not key:
                Token.objects.select_for_update(no_key=True).get(pk=token.pk)
            found = _earlier(token, digest, key, is_retry)
            if found and found.early and is_retry is False:
                found.early = False  # the next one is a deliberate repeat
                found.save(update_fields=["early"])
            facts = {"key": key, "digest": digest, "early": bool(is_retry and not key)}
            return Started(found or Call.objects.create(token=token, **facts), replayed=found is not None)
    except IntegrityError:  # the same key at the same moment
        return Started(_earlier(token, digest, key, None) or _impossible(), replayed=True)


def _submit(call: Call, order: Order, token: Token) -> None:
    """Submit what a call asks for; its id is that of the form, so that all who join it get the one generation."""
    try:
        call.generation = generations.submit(
            person=token.person, submission_id=call.pk, order=order, token=token
        )
    except StudioError:
        _drop(call)
        raise
    with write_transaction():
        if not Call.objects.filter(pk=call.pk).update(generation=call.generation):
            call.save()  # one that was refused at the same moment has dropped it


def _drop(call: Call) -> None:
    """Forget a call that was refused: with its key one may ask for something else."""
    with write_transaction():
        Call.objects.filter(pk=call.pk, generation=None).delete()


def digest_of(body: bytes) -> str:
    """Return by what two bodies are known to be the same."""
    return hashlib.sha256(body).hexdigest()


def leave(*, call: Call) -> None:
    """Write down that nobody waits for the answer any more: who says the same again within minutes gets it."""
    with write_transaction():
        Call.objects.filter(pk=call.pk).update(left_at=Now())


def take_up(*, call: Call) -> None:
    """Write down that an answer that was left went out after all."""
    if call.left_at:
        with write_transaction():
            Call.objects.filter(pk=call.pk).update(left_at=None)


def forget() -> int:
    """Delete calls whose keys have lapsed; return how many. While one is drawn, a stand-in asks for its token."""
    lapsed = Call.objects.filter(created_at__lt=Now() - KEYS_LAST)
    with write_transaction():
        return lapsed.exclude(generation__state__in=ACTIVE).delete()[0]


def _earlier(token: Token, digest: str, key: str, is_retry: bool | None) -> Call | None:
    mine = Call.objects.filter(token=token).select_related("generation", "token__person")
    if key:
        return _of_key(mine.since(KEYS_LAST).filter(key=key).first(), digest)
    same = mine.since(JOINS_WITHIN).filter(digest=digest, key="").newest_first()
    if is_retry:
        return same.first()
    # What was left is asked for again; any other deliberate repeat is a new generation.
    # The AI SDK and LiteLLM's server try each 5xx again, whatever we say, and do not tell; the latter by a library
    # that calls each of these a first one.
    wanted = ~Q(left_at=None)
    wanted |= Q(generation__state__in=COSTLY, generation__settled_at__gt=Now() - TRIED_AGAIN_WITHIN)
    found = same.filter(wanted)
    return (found if is_retry is None else found | same.awaits_first()).first()


def _of_key(call: Call | None, digest: str) -> Call | None:
    if call and call.digest != digest:
        raise OtherBody(Reason("idempotency_key_reused"), param="Idempotency-Key")
    return call


def _impossible() -> Call:
    raise AssertionError("a key was taken and is not there")
