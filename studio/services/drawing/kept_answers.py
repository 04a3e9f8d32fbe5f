"""Answers that were paid for and could not be used: kept for seven days, read again or handed out (SAFETY §6, row 15).

Nothing here sends anything to a relay; a picture that an answer only points to is fetched, which is free.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from studio.db import release_connection, write_transaction
from studio.errors import Conflict, StudioError
from studio.media.inspect import UnusableImage, is_whole, look
from studio.models import Generation, RelayRequest, SlotState, State, User
from studio.models.relay_requests import PAID, spool_name
from studio.models.slots import SlotQuerySet
from studio.relays import open_relay
from studio.relays.dialects.base import Picture, PictureError, RelayClient, RelayError
from studio.services import audit, budgets
from studio.services.drawing import late_pictures, run
from studio.words import Reason

logger = logging.getLogger(__name__)

ENDED = (State.DONE, State.BROKEN)
"""Ends after which an answer may still be worth something: it was paid for, and it fell short."""

PATIENCE = 20.0
"""Seconds that an administrator's page waits for each picture an answer only points to."""


def file_of(relay_request: RelayRequest) -> Path | None:
    """Return the file of the answer as it came, if this machine has it: whole, or what came of it."""
    spool: Path = settings.SPOOL_DIR / spool_name(relay_request.generation_id, relay_request.attempt)
    return next((path for path in (spool, spool.with_suffix(".part")) if path.is_file()), None)


def can_be_read(relay_request: RelayRequest) -> bool:
    """Tell whether reading the answer again may bring a picture that is missing."""
    path, row = file_of(relay_request), relay_request.generation
    return (
        path is not None
        and path.suffix == ".spool"
        and not row.is_active
        and (row.state in ENDED or relay_request.outcome in PAID)
        and _missing(relay_request).exists()
    )


def open_file(*, relay_request: RelayRequest, administrator: User) -> Path:
    """Return the answer's file to be handed out, and write down to whom."""
    path = file_of(relay_request)
    if path is None:
        raise StudioError(Reason("answer_not_here"))
    _record(relay_request, administrator, "answer.downloaded")
    return path


def read_again(*, relay_request: RelayRequest, administrator: User) -> int:
    """Read the answer once more, and keep what is missing of its pictures; return how many came."""
    if not can_be_read(relay_request):
        raise StudioError(Reason("answer_not_here" if file_of(relay_request) is None else "nothing_to_read"))
    _record(relay_request, administrator, "answer.read_again")
    relay, missing = _relay(relay_request), set(_missing(relay_request).values_list("index", flat=True))
    release_connection()
    pictures = _pictures(relay_request, relay)
    kept = [
        _keep(relay_request, relay, index, picture) for index, picture in pictures.items() if index in missing
    ]
    came = kept.count(True)
    if came:
        _release_the_rest(relay_request)
    return came


def _missing(relay_request: RelayRequest) -> SlotQuerySet:
    return relay_request.generation.slots.missing().filter(index__in=relay_request.slots)


def _relay(relay_request: RelayRequest) -> RelayClient:
    """Open the relay without its key: an answer that has come is read without it."""
    model = relay_request.model or relay_request.generation.model
    url, allow = model.relay.base_url, settings.RELAY_PRIVATE_ALLOW
    relay = open_relay(dialect=model.dialect, base_url=url, api_key="", allow=allow)
    relay.pace = replace(relay.pace, whole=PATIENCE, tries=1, tries_late=1)
    return relay


def _pictures(relay_request: RelayRequest, relay: RelayClient) -> dict[int, Picture]:
    """Return what the answer brings, by place."""
    request = run.draw_request(relay_request.generation, n=len(relay_request.slots))
    try:
        found = relay.read(request, spool=_spool(relay_request))
    except RelayError:
        raise StudioError(Reason("still_unreadable")) from None
    return dict(zip(relay_request.slots, found, strict=False))


def _spool(relay_request: RelayRequest) -> Path:
    return settings.SPOOL_DIR / spool_name(relay_request.generation_id, relay_request.attempt)


def _keep(relay_request: RelayRequest, relay: RelayClient, index: int, picture: Picture) -> bool:
    """Put one picture into its place; say whether it is there now."""
    row = relay_request.generation
    with _draft(relay_request, index) as draft:
        try:
            relay.collect(picture, spool=_spool(relay_request), into=draft, is_whole=is_whole)
            facts = look(draft)
        except (PictureError, UnusableImage) as error:
            logger.warning("image.unusable generation=%s index=%d reason=%s", row.pk, index, error)
            return False
        place: dict[str, Any] = {"generation": row.pk, "index": index, "facts": facts}
        try:
            with late_pictures.stored(draft, **place) as key, write_transaction():
                late_pictures.put(**place, key=key, revised_prompt=picture.revised_prompt)
        except Conflict:
            return False
    return True


@contextmanager
def _draft(relay_request: RelayRequest, index: int) -> Iterator[Path]:
    path = settings.SPOOL_DIR / f"again-{relay_request.pk}-{index}.draft"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _release_the_rest(relay_request: RelayRequest) -> None:
    """Now that the answer is understood, what it did not bring is no longer presumed spent."""
    with write_transaction():
        row = Generation.objects.select_for_update(of=("self",)).get(pk=relay_request.generation_id)
        missing = row.slots.exclude(state=SlotState.SAVED).filter(index__in=relay_request.slots).count()
        budgets.forgive(generation=row, most=missing)


def _record(relay_request: RelayRequest, administrator: User, action: str) -> None:
    relay = (relay_request.model or relay_request.generation.model).relay_id
    with write_transaction():
        audit.record(actor=administrator, action=action, subject=relay, request=str(relay_request.pk))
