"""What an assistant may do by Model Context Protocol: what its person may do, by the very same services."""

import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse

from studio.api import answers, bodies, waiting
from studio.api.waiting import Wait
from studio.errors import Forbidden, StudioError
from studio.models import Gallery, Generation, History, Image, ImageModel, Sort, Token
from studio.models.runs import DRAWN_BY
from studio.models.tokens import Scope
from studio.search import images, prompts
from studio.search.asked import LONGEST, Asked
from studio.services import calls
from studio.words import Reason

PATIENCE = 240.0
"""Seconds that an assistant waits for its pictures; what takes longer it looks at later."""

FOUND = 12
"""Pictures or prompts that one search brings."""

SIDE = 512
"""Pixels of the pictures that an assistant is shown; their addresses lead to the originals."""


SMALL = 2_000_000
"""Bytes of an original that is shown while there is no thumbnail."""


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool says: facts, and images as (bytes, media type)."""

    facts: dict[str, Any]
    images: list[tuple[bytes, str]] = field(default_factory=list)


def draw(token: Token, **asked: Any) -> Generator[Wait, bool | None, ToolAnswer]:
    """Ask for pictures and wait for them; what is not known of the call is left out and named."""
    if token.scope != Scope.DRAW:
        raise Forbidden(Reason("token_reads_only"))
    raw = json.dumps({name: value for name, value in asked.items() if value is not None}).encode()
    wanted = bodies.read(raw, token)
    with waiting.place():
        started = calls.ask(token=token, body=raw, order=wanted.order)
        try:
            ended = yield Wait(started.generation, PATIENCE)
        except (
            GeneratorExit
        ):  # the assistant is gone: who says the same again within minutes gets the pictures
            calls.leave(call=started.call)
            raise
    settle = calls.take_up if ended else calls.leave
    settle(call=started.call)
    return _of_generation(token, started.generation.pk)


def look(token: Token, name: str) -> ToolAnswer:
    """Show a generation of one's own, or a picture that one may see, by its id."""
    nothing = StudioError(Reason("api_not_found", what=name[:LONGEST]), code="not_found")
    try:
        pk = UUID(name)
    except ValueError:
        raise nothing from None
    if Generation.objects.owned_by(token.person).filter(pk=pk).exists():
        return _of_generation(token, pk)
    image = Image.objects.visible_to(token.person).kept().with_card_data(token.person).filter(pk=pk).first()
    if image is None:
        raise nothing
    return ToolAnswer(_facts_of(image), _shown([image]))


def find_images(token: Token, *, words: str, view: str) -> ToolAnswer:
    """Show the newest pictures that this person may see and that fit the words."""
    asked = Asked(view=Gallery(view), words=words[:LONGEST].replace("\0", ""))
    keys = images.older(asked, token.person, FOUND)
    seen = Image.objects.visible_to(token.person).filter(pk__in=keys)
    rows = list(seen.newest_first().with_card_data(token.person))
    return ToolAnswer({"images": [_facts_of(row) for row in rows]}, _shown(rows))


def find_prompts(token: Token, *, words: str, view: str) -> ToolAnswer:
    """Return the newest prompts that this person may learn from and that fit the words."""
    asked = Asked(view=Gallery(view), words=words[:LONGEST].replace("\0", ""))
    rows = prompts.page(asked, token.person, Sort.NEWEST, FOUND, after=None)
    return ToolAnswer({"prompts": [_prompt(row, History(view)) for row in rows]})


def models(token: Token) -> ToolAnswer:
    """Return the models that this person may use, and what each takes."""
    rows = [row for row in ImageModel.objects.offered() if token.may_use(row)]
    return ToolAnswer(
        {
            "models": [
                {
                    "model": row.model_id,
                    "relay": row.relay.name,
                    "max_n": row.max_n,
                    "takes": row.accepted.asked,
                }
                for row in rows
            ]
        }
    )


def _of_generation(token: Token, pk: UUID) -> ToolAnswer:
    mine = Generation.objects.owned_by(token.person).select_related("owner", *DRAWN_BY)
    row = mine.get(pk=pk)
    there = list(answers.kept(row))
    task = answers.task_of(row, delivers="address")
    facts = {
        "generation": str(row.pk),
        "status": task.status,
        "page": answers.facts_of(row).page,
        "images": [{"image": str(image.pk), "url": answers.address_of(image)} for image in there],
        "why": task.error.message if task.error else None,
    }
    return ToolAnswer(facts, _shown(there))


def _facts_of(image: Any) -> dict[str, Any]:
    """Return what a picture is and where its page is; its lasting address is its owner's to give away."""
    return {
        "image": str(image.pk),
        "by": str(image.owner),
        "prompt": image.prompt_text,
        "page": settings.STUDIO_URL + reverse("images.detail", args=[image.pk]),
    }


def _prompt(row: Any, history: History) -> dict[str, Any]:
    page = settings.STUDIO_URL + reverse("prompts.detail", args=[row.pk])
    return {"prompt": row.text, "by": str(row.author), "page": page}


def _shown(rows: Iterable[Image]) -> list[tuple[bytes, str]]:
    return [picture for row in rows if (picture := _preview(row))]


def _preview(image: Image) -> tuple[bytes, str] | None:
    """Return a small picture; until its thumbnail is made, a moment after it came, the original if it is small."""
    if image.developed_at and image.sides:
        enough = [side for side in image.sides if side >= SIDE]
        key, kind = image.thumbnail_key(min(enough, default=max(image.sides))), "image/webp"
    elif image.byte_size <= SMALL:
        key, kind = image.key, image.media_type
    else:
        return None
    try:
        with default_storage.open(key) as file:
            return file.read(), kind
    except OSError:  # the file is missing: the facts say what it was
        return None
