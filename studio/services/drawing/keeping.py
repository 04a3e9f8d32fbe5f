"""Keeps the pictures of an answer, slot by slot; what cannot be had or stored yet waits and is tried again.

Every write is guarded by the claim it belongs to, and every file that is being written carries the claim in its name:
a worker that was overtaken changes nothing (SAFETY §1.7).
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from django.core.files.storage import default_storage

from studio import failpoints, security
from studio.db import release_connection
from studio.media import names
from studio.media.inspect import PictureFacts, UnusableImage, is_whole, look
from studio.models import Generation, SlotState
from studio.models.slots import PENDING
from studio.relays.answers.spool import sync
from studio.relays.dialects.base import Picture, PictureError, RelayClient
from studio.services.drawing import rows, statements, thumbnails
from studio.storages import LocalFile

logger = logging.getLogger(__name__)

STORAGE_PAUSE = 30.0
"""Seconds before storage is asked again."""

PAUSES = (5.0, 900.0)
"""Shortest and longest pause before a link is asked again; between them it is a third of the link's age."""

DAMAGED_TRIES = 3
DAMAGED_PAUSE = 0.5
"""How often a picture that arrives whole and damaged is fetched, and the seconds between."""

_decoding = threading.BoundedSemaphore(2)
"""Hundreds of threads that decode at once would only fight for the interpreter."""


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
    drafts: list[Path] = field(default_factory=list)
    unwritten: Callable[[], None] | None = None
    """Writes the row of the picture that was stored last."""

    def write(self) -> None:
        """Write the row that is left: in the transaction that ends the generation, when there is no more to keep."""
        if self.unwritten:
            self.unwritten()

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
    """Store the pictures of one answer that are not stored yet, and write their rows but the last one's.

    Raises Overtaken once the claim is another's.
    """
    release_connection()
    job, kept = Job(generation, relay, spool), Kept()
    states = _slots(generation)
    for position, (index, picture) in enumerate(sorted(pictures.items()), start=1):
        kept.write()  # of the one before
        kept.unwritten = None
        if (state := SlotState(states[index])) not in (SlotState.WAITING, *PENDING):
            kept.states[index] = state  # it is there, or will not come
            continue
        kept.states[index] = _keep_one(job, index, picture, kept)
        failpoints.hit(f"stored-{position}")
    return kept


def finish(generation: Generation, kept: Kept) -> None:
    """Delete the drafts of what is written, and only now have thumbnails made of it: the originals come first."""
    for draft in kept.drafts:
        draft.unlink(missing_ok=True)
    for pk in statements.undeveloped(generation):
        thumbnails.develop_soon(pk)


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
        return rows.mark(generation, index, SlotState(error.kind))
    except OSError:
        raise  # the disk's fault, not the picture's: the answer is read again later
    except Exception:
        logger.exception("image.unusable generation=%s index=%d", generation.pk, index)
        return rows.mark(generation, index, SlotState.UNUSABLE)
    if picture.url and not Generation.objects.known(generation).exists():
        raise rows.Overtaken  # fetching takes long, and by now a retry may have paid for what lies under this key
    try:
        key = _store(generation, index, _lent(file, job.part(index)), facts)
    except Exception:
        logger.exception("storage.failed generation=%s index=%d", generation.pk, index)
        if picture.url:
            sync(file)  # its link may be dead when storage is back
            sync(file.parent)
        kept.pauses.append(STORAGE_PAUSE)
        return rows.mark(generation, index, SlotState.PENDING_STORAGE)
    finally:
        job.part(index).unlink(missing_ok=True)
    kept.unwritten = partial(rows.commit, generation, index, key, facts, picture)
    kept.drafts.append(job.draft(index))
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
    received, now = rows.times(generation)
    age, death = (now - received).total_seconds(), rows.death_of(picture, generation, received)
    left = (death - now).total_seconds()
    if not error.may_pass(age) or left <= 0:
        return rows.mark(generation, index, SlotState(error.state))
    logger.info("image.late generation=%s index=%d rule=%s", generation.pk, index, error.rule)
    shortest, longest = PAUSES
    pause = max(shortest, min(age / 3, longest), error.retry_after or 0)
    kept.pauses.append(min(pause, max(left - 1, 1)))
    kept.deaths.append(death)
    return rows.mark(generation, index, SlotState.PENDING_FETCH)


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
