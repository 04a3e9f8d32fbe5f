"""Answers that were paid for and could not be used: kept for seven days, read again or handed out (SAFETY §6, row 15).

Nothing here sends anything to a relay; a picture that an answer only points to is fetched, which is free.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from studio.db import release_connection, write_transaction
from studio.errors import Conflict, StudioError
from studio.media import names
from studio.media.inspect import UnusableImage, is_whole, look
from studio.models import Generation, SlotState, State, User, WireRequest
from studio.models.relay_requests import spool_name
from studio.models.slots import SlotQuerySet
from studio.relays import open_relay
from studio.relays.dialects.base import Picture, PictureError, RelayClient, RelayError
from studio.services import audit, budgets
from studio.services.drawing import late_pictures, run
from studio.storages import LocalFile
from studio.words import Reason

logger = logging.getLogger(__name__)

ENDED = (State.DONE, State.BROKEN)
"""Ends after which an answer may still be worth something: it was paid for, and it fell short."""

PATIENCE = 20.0
"""Seconds that an administrator's page waits for each picture an answer only points to."""


def file_of(wire: WireRequest) -> Path | None:
    """Return the file of the answer as it came, if this machine has it: whole, or what came of it."""
    spool: Path = settings.SPOOL_DIR / spool_name(wire.generation_id, wire.attempt)
    return next((path for path in (spool, spool.with_suffix(".part")) if path.is_file()), None)


def can_be_read(wire: WireRequest) -> bool:
    """Tell whether reading the answer again may bring a picture that is missing."""
    path, row = file_of(wire), wire.generation
    return path is not None and path.suffix == ".spool" and row.state in ENDED and _missing(wire).exists()


def open_file(*, wire: WireRequest, administrator: User) -> Path:
    """Return the answer's file to be handed out, and write down to whom."""
    path = file_of(wire)
    if path is None:
        raise StudioError(Reason("answer_not_here"))
    _record(wire, administrator, "answer.downloaded")
    return path


def read_again(*, wire: WireRequest, administrator: User) -> int:
    """Read the answer once more, and keep what is missing of its pictures; return how many came."""
    if not can_be_read(wire):
        raise StudioError(Reason("answer_not_here" if file_of(wire) is None else "nothing_to_read"))
    _record(wire, administrator, "answer.read_again")
    relay, missing = _relay(wire), set(_missing(wire).values_list("index", flat=True))
    release_connection()
    pictures = _pictures(wire, relay)
    kept = [_keep(wire, relay, index, picture) for index, picture in pictures.items() if index in missing]
    came = kept.count(True)
    if came:
        _release_the_rest(wire)
    return came


def _missing(wire: WireRequest) -> SlotQuerySet:
    return wire.generation.slots.missing().filter(index__in=wire.slots)


def _relay(wire: WireRequest) -> RelayClient:
    """Open the relay without its key: an answer that has come is read without it."""
    model = wire.model or wire.generation.model
    url, allow = model.relay.base_url, settings.RELAY_PRIVATE_ALLOW
    relay = open_relay(dialect=model.dialect, base_url=url, api_key="", allow=allow)
    relay.pace = replace(relay.pace, whole=PATIENCE, tries=1, tries_late=1)
    return relay


def _pictures(wire: WireRequest, relay: RelayClient) -> dict[int, Picture]:
    """Return what the answer brings, by place."""
    request = run.draw_request(wire.generation, n=len(wire.slots))
    try:
        found = relay.read(request, spool=_spool(wire))
    except RelayError:
        raise StudioError(Reason("still_unreadable")) from None
    return dict(zip(wire.slots, found, strict=False))


def _spool(wire: WireRequest) -> Path:
    return settings.SPOOL_DIR / spool_name(wire.generation_id, wire.attempt)


def _keep(wire: WireRequest, relay: RelayClient, index: int, picture: Picture) -> bool:
    """Put one picture into its place; say whether it is there now."""
    row = wire.generation
    with _draft(wire, index) as draft:
        try:
            relay.collect(picture, spool=_spool(wire), into=draft, is_whole=is_whole)
            facts = look(draft)
        except (PictureError, UnusableImage) as error:
            logger.warning("image.unusable generation=%s index=%d reason=%s", row.pk, index, error)
            return False
        key = names.original(row.token, row.pk, index, facts.extension)
        with LocalFile(draft, content_type=facts.media_type) as file:
            key = default_storage.save(key, file)
    try:
        with write_transaction():
            late_pictures.put(
                generation=row.pk, index=index, key=key, facts=facts, revised_prompt=picture.revised_prompt
            )
    except Conflict:
        return False
    return True


@contextmanager
def _draft(wire: WireRequest, index: int) -> Iterator[Path]:
    path = settings.SPOOL_DIR / f"again-{wire.pk}-{index}.draft"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _release_the_rest(wire: WireRequest) -> None:
    """Now that the answer is understood, what it did not bring is no longer presumed spent."""
    with write_transaction():
        row = Generation.objects.select_for_update(of=("self",)).get(pk=wire.generation_id)
        missing = row.slots.exclude(state=SlotState.SAVED).filter(index__in=wire.slots).count()
        budgets.forgive(generation=row, most=missing)


def _record(wire: WireRequest, administrator: User, action: str) -> None:
    relay = (wire.model or wire.generation.model).relay_id
    with write_transaction():
        audit.record(actor=administrator, action=action, subject=relay, request=str(wire.pk))
