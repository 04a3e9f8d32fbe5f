"""House presets: what administrators fix for the team, and that every order keeps to it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import ImageModel, Installation, Preset, User, installation
from studio.models.installation import look_again
from studio.prepared import prepared
from studio.relays.settings import TABLE, TEXT_LENGTH, Accepts, Unfit, label_of
from studio.services import audit
from studio.services.orders import Order
from studio.words import NO_REASON, Reason

FACTS = ("name", "about", "settings", "locked", "suffix", "allowed", "obliges", "is_on")


def add(*, administrator: User, **facts: Any) -> Preset:
    """Add a preset behind the others; a StudioError names the field at fault in `param`."""
    row = Preset(**facts, changed_by=administrator)
    _check(row)
    try:
        with write_transaction():
            row.position = Preset.objects.next_position()
            row.save(force_insert=True)
            audit.record(actor=administrator, action="preset.added", subject=row.pk, after=facts)
            _note_roles()
    except IntegrityError:
        raise Conflict(Reason("preset_name_taken"), param="name") from None
    look_again()
    return row


def edit(*, preset: Preset, administrator: User, version: int, **facts: Any) -> Preset:
    """Change some of FACTS of the version that was seen; raises Conflict when there is a newer one."""
    before = {name: getattr(preset, name) for name in facts if getattr(preset, name) != facts[name]}
    for name, value in facts.items():
        setattr(preset, name, value)
    _check(preset)
    after = {name: facts[name] for name in before}
    seen = Preset.objects.filter(pk=preset.pk, version=version, retired_at=None)
    new = {"version": F("version") + 1, "changed_at": Now(), "changed_by": administrator}
    try:
        with write_transaction():
            if before and not seen.update(**after, **new):
                raise Conflict(Reason("preset_moved_on"))
            if before:
                detail = {"name": preset.name, "before": before, "after": after}
                audit.record(actor=administrator, action="preset.edited", subject=preset.pk, **detail)
                _note_roles()
    except IntegrityError:
        raise Conflict(Reason("preset_name_taken"), param="name") from None
    look_again()
    return preset


def move(*, preset: Preset, administrator: User, step: int) -> bool:
    """Move a preset one place up (-1) or down (1); say whether there was a place to go."""
    with write_transaction():
        rows = list(Preset.objects.in_order().select_related(None).select_for_update(no_key=True))
        place = next((place for place, row in enumerate(rows) if row.pk == preset.pk), -1)
        there = place + step
        if step not in (-1, 1) or place < 0 or not 0 <= there < len(rows):
            return False
        rows[place], rows[there] = rows[there], rows[place]
        for position, row in enumerate(rows):
            row.position = position
        Preset.objects.bulk_update(rows, ["position"])
        detail = {"name": preset.name, "before": {"place": place + 1}, "after": {"place": there + 1}}
        audit.record(actor=administrator, action="preset.moved", subject=preset.pk, **detail)
    return True


def retire(*, preset: Preset, administrator: User) -> None:
    """Put a preset away for good; what was made with it still names it."""
    with write_transaction():
        if not Preset.objects.filter(pk=preset.pk, retired_at=None).update(retired_at=Now()):
            raise Conflict(Reason("preset_moved_on"))
        audit.record(actor=administrator, action="preset.retired", subject=preset.pk, name=preset.name)
        _note_roles()
    look_again()


def _note_roles() -> None:
    """Write down who is obliged to any, where every request has read it already."""
    roles = {role for row in Preset.objects.offered() for role in row.obliges}
    Installation.objects.update_or_create(pk=1, defaults={"obliged_roles": sorted(roles)})


def obliging(person: User) -> list[Preset]:
    """Return the presets of which a person must use one; none where they are free. No statement for whom it is so."""
    if person.role not in installation().obliged_roles:
        return []
    return Preset.objects.obliging(person.role)


def offered(*, person: User) -> list[Preset]:
    """Return the presets that a person may choose from."""
    return obliging(person) or _offered()


@prepared
def _offered() -> QuerySet[Preset]:
    return Preset.objects.offered()


def chosen(*, person: User, pk: UUID | None) -> Preset | None:
    """Return the preset that a form begins with: the one of this id if it may be chosen, else one that is obliged."""
    if own := obliging(person):
        return next((row for row in own if row.pk == pk), own[0])
    return Preset.objects.chosen(pk)


def obliged(order: Order, *, person: User) -> Order:
    """Return the order with a preset that its person is obliged to, if they are and it names none.

    Raises StudioError for another preset, and for a model that none of them is for.
    """
    own = obliging(person)
    if not own or order.preset in own:
        return order
    names = " or ".join(row.name for row in own)
    fitting = next((row for row in own if row.allows(order.model)), None)
    if order.preset or fitting is None:
        why = Reason("preset_obliged", presets=names, model="" if order.preset else order.model.label)
        raise StudioError(why, param="preset" if order.preset else "model")
    return replace(order, preset=fitting, preset_version=fitting.version)


def as_drawn(
    orders: Iterable[tuple[ImageModel, Mapping[str, Any], int]], *, person: User
) -> list[tuple[ImageModel, Mapping[str, Any], int]]:
    """Return orders of model, settings and number with what a preset fixes that their person is obliged to."""
    own = obliging(person)

    def settled(model: ImageModel, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        fitting = next((row for row in own if row.allows(model)), None)
        return fitting.settle(asked) if fitting else asked

    return [(model, settled(model, asked), n) for model, asked, n in orders]


def obstacle(preset: Preset | None, model: ImageModel) -> Reason:
    """Why a model cannot draw with a preset; nothing when it can, or when there is none."""
    if preset is None:
        return NO_REASON
    if not preset.lists(model):
        return Reason("preset_lists_others", preset=preset.name)
    beyond = ", ".join(label_of(name).lower() for name in preset.beyond(model))
    return Reason("preset_goes_beyond", preset=preset.name, settings=beyond) if beyond else NO_REASON


def keep_to(order: Order) -> Order:
    """Return the order as its preset has it: fixed settings above what was asked, the suffix at the end.

    Raises StudioError for a preset or a version of it that is not offered now, and for a model it is not for.
    """
    preset = order.preset
    if preset is None:
        return order
    if not preset.is_offered:
        raise Conflict(Reason("preset_gone"), param="preset")
    if order.preset_version != preset.version:
        raise Conflict(Reason("preset_changed", preset=preset.name), param="preset")
    if why := obstacle(preset, order.model):
        raise StudioError(Reason("model_closed", model=order.model.label, why=why), param="model")
    text = preset.finish(order.text)
    if len(text) > TEXT_LENGTH:
        facts = {"preset": preset.name, "length": len(text), "most": TEXT_LENGTH}
        raise StudioError(Reason("preset_too_long", **facts), param="prompt")
    return replace(order, text=text, settings=preset.settle(order.settings))


def _check(preset: Preset) -> None:
    """Raise a StudioError for a preset that does nothing, or that a model of its own cannot keep to."""
    if not (preset.settings or preset.suffix or preset.allowed):
        raise StudioError(Reason("preset_says_nothing"))
    for model in ImageModel.objects.offered().filter(pk__in=preset.allowed):
        if beyond := preset.beyond(model):
            names = ", ".join(label_of(name).lower() for name in beyond)
            why = Reason("preset_model_cannot", model=model.label, settings=names)
            raise StudioError(why, param="allowed")


def sound(settings: Mapping[str, str]) -> tuple[dict[str, Any], list[Unfit]]:
    """Return values as they are sent, whatever model draws, and what is wrong with the others."""
    anything = Accepts(dict.fromkeys(TABLE, ()))
    kept: dict[str, Any] = {}
    wrong: list[Unfit] = []
    for name, value in settings.items():
        try:
            kept[name] = anything.validate(name, value)
        except Unfit as unfit:
            wrong.append(unfit)
    return {name: value for name, value in kept.items() if value != ""}, wrong
