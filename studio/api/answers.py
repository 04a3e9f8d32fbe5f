"""What a generation is for a program: OpenAI's shape, the pictures at addresses that last, and what we know beyond."""

import base64
from collections.abc import Iterable, Sequence
from typing import cast

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse
from msgspec import UNSET

from studio.api.shapes import (
    ApiPicture,
    CostFacts,
    Facts,
    Images,
    KeyLimit,
    Places,
    Progress,
    Status,
    Task,
    TaskFailure,
    UsageFacts,
)
from studio.models import Generation, Image, Period, Purse, State, Token, Unit
from studio.models.states import told
from studio.models.tokens import Delivers
from studio.services import budgets, purses
from studio.services.drawing import line
from studio.services.receipts import hides_models
from studio.signing import lasting_address


def images_of(row: Generation, delivers: str, ignored: Sequence[str] = ()) -> Images:
    """Return the answer to a call: the pictures that are kept, in order."""
    return Images(
        created=int(row.created_at.timestamp()),
        data=[_picture(image, delivers) for image in kept(row)],
        usage=UsageFacts(),
        lightfast=facts_of(row, ignored),
    )


def kept(row: Generation) -> Iterable[Image]:
    """The pictures of a generation that its person still has."""
    return Image.objects.visible_to(row.owner).kept().filter(generation=row).order_by("index")


def _picture(image: Image, delivers: str) -> ApiPicture:
    return ApiPicture(
        revised_prompt=image.revised_prompt or None,
        url=address_of(image) if delivers in (Delivers.BOTH, Delivers.ADDRESS) else UNSET,
        b64_json=data_of(image) if delivers in (Delivers.BOTH, Delivers.DATA) else UNSET,
    )


def data_of(image: Image) -> str:
    """Return the original in base64."""
    with default_storage.open(image.key) as file:
        return base64.b64encode(file.read()).decode()


def address_of(image: Image) -> str:
    """Return the picture's lasting address, good without a cookie."""
    return lasting_address(image.pk)


def facts_of(row: Generation, ignored: Sequence[str] = ()) -> Facts:
    """Return what we know beyond OpenAI's shape; libraries keep keys that they do not know."""
    hidden = hides_models(row)
    return Facts(
        generation_id=row.pk,
        model=None if hidden else row.drawn_by.model_id,
        relay=None if hidden else row.drawn_by.relay.name,
        cost=_cost(row),
        trace_id=row.trace_id or None,
        page=settings.STUDIO_URL + reverse("generations.detail", args=[row.pk]),
        ignored=list(ignored),
    )


def _cost(row: Generation) -> CostFacts | None:
    """Return what it cost; of a blind comparison nothing, as that names its model."""
    return None if row.cost is None or hides_models(row) else CostFacts(row.cost, row.cost_unit)


def task_address(row: Generation) -> str:
    """Return where a program looks at a generation."""
    return settings.API_URL + reverse("api.task", args=[row.pk])


def task_of(row: Generation, *, delivers: str) -> Task:
    """Return a generation as a task that a program looks at from time to time; a blind comparison's names no model."""
    hidden = hides_models(row)
    ahead, begins = _in_line(row)
    usual = None if hidden else row.drawn_by.usual(row.settings, row.n)
    there = list(kept(row))
    address = task_address(row)
    return Task(
        id=row.pk,
        task_id=row.pk,
        status=_status(row),
        created_at=int(row.created_at.timestamp()),
        # The time names a hidden model as well as a cost does.
        completed_at=int(row.settled_at.timestamp()) if row.settled_at and not hidden else None,
        model=None if hidden else row.model.model_id,
        queue_position=ahead,
        estimated_seconds=max(1, round((begins or 0) + usual.median_ms / 1000))
        if usual and row.is_active
        else None,
        progress=Progress(len(there), row.n),
        data=[] if row.is_active else [_picture(image, delivers) for image in there],
        usage=UsageFacts(),
        cost=_cost(row),
        error=_failure(row),
        urls=Places(address, f"{address}/cancel"),
    )


def _status(row: Generation) -> Status:
    return cast("Status", told(row.state))


def _failure(row: Generation) -> TaskFailure | None:
    status = _status(row)
    if status in ("failed", "unknown") or (status == "cancelled" and row.reason):
        return TaskFailure(row.why.said() or str(State(row.state).label), status)
    return None


def _in_line(row: Generation) -> tuple[int | None, int | None]:
    """Return how many are before a row that waits, by turns, and in how many seconds about it begins."""
    if row.state != State.QUEUED:
        return None, None
    found = line.look()
    return found.ahead().get(row.pk), found.starts.get(row.pk)


def limits_of(token: Token) -> list[KeyLimit]:
    """Return what counts a token's use: the images of its person's month, then every budget, its own among them."""
    month = budgets.allowance(person=token.person)
    counting = purses.of(person=token.person, token=token.pk)
    first = KeyLimit(
        whose="person",
        unit=Unit.IMAGES,
        period=Period.MONTH,
        limit=month.cap,
        usage=month.reserved + month.spent,
        remaining=month.left,
        reset=Period.MONTH.end(month.month).isoformat(),
    )
    return [first, *map(_limit, counting)]


def _limit(purse: Purse) -> KeyLimit:
    budget = purse.budget
    return KeyLimit(
        whose=str(purses.said_of(budget)["whose"]),
        unit=budget.unit,
        period=budget.period,
        limit=purse.cap,
        usage=purse.reserved + purse.spent,
        remaining=purse.left,
        reset=Period(budget.period).end(purse.start).isoformat(),
    )
