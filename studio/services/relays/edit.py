"""Adds, changes, orders and pauses relays and their models; each change is in the audit log, a key never is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F, Max
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Dialect, ImageModel, Relay, Role, User, WebhookKind
from studio.relays import DIALECTS, open_relay
from studio.relays.settings import IMAGES_AT_ONCE
from studio.relays.shapes import ModelInfo, plain
from studio.services import audit, tickets
from studio.services.relays import addresses, rules
from studio.services.relays.health import CALM
from studio.services.webhooks import events
from studio.words import Reason, own_words

FACTS = ("name", "dialect", "base_url", "enabled", "at_once", "per_minute", "retries")
TAKES = ("accepts", "max_n", "per_call")
USES = (
    "label",
    "alias",
    "enabled",
    "draws",
    "by_chat",
    "least_role",
    "stand_in",
    "multiplier",
    "link_minutes",
)
MODEL_FACTS = (*TAKES, *USES)
UNLISTED = "model_id"
"""In `by_hand`: no list has ever named this model, so it cannot vanish from one."""


def add(
    *,
    administrator: User,
    name: str,
    dialect: str,
    base_url: str,
    api_key: str | None,
    enabled: bool = True,
    at_once: int | None = None,
    per_minute: int | None = None,
    retries: bool = True,
) -> Relay:
    """Add a relay behind the others; a StudioError names the field at fault in `param`."""
    url = addresses.check(base_url=base_url, administrator=administrator)
    relay = Relay(name=name.strip(), dialect=dialect, base_url=url, enabled=enabled, retries=retries)
    relay.at_once, relay.per_minute = at_once, per_minute
    relay.api_key = rules.usable_key(api_key or "")
    with _told(), write_transaction():
        relay.full_clean()
        put_in_line(relay)
        relay.save(force_insert=True)
        audit.record(actor=administrator, action="relay.added", subject=relay.pk, after=_facts(relay, FACTS))
    return relay


def edit(
    *,
    relay: Relay,
    administrator: User,
    name: str,
    dialect: str,
    base_url: str,
    enabled: bool,
    at_once: int | None,
    per_minute: int | None,
    retries: bool,
    api_key: str | None,
) -> Relay:
    """Change a relay; no key keeps the one there is, but only for the host it was entered for."""
    given: dict[str, Any] = {
        "name": name.strip(),
        "dialect": dialect,
        "base_url": base_url.strip().rstrip("/"),
    }
    given |= {"enabled": enabled, "at_once": at_once, "per_minute": per_minute, "retries": retries}
    _check_edit(Relay.objects.get(pk=relay.pk), given, api_key, administrator)
    with _told(), write_transaction():
        row = Relay.objects.select_for_update(no_key=True).get(pk=relay.pk)
        before = _facts(row, FACTS)
        for field, value in given.items():
            setattr(row, field, value)
        if api_key:
            row.api_key = rules.usable_key(api_key)
            if not row.is_paused:  # what was said of the old key is over
                row.refusals, row.trouble, row.trouble_values, row.trouble_at = 0, "", {}, None
        row.full_clean()
        row.save(update_fields=[*FACTS, "sealed_key", "key_ending", "refusals", *CALM])
        _note(administrator, "relay.edited", row, before, key="replaced" if api_key else "")
    return row


def _check_edit(row: Relay, given: dict[str, Any], api_key: str | None, administrator: User) -> None:
    """Refuse what would unmake the sandbox, reach a forbidden address, or send a kept key to a new host."""
    fixed = ("dialect", "base_url", "enabled")
    if row.archived_at:
        raise Conflict(Reason("relay_is_archived", relay=row.name))
    if row.sandbox and (api_key or any(given[name] != getattr(row, name) for name in fixed)):
        raise StudioError(Reason("sandbox_stays"))
    if given["base_url"] == row.base_url:
        return
    addresses.check(base_url=given["base_url"], administrator=administrator)
    rules.check_kept_key(row, base_url=given["base_url"], api_key=api_key)


def pause(*, relay: Relay, administrator: User, reason: str) -> bool:
    """Stop asking a relay until it is resumed; say whether it was running."""
    reason = plain(reason, 200)
    if not reason:
        raise StudioError(Reason("pause_wants_a_reason"), param="reason")
    with write_transaction():
        running = Relay.objects.filter(pk=relay.pk, paused_at=None)
        given = {"pause_reason": "own_words", "pause_values": {"text": reason}}
        if not running.update(paused_at=Now(), **given):
            return False
        audit.record(actor=administrator, action="relay.paused", subject=relay.pk, reason=reason)
        events.relay(kind=WebhookKind.RELAY_PAUSED, name=relay.name, reason="own_words")
    return True


def resume(*, relay: Relay, administrator: User) -> bool:
    """Let a relay draw again and forget its refusals and trouble; say whether it was paused."""
    with write_transaction():
        row = Relay.objects.select_for_update(no_key=True).get(pk=relay.pk)
        clean = {"paused_at": None, "pause_reason": "", "pause_values": {}, "refusals": 0} | CALM
        Relay.objects.filter(pk=row.pk).update(**clean)
        if row.is_paused:
            before = {"reason": row.pause_reason, "values": row.pause_values, "refusals": row.refusals}
            before |= {"trouble": row.trouble}
            audit.record(actor=administrator, action="relay.resumed", subject=row.pk, before=before)
            events.relay(kind=WebhookKind.RELAY_BACK, name=row.name)
            for _ in range(settings.WORKER_THREADS):
                tickets.wake()  # one each for what may wait
    return row.is_paused


def move(*, relay: Relay, administrator: User, step: int) -> bool:
    """Move a relay one place up (-1) or down (1) in the picker; say whether there was a place to go."""
    with write_transaction():
        locked = Relay.objects.in_use().select_for_update(no_key=True).order_by("pk")  # as every claim does
        rows = sorted(locked, key=lambda row: (row.position, row.name))
        place = rows.index(relay) if relay in rows else -1
        there = place + step
        if step not in (-1, 1) or place < 0 or not 0 <= there < len(rows):
            return False
        rows[place], rows[there] = rows[there], rows[place]
        for position, row in enumerate(rows):
            row.position = position
        Relay.objects.bulk_update(rows, ["position"])
        audit.record(
            actor=administrator, action="relay.moved", subject=relay.pk, before=place + 1, after=there + 1
        )
    return True


def edit_model(*, model: ImageModel, administrator: User, **fields: Any) -> ImageModel:
    """Change some of MODEL_FACTS; reading the relay's list leaves them alone from now on.

    A model that is switched on draws; one that draws through chat from now on takes what chat takes.
    """
    with _told(), write_transaction():
        rows = ImageModel.objects.select_related("relay", "stand_in")
        row = rows.select_for_update(no_key=True, of=("self",)).get(pk=model.pk)
        before = _facts(row, MODEL_FACTS)
        if fields.get("enabled") and row.draws is None:
            fields = {"draws": True} | fields
        for name, value in (_of_chat(row, fields) | fields).items():
            setattr(row, name, value)
        rules.check_model(row)
        row.by_hand = sorted({*row.by_hand, *fields})
        row.save(update_fields=[*MODEL_FACTS, "by_hand"])
        _note(administrator, "model.edited", row, before)
    return row


def add_relay(*, name: str, dialect: str, base_url: str, api_key: str, sandbox: bool = False) -> Relay:
    """Return the relay of this name with these facts, made or brought up to date by the studio itself."""
    with write_transaction():
        relay = Relay.objects.select_for_update(no_key=True).filter(name=name).first() or Relay(name=name)
        is_new, before = relay._state.adding, _facts(relay, FACTS)
        relay.dialect, relay.base_url, relay.api_key, relay.sandbox = dialect, base_url, api_key, sandbox
        relay.full_clean()
        if is_new:
            put_in_line(relay)
        relay.save()
        _note(None, "relay.added" if is_new else "relay.edited", relay, {} if is_new else before)
    return relay


def add_model(
    *,
    relay: Relay,
    model_id: str,
    label: str = "",
    accepts: dict[str, list[str]],
    max_n: int = IMAGES_AT_ONCE,
    per_call: int = IMAGES_AT_ONCE,
    by_chat: bool = False,
    least_role: str = Role.MEMBER,
) -> ImageModel:
    """Return the relay's model of this id, made or brought up to date by hand, whether its list names it or not."""
    per_call = rules.per_call(relay, by_chat=by_chat, wanted=per_call)
    facts = {"label": label or model_id[:100], "accepts": accepts, "max_n": max_n, "per_call": per_call}
    facts |= {"by_chat": by_chat, "least_role": least_role, "draws": True, "enabled": True}
    with _told(), write_transaction():
        row = ImageModel.objects.filter(relay=relay, model_id=model_id).first()
        before = _facts(row, MODEL_FACTS) if row else {}
        row = row or ImageModel(relay=relay, model_id=model_id, by_hand=[UNLISTED])
        for name, value in facts.items():
            setattr(row, name, value)
        rules.check_model(row)
        row.by_hand = sorted({*row.by_hand, *facts})
        row.save()
        _note(None, "model.edited" if before else "model.added", row, before)
    return row


def capabilities(relay: Relay, info: ModelInfo) -> dict[str, Any]:
    """Return what a model takes, by its row in the relay's list and by the documents of its dialect."""
    dialect = Dialect.CHAT if info.by_chat else relay.dialect
    found = open_relay(dialect=dialect, base_url=relay.base_url, api_key="").capabilities(info)
    return {name: getattr(found, name) for name in TAKES}


def _of_chat(row: ImageModel, fields: dict[str, Any]) -> dict[str, Any]:
    """Return what the model takes once it draws through chat, or no longer: all of it that nobody set by hand."""
    if fields.get("by_chat", row.by_chat) == row.by_chat:
        return {}
    row.by_chat = fields["by_chat"]
    info = ModelInfo(id=row.model_id, label=row.label, is_image=True, by_chat=row.by_chat)
    sent = DIALECTS[row.dialect].fields
    kept = {"accepts": {name: values for name, values in row.accepts.items() if name in sent}}
    found = capabilities(row.relay, info).items()
    return kept | {name: value for name, value in found if name not in row.by_hand}


def put_in_line(relay: Relay) -> None:
    """Give a relay the place behind the others; the sandbox stays last."""
    rows = Relay.objects.all() if relay.sandbox else Relay.objects.filter(sandbox=False)
    last = rows.aggregate(last=Max("position"))["last"]
    relay.position = 0 if last is None else last + 1
    Relay.objects.filter(position__gte=relay.position).update(position=F("position") + 1)


def _facts(row: Relay | ImageModel, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a row's facts as the audit log keeps them."""
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def _note(
    actor: User | None, action: str, row: Relay | ImageModel, before: dict[str, Any], *, key: str = ""
) -> None:
    """Write down what has changed, if anything has."""
    after = _facts(row, FACTS if isinstance(row, Relay) else MODEL_FACTS)
    changed = [name for name in after if name not in before or before[name] != after[name]]
    detail: dict[str, Any] = {"before": {name: before[name] for name in changed if name in before}}
    detail |= {"after": {name: after[name] for name in changed}}
    if key:
        detail["key"] = key
    if changed or key:
        audit.record(actor=actor, action=action, subject=row.pk, **detail)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the tables refuse into a sentence that names the field."""
    try:
        yield
    except ValidationError as error:
        field, problems = next(iter(error.error_dict.items()))
        if field == "name" and any(problem.code == "unique" for problem in problems):
            raise Conflict(Reason("relay_name_taken"), param="name") from None
        raise StudioError(own_words(*error.message_dict[field]), param=field) from None
    except IntegrityError:
        raise Conflict(Reason("relay_name_taken"), param="name") from None
