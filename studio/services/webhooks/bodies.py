"""What is sent: read from the rows as they are at that moment; nothing, when it is not for these ears any more."""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from studio.models import Delivery, Generation, Image, User, WebhookKind
from studio.models.runs import DRAWN_BY
from studio.models.states import told
from studio.signing import lasting_address
from studio.words import Reader, say

PROMPT = 2000
"""Characters of a prompt that are sent: bodies stay below 20 KB (API §5)."""

Data = dict[str, Any]


def body_of(row: Delivery) -> bytes | None:
    """Return the message as Standard Webhooks has it, or None when there is nothing left to tell."""
    data = _data(row)
    if data is None:
        return None
    said = {"type": row.kind, "timestamp": row.created_at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _data(row: Delivery) -> Data | None:
    match row.kind:
        case WebhookKind.COMPLETED | WebhookKind.FAILED:
            return _run(row)
        case WebhookKind.HELD:
            return _case(row) if row.webhook.is_of_team else _run(row)
        case WebhookKind.SHARED:
            return _pictures(row)
        case WebhookKind.REPORTED:
            return _case(row)
        case WebhookKind.TEST:
            return {"webhook_id": str(row.webhook_id), "message": "It works."}
    return row.values


def _run(row: Delivery) -> Data | None:
    """A run: its person is told all of it; the team's webhooks neither words nor what opens its pictures."""
    runs = Generation.objects.select_related("owner", "prompt", "comparison", *DRAWN_BY)
    run = runs.filter(pk=row.generation_id).first() if row.generation_id else None
    if run is None or (row.webhook.is_of_team and not run.shared):
        return None
    own = row.webhook.owner_id == run.owner_id
    there = Image.objects.visible_to(run.owner).kept() if own else Image.objects.seen_by_team()
    images = there.filter(generation=run).order_by("index")
    data = _facts(run, row.values) | {"images": [_picture(image, own=own) for image in images]}
    return data | {"prompt": run.prompt.text[:PROMPT]} if own else data | {"person": _name(run.owner)}


def _facts(run: Generation, values: Data) -> Data:
    hidden = run.comparison is not None and run.comparison.hides_models
    why = values.get("why") or {"code": "", "values": {}}
    said = say(why["code"], why["values"], reader=Reader.BLIND if hidden else Reader.PROGRAM)
    return {
        "id": str(run.pk),
        "object": "image.generation",
        "status": told(values.get("state", run.state)),
        "created_at": int(run.created_at.timestamp()),
        "model": None if hidden else run.model.model_id,
        "n": run.n,
        "count": values.get("count", 0),
        # A cost names its model.
        "cost": None if hidden or run.cost is None else {"amount": run.cost, "unit": run.cost_unit},
        "error": {"code": why["code"], "message": said} if why["code"] else None,
        "url": settings.API_URL + reverse("api.task", args=[run.pk]),
        "page": _address("generations.detail", run.pk),
    }


def _pictures(row: Delivery) -> Data | None:
    """The pictures of these that the team still sees."""
    found = Image.objects.seen_by_team().filter(pk__in=row.values["images"]).order_by("pk")
    images = list(found.select_related("owner"))
    if not images:
        return None
    own = row.webhook.owner_id == images[0].owner_id
    data: Data = {"images": [_picture(image, own=own) for image in images]}
    return data if own else data | {"person": _name(images[0].owner)}


def _picture(image: Image, *, own: bool) -> Data:
    """A picture's page; its person is also told the address that opens it without a sign-in."""
    data = {"id": str(image.pk), "generation_id": str(image.generation_id), "index": image.index}
    data["page"] = _address("images.detail", image.pk)
    return data | {"url": lasting_address(image.pk)} if own else data


def _case(row: Delivery) -> Data:
    return row.values | {"page": _address("moderation.detail", row.values["case"])}


def _name(person: User) -> Data:
    return {"id": str(person.pk), "name": person.name}


def _address(name: str, pk: object) -> str:
    return settings.STUDIO_URL + reverse(name, args=[pk])
