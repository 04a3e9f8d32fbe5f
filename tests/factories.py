"""Makes rows in any state, without drawing anything."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from studio.media import names
from studio.models import (
    Budget,
    Comparison,
    Generation,
    Image,
    ImageModel,
    Period,
    Preset,
    RelayRequest,
    Slot,
    SlotState,
    State,
    Unit,
    User,
    Whom,
)
from studio.models.ids import id_at, uuid7
from studio.search.parse import indexed
from studio.services import budget_rules, budgets, prompts
from tests import money

PASSWORD = "correct-horse-battery"


def make_user(name: str, **fields: Any) -> User:
    fields.setdefault("seen_at", timezone.now())
    return User.objects.create_user(
        f"{name.lower().replace(' ', '.')}@example.com", PASSWORD, name=name, **fields
    )


def make_generation(
    person: User,
    model: ImageModel,
    *,
    text: str = "A mountain lake at dawn",
    n: int = 1,
    state: State = State.QUEUED,
    shared: bool = True,
    settings: dict[str, Any] | None = None,
    **fields: Any,
) -> Generation:
    """A generation whose money agrees with its state."""
    prompt = prompts.remember(author=person, text=text, shared=shared)
    month = budgets.this_month()
    budgets.allowance(person=person, month=month)
    active = state in ("held", "queued", "claimed", "sent", "received")
    presumed = n if state in ("unknown", "broken") else 0
    row = Generation.objects.create(
        owner=person,
        prompt=prompt,
        model=model,
        submission_id=uuid4(),
        settings={"size": "1024x1024"} if settings is None else settings,
        n=n,
        shared=shared,
        state=state,
        month=month,
        **fields,
    )
    Slot.objects.bulk_create(Slot(generation=row, index=index) for index in range(n))
    money.put(row, reserved=n if active else 0, presumed=presumed)
    if state in ("sent", "received"):
        Generation.objects.filter(pk=row.pk).update(attempts=1, sent_at=timezone.now())
        RelayRequest.objects.create(generation=row, attempt=1, slots=list(range(n)))
        row.refresh_from_db()
    return row


def make_comparison(
    person: User,
    models: list[ImageModel],
    *,
    blind: bool = False,
    state: State = State.DONE,
    **fields: Any,
) -> Comparison:
    """A comparison with one generation for each model, in this order."""
    text = fields.setdefault("text", "A mountain lake at dawn")
    prompt = prompts.remember(author=person, text=text, shared=fields.get("shared", True))
    row = Comparison.objects.create(owner=person, prompt=prompt, submission_id=uuid4(), blind=blind)
    pks = sorted(uuid7() for _ in models)  # made in one millisecond, they would stand in any order
    for pk, model in zip(pks, models, strict=True):
        make_generation(person, model, pk=pk, comparison=row, state=state, **fields)
    return row


def make_preset(name: str = "House style", **fields: Any) -> Preset:
    """A preset that adds a few words, behind those that are there."""
    fields = {"suffix": "soft light", "position": Preset.objects.next_position()} | fields
    return Preset.objects.create(name=name, **fields)


def make_image(
    person: User,
    model: ImageModel,
    *,
    text: str = "A mountain lake at dawn",
    shared: bool = True,
    content: bytes | None = b"\x89PNG\r\n\x1a\n not a real picture",
    width: int = 1024,
    height: int = 1024,
    developed: bool = True,
    generation: Generation | None = None,
    **fields: Any,
) -> Image:
    """A kept image of a finished generation; `content` is stored, None leaves the file missing."""
    generation = generation or make_generation(person, model, text=text, shared=shared, state=State.DONE)
    index = generation.images.count()
    key = names.original(generation.token, generation.pk, index, "png")
    if content is not None:
        default_storage.save(key, ContentFile(content))
    Slot.objects.filter(generation=generation, index=index).update(state=SlotState.SAVED)
    if not generation.is_active:  # else it is settled later
        money.put(generation, spent=1)
    facts = {
        "media_type": "image/png",
        "width": width,
        "height": height,
        "byte_size": len(content or b""),
        "sha256": hashlib.sha256(content or b"").hexdigest(),
        "tone": "#8899aa",
        "shared": shared and generation.shared,
        "developed_at": timezone.now() if developed else None,
        "sides": [512] if developed else [],
    }
    facts |= {"model_id": generation.via_id or generation.model_id}
    facts |= {"words": indexed(generation.prompt.text, fields.get("revised_prompt", ""))}
    return Image.objects.create(generation=generation, owner=person, index=index, key=key, **(facts | fields))


def make_old_image(person: User, model: ImageModel, days: int, **fields: Any) -> Image:
    """An image that was made so many days ago, as its id says."""
    pk = id_at(timezone.now() - timedelta(days=days))
    return make_image(person, model, pk=pk, content=None, **fields)


def make_budget(administrator: User, **fields: Any) -> Budget:
    """A budget of the team together, a dollar a month, or whatever else is said."""
    usual = {"whom": Whom.TEAM, "period": Period.MONTH, "unit": Unit.USD, "cap": 1_000_000}
    return budget_rules.add(administrator=administrator, **(usual | fields))
