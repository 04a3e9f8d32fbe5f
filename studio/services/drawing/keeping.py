"""Keeps the pictures of an answer, slot by slot; what cannot be had or stored yet waits and is tried again.

Every write is guarded by the claim it belongs to, and every file that is being written carries the claim in its name:
a worker that was overtaken changes nothing (SAFETY §1.7).
"""

import logging
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.core.files.storage import default_storage
from django.db.models.functions import Now

from studio import failpoints, security
from studio.db import afterwards, release_connection, write_transaction
from studio.media import names
from studio.media.inspect import PictureFacts, UnusableImage, is_whole, look
from studio.models import Generation, Image, SlotState
from studio.models.slots import PENDING
from studio.relays.answers import links
from studio.relays.answers.spool import sync
from studio.relays.dialects.base import Picture, PictureError, RelayClient
from studio.search.parse import indexed
from studio.services import collections, reviews, sharing
from studio.services.drawing import statements, thumbnails
from studio.storages import LocalFile

logger = logging.getLogger(__name__)

STORAGE_PAUSE = 30.0
"""Seconds before storage is asked again."""

PAUSES = (5.0, 900.0)
"""Shortest and longest pause before a link is asked again; between them it is a third of the link's age."""

LONGEST_LIFE = timedelta(days=7)
"""No link is believed to live longer: signed ones cannot."""

DAMAGED_TRIES = 3
DAMAGED_PAUSE = 0.5
"""How often a picture that arrives whole and damaged is fetched, and the seconds between."""

_decoding = threading.BoundedSemaphore(2)
"""Hundreds of threads that decode at once would only fight for the interpreter."""


class Overtaken(Exception):
    """The row is no longer ours: it was cancelled, or another worker took it over."""


@dataclass(frozen=True)
class Job:
    """One answer of a claimed generation: its relay and its spool."""

    generation: Generation
    relay: RelayClient
    spool: Path

    def draft(self, index: int) -> Path:
        """A picture that was fetched whole and is not stored yet; whoever claims the row next goes on with it."""
        return self.spool.with_name(f"{self.spool.stem}-{index}.draft")

    def part(self, index: int) -> Path:
        """A picture that is being written, by this claim alone."""
        claim = self.generation.claim or "unclaimed"
        return self.spool.with_name(f"{self.spool.stem}-{index}-{claim}.part")


@dataclass
class Kept:
    """Where the slot of each picture stands; while some wait, the seconds until they are tried again."""

    states: dict[int, SlotState] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    deaths: list[datetime] = field(default_factory=list)

    def count(self, *states: SlotState) -> int:
        """Count the slots in some states."""
        return sum(state in states for state in self.states.values())

    @property
    def waiting(self) -> int:
        return self.count(*PENDING)

    @property
    def pause(self) -> float:
        return min(self.pauses, default=STORAGE_PAUSE)

    @property
    def until(self) -> datetime | None:
        """When the first of the links that are fetched again dies."""
        return min(self.deaths, default=None)


def keep(*, generation: Generation, relay: RelayClient, spool: Path, pictures: dict[int, Picture]) -> Kept:
    """Store the pictures of one answer that are not stored yet; raises Overtaken once the claim is another's."""
    release_connection()
    job, kept = Job(generation, relay, spool), Kept()
    states = _slots(generation)
    for position, (index, picture) in enumerate(sorted(pictures.items()), start=1):
        if (state := SlotState(states[index])) not in (SlotState.WAITING, *PENDING):
            kept.states[index] = state  # it is there, or will not come
            continue
        kept.states[index] = _keep_one(job, index, picture, kept)
        failpoints.hit(f"stored-{position}")
    for pk in statements.undeveloped(generation):
        thumbnails.develop_soon(pk)  # only now: the originals come first
    return kept


def _slots(generation: Generation) -> dict[int, str]:
    return {index: state for index, state, _ in statements.slots(generation)}


def _keep_one(job: Job, index: int, picture: Picture, kept: Kept) -> SlotState:
    generation = job.generation
    try:
        file, facts = _had(job, index, picture)
    except PictureError as error:
        return _not_had(job, index, picture, error, kept)
    except UnusableImage as error:
        logger.warning("image.unusable generation=%s index=%d reason=%s", generation.pk, index, error)
        return _mark(generation, index, SlotState(error.kind))
    except OSError:
        raise  # the disk's fault, not the picture's: the answer is read again later
    except Exception:
        logger.exception("image.unusable generation=%s index=%d", generation.pk, index)
        return _mark(generation, index, SlotState.UNUSABLE)
    if picture.url and not Generation.objects.known(generation).exists():
        raise Overtaken  # fetching takes long, and by now a retry may have paid for what lies under this key
    try:
        key = _store(generation, index, _lent(file, job.part(index)), facts)
    except Exception:
        logger.exception("storage.failed generation=%s index=%d", generation.pk, index)
        if picture.url:
            sync(file)  # its link may be dead when storage is back
            sync(file.parent)
        kept.pauses.append(STORAGE_PAUSE)
        return _mark(generation, index, SlotState.PENDING_STORAGE)
    finally:
        job.part(index).unlink(missing_ok=True)
    commit(generation, index, key, facts, picture)
    job.draft(index).unlink(missing_ok=True)
    return SlotState.SAVED


# From the relay onto this disk


def _had(job: Job, index: int, picture: Picture) -> tuple[Path, PictureFacts]:
    """Return a whole picture on this disk: out of the spool, or from the web and kept as a draft until it is stored."""
    draft, part = job.draft(index), job.part(index)
    if picture.payload:
        return part, _collect(job, picture, part)
    if draft.exists():
        try:
            return draft, look(draft)
        except UnusableImage:  # cut by a power failure
            draft.unlink(missing_ok=True)
    facts = _collect(job, picture, part)
    part.rename(draft)
    return draft, facts


def _collect(job: Job, picture: Picture, part: Path) -> PictureFacts:
    """Put a picture that can be kept into a file; one that comes whole and damaged from the web is asked for again."""
    tried = 0
    while True:
        try:
            with _decoding if picture.payload else nullcontext():
                job.relay.collect(picture, spool=job.spool, into=part, is_whole=is_whole)
            return look(part)
        except UnusableImage as error:
            part.unlink(missing_ok=True)
            tried += 1
            if picture.payload or tried == DAMAGED_TRIES or error.kind != SlotState.UNUSABLE:
                raise
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        time.sleep(DAMAGED_PAUSE)


def _not_had(job: Job, index: int, picture: Picture, error: PictureError, kept: Kept) -> SlotState:
    """Mark a slot whose picture could not be had: for good, or to be fetched again while its link lives."""
    generation = job.generation
    if error.state in (SlotState.BLOCKED_ADDRESS, SlotState.UNFETCHABLE):
        security.refused("fetch_blocked", generation=generation.pk, host=error.host, rule=error.rule)
    received, now = _times(generation)
    age, death = (now - received).total_seconds(), death_of(picture, generation, received)
    left = (death - now).total_seconds()
    if not error.may_pass(age) or left <= 0:
        return _mark(generation, index, SlotState(error.state))
    logger.info("image.late generation=%s index=%d rule=%s", generation.pk, index, error.rule)
    shortest, longest = PAUSES
    pause = max(shortest, min(age / 3, longest), error.retry_after or 0)
    kept.pauses.append(min(pause, max(left - 1, 1)))
    kept.deaths.append(death)
    return _mark(generation, index, SlotState.PENDING_FETCH)


def death_of(picture: Picture, generation: Generation, received: datetime) -> datetime:
    """Return when the link of a picture dies: as the link says, as the answer says, or as its model is set."""
    said = links.death(picture.url or "") or picture.dies_at
    usual = received + timedelta(minutes=generation.drawn_by.link_minutes)
    return min(said or usual, received + LONGEST_LIFE)


def _times(generation: Generation) -> tuple[datetime, datetime]:
    """Return when the answer came and what time it is, both by the database's clock."""
    row = Generation.objects.filter(pk=generation.pk).annotate(now=Now())
    received, now = row.values_list("received_at", "now").get()
    release_connection()
    return received or now, now


# From this disk into storage


def _lent(file: Path, part: Path) -> Path:
    """Return the file under a name that a storage may take away: a draft stays until its row is written."""
    if file != part:
        part.hardlink_to(file)
    return part


def _store(generation: Generation, index: int, file: Path, facts: PictureFacts) -> str:
    """Put the bytes under a key made of generation and index: a repeat overwrites, never duplicates."""
    key = names.original(generation.token, generation.pk, index, facts.extension)
    with LocalFile(file, content_type=facts.media_type) as content:
        return default_storage.save(key, content)


# From storage into the rows


def commit(generation: Generation, index: int, key: str, facts: PictureFacts, picture: Picture) -> None:
    """Write the row of a picture whose bytes are stored; raises Overtaken when the claim is another's."""
    image = new_image(generation, index, key, facts, revised_prompt=picture.revised_prompt)
    if picture.url:
        image.link_dies_at = death_of(picture, generation, _times(generation)[0])
    with write_transaction():
        _own(generation)
        image.shared = sharing.is_shared_now(generation)  # it may have been taken back since the claim
        if generation.round > 1:
            _clear_away(generation, index, key)
        Image.objects.keep(image)
        collections.receive(generation=generation, index=index)
        reviews.hold_back(generation=generation, index=index)
        _set_slot(generation, index, SlotState.SAVED)


def _clear_away(generation: Generation, index: int, key: str) -> None:
    """Delete what was set aside in this place and had another type, and so another name, once its row is another's."""
    for old in generation.images.filter(index=index).exclude(key=key).values_list("key", flat=True):
        afterwards(partial(default_storage.delete, old))


def new_image(
    generation: Generation, index: int, key: str, facts: PictureFacts, *, revised_prompt: str
) -> Image:
    """Return the row of a stored picture as its file and its answer describe it; it is not written yet."""
    return Image(
        generation=generation,
        owner_id=generation.owner_id,
        model_id=generation.via_id or generation.model_id,
        index=index,
        key=key,
        media_type=facts.media_type,
        width=facts.width,
        height=facts.height,
        byte_size=facts.byte_size,
        sha256=facts.sha256,
        revised_prompt=revised_prompt,
        words=indexed(generation.prompt.text, revised_prompt),
    )


def _mark(generation: Generation, index: int, state: SlotState) -> SlotState:
    with write_transaction():
        _own(generation)
        _set_slot(generation, index, state)
    return state


def _own(generation: Generation) -> None:
    """Lock the row for this transaction and tell its cards; first of all, so that nobody takes it over meanwhile."""
    if not statements.touch(generation):
        raise Overtaken


def _set_slot(generation: Generation, index: int, state: SlotState) -> None:
    statements.answer_slot(generation, index, state)
