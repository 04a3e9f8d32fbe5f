"""Reads what relays offer: asks for the list with no database connection held, then writes it in few queries."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from studio.db import release_connection, write_transaction
from studio.errors import StudioError
from studio.models import Dialect, ImageModel, Relay, User
from studio.relays import open_relay
from studio.relays.dialects.base import Kind, RelayError
from studio.relays.shapes import ModelInfo, plain
from studio.services import audit, prices, tickets
from studio.services.relays import addresses, edit
from studio.services.relays.health import CALM, troubled
from studio.services.relays.list_problems import explain
from studio.words import NO_REASON, Reason

logger = logging.getLogger(__name__)

DEADLINE = 20.0
"""Seconds of wall clock that a relay has for its list: someone waits for it."""

A_DAY = timedelta(hours=23)
"""Age after which a list is read again; the clock looks once an hour."""

JUST_READ = timedelta(seconds=60)
"""A list this young is not read again for a ticket: many drawings may have missed one model at once."""

UNREAD = "relay_list_unread"
"""The trouble of a relay whose list could not be read; a list that can be read ends it, and no other."""

UPDATED = ("label", "accepts", "max_n", "per_call", "draws", "enabled", "by_chat", "multiplier", "prices")
LABEL_LENGTH = 100
ID_LENGTH = 200
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a relay's list held: all models, those that draw, those that do not say, and the milliseconds it took."""

    models: int = 0
    draw: int = 0
    unknown: int = 0
    ms: int = 0

    @property
    def sentence(self) -> str:
        """Return "12 models, 3 draw images, 240 ms"."""
        models = "1 model" if self.models == 1 else f"{self.models:,} models"
        draw = "1 draws images" if self.draw == 1 else f"{self.draw:,} draw images"
        unknown = "1 does not say" if self.unknown == 1 else f"{self.unknown:,} do not say"
        return ", ".join([models, draw, *([unknown] if self.unknown else []), f"{self.ms:,} ms"])


@dataclass(frozen=True, kw_only=True)
class Sync(Counts):
    """What reading a list has changed: models that are new, that vanished, and that came back."""

    added: int = 0
    gone: int = 0
    back: int = 0


@dataclass(frozen=True, kw_only=True)
class Probe(Counts):
    """What asking a relay for its models has shown; `kind` is empty only when it answered with a list."""

    reached: bool
    kind: str = ""
    problem: Reason = NO_REASON

    @property
    def works(self) -> bool:
        return not self.kind

    @property
    def sentence(self) -> str:
        return self.problem.said() or super().sentence


def sync(*, relay: Relay, administrator: User | None = None) -> Sync:
    """Read a relay's list and bring its models up to date; raises StudioError with what went wrong.

    Models whose row tells that they draw are offered, those whose row does not tell wait for an administrator, others
    are not kept. Facts set by hand stay. A list that names nothing makes nothing vanish.
    """
    try:
        infos, ms = _read(dialect=relay.dialect, base_url=relay.base_url, api_key=relay.api_key)
    except RelayError as error:
        raise _failed(relay, StudioError(explain(error), code=error.kind), administrator) from None
    except StudioError as error:
        raise _failed(relay, error, administrator) from None
    with write_transaction():
        row = Relay.objects.select_for_update(no_key=True).get(pk=relay.pk)
        found = vars(_count(infos, ms))
        changes = _compare(row, infos)
        changes.save()
        calm = CALM if row.trouble == UNREAD else {}
        Relay.objects.filter(pk=row.pk).update(synced_at=Now(), **calm)
        if administrator or changes.counts:
            detail = found | changes.counts
            audit.record(actor=administrator, action="relay.synced", subject=row.pk, **detail)
    return Sync(**found, **changes.counts)


def sync_all(*, rows: QuerySet[Relay] | None = None) -> Iterator[tuple[Relay, Sync | StudioError]]:
    """Read the list of each relay in use (or of `rows`) and yield what came of it, one after the other."""
    for relay in list(Relay.objects.filter(enabled=True) if rows is None else rows):
        try:
            yield relay, sync(relay=relay)
        except StudioError as error:
            yield relay, error


def refresh(*, pk: UUID | str) -> None:
    """Read one relay's list for a ticket, unless it was read a moment ago; a failure becomes the relay's trouble."""
    fresh = Q(synced_at__gt=Now() - JUST_READ)
    for _relay, outcome in sync_all(rows=Relay.objects.filter(pk=pk, enabled=True).exclude(fresh)):
        if isinstance(outcome, StudioError):
            logger.warning("relay.list_unread relay=%s kind=%s", pk, outcome.code)


def refresh_stale() -> None:
    """Have each list read again that is a day old, by tickets: one slow relay does not hold up the others."""
    stale = Q(synced_at=None) | Q(synced_at__lt=Now() - A_DAY)
    for relay in Relay.objects.filter(stale, enabled=True, sandbox=False):
        tickets.sync(relay)


def probe(
    *,
    dialect: str,
    base_url: str,
    api_key: str,
    administrator: User | None = None,
    relay: Relay | None = None,
) -> Probe:
    """Ask a relay for its models and say what it answered; nothing else is changed."""
    start = time.monotonic()
    try:
        infos, ms = _read(dialect=dialect, base_url=base_url, api_key=api_key or "")
        result = Probe(reached=True, **vars(_count(infos, ms)))
    except RelayError as error:
        reached = error.status is not None
        result = Probe(reached=reached, kind=error.kind, problem=explain(error), ms=_since(start))
    with write_transaction():
        subject = relay.pk if relay else addresses.origin(base_url)[:80]
        detail = {"kind": result.kind, "models": result.models, "ms": result.ms}
        audit.record(actor=administrator, action="relay.tested", subject=subject, **detail)
    return result


def probe_relay(*, relay: Relay, administrator: User) -> Probe:
    """Ask a relay of ours for its models, with the key it has."""
    try:
        key = relay.api_key
    except StudioError as error:
        return Probe(reached=False, kind=Kind.AUTH, problem=error.why)
    return probe(
        dialect=relay.dialect, base_url=relay.base_url, api_key=key, administrator=administrator, relay=relay
    )


def _read(*, dialect: str, base_url: str, api_key: str) -> tuple[list[ModelInfo], int]:
    """Return a relay's usable models, each id once, and the milliseconds; no connection is held meanwhile."""
    allow = settings.RELAY_PRIVATE_ALLOW
    line = open_relay(dialect=dialect, base_url=base_url, api_key=api_key, allow=allow)
    release_connection()
    start = time.monotonic()
    infos = {info.id: info for info in line.models(deadline=DEADLINE) if info.id == plain(info.id, ID_LENGTH)}
    return list(infos.values()), _since(start)


def _failed(relay: Relay, error: StudioError, administrator: User | None) -> StudioError:
    """Write a failure down; it is the relay's trouble until its list can be read, unless it has a worse one."""
    with write_transaction():
        if administrator:
            audit.record(actor=administrator, action="relay.synced", subject=relay.pk, kind=error.code)
        calm = Relay.objects.filter(pk=relay.pk, trouble__in=("", UNREAD))
        calm.update(**troubled(Reason(UNREAD, relay=relay.name, why=error.why)))
    return error


@dataclass
class Changes:
    """What a list changes in a relay's models."""

    added: list[ImageModel] = field(default_factory=list)
    changed: list[ImageModel] = field(default_factory=list)
    gone: list[ImageModel] = field(default_factory=list)
    back: list[ImageModel] = field(default_factory=list)
    priced: list[ImageModel] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many are new, gone and back; changed facts are not counted."""
        lists = {"added": self.added, "gone": self.gone, "back": self.back}
        return {name: len(rows) for name, rows in lists.items() if rows}

    def save(self) -> None:
        """Write all of it in two queries at most, more for lists of many hundreds."""
        ImageModel.objects.bulk_create(self.added, batch_size=BATCH)
        rows = {row.pk: row for row in (*self.changed, *self.gone, *self.back)}
        prices.keep(models=self.priced)
        ImageModel.objects.bulk_update(rows.values(), [*UPDATED, "gone_at", "by_hand"], batch_size=BATCH)


def _compare(relay: Relay, infos: list[ModelInfo]) -> Changes:
    """Return what differs between a relay's models and its list."""
    changes = Changes()
    rows = relay.models.select_for_update(no_key=True)  # nobody's edit is overwritten
    known = {model.model_id: model for model in rows}
    listed = {info.id: info for info in infos if _is_kept(info, known.get(info.id))}
    for name, info in listed.items():
        model = known.get(name)
        before = model.prices if model else []
        if model is None:
            model = known[name] = _new(relay, info)
            changes.added.append(model)
        elif _learn(model, info):
            changes.changed.append(model)
        if model.prices != before:
            changes.priced.append(model)
        if model.gone_at:
            model.gone_at = None
            changes.back.append(model)
    for name in set(known) - set(listed) if infos else ():
        if not known[name].gone_at and edit.UNLISTED not in known[name].by_hand:
            known[name].gone_at = timezone.now()
            changes.gone.append(known[name])
    return changes


def _is_kept(info: ModelInfo, model: ImageModel | None) -> bool:
    """Leave out what does not draw, unless an administrator says that it does."""
    said_so = model is not None and model.draws is True and "draws" in model.by_hand
    return info.is_image is not False or said_so


def _new(relay: Relay, info: ModelInfo) -> ImageModel:
    model = ImageModel(relay=relay, model_id=info.id, draws=None, enabled=False)
    _learn(model, info)
    return model


def _learn(model: ImageModel, info: ModelInfo) -> bool:
    """Take over what the list says and nobody has set by hand; say whether anything changed."""
    facts = _facts(model, info)
    news = {name: value for name, value in facts.items() if name not in model.by_hand}
    news = {name: value for name, value in news.items() if value != getattr(model, name)}
    for name, value in news.items():
        setattr(model, name, value)
    was_unlisted = edit.UNLISTED in model.by_hand
    if was_unlisted:
        model.by_hand = [name for name in model.by_hand if name != edit.UNLISTED]
    return bool(news) or was_unlisted


def _facts(model: ImageModel, info: ModelInfo) -> dict[str, Any]:
    """Return what a row says of a model, its id and its dialect's documents included."""
    by_chat = info.by_chat and model.relay.dialect != Dialect.CHAT
    if "by_chat" in model.by_hand:
        by_chat = model.by_chat
    facts = edit.capabilities(model.relay, replace(info, by_chat=by_chat))
    facts |= {
        "label": info.label[:LABEL_LENGTH],
        "by_chat": by_chat,
        "multiplier": prices.multiplier(info),
    }
    facts |= {"prices": prices.listed(model=model, info=info)}
    if info.is_image:
        facts |= {"draws": True} if model.draws else {"draws": True, "enabled": True}
    return facts


def _count(infos: list[ModelInfo], ms: int) -> Counts:
    marks = [info.is_image for info in infos]
    return Counts(models=len(infos), draw=marks.count(True), unknown=marks.count(None), ms=ms)


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
