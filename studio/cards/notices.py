"""Finished values for the rows of the inbox."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse

from studio.cards.images import image_url, moment, preview, words
from studio.cards.said import reader_of
from studio.models import Image, Notice, NoticeKind, Plea, User
from studio.words import Reader, say_notice
from studio.words.notices import told

CASES = {NoticeKind.DECIDED, NoticeKind.ANSWERED}
"""The kinds that lead to what was decided."""

SHOWN = 120
"""Characters of a prompt that a notice holds."""


def rows_of(notices: Sequence[Notice], person: User) -> list[dict[str, Any]]:
    """Return a row for each notice; one query more, for the pictures that the person may see."""
    pictures, pleas = _pictures(notices, person), _open_pleas(notices)
    return [_row(notice, pictures, person) | {"plea": pleas.get(_plea(notice))} for notice in notices]


def newest(person: User) -> dict[str, str]:
    """Return what the newest unread notice says to somebody who looks elsewhere."""
    notice = Notice.objects.visible_to(person).unread().newest_first().with_card_data().first()
    if notice is None:
        return {"words": ""}
    head, line = _said(notice)
    return {
        "words": head,
        "line": line,
        "tag": f"news-{notice.generation_id}" if notice.generation_id else "notices",
    }


def _plea(notice: Notice) -> str:
    return str(notice.values.get("plea", "")) if notice.kind == NoticeKind.MORE_ASKED else ""


def _open_pleas(notices: Sequence[Notice]) -> dict[str, UUID]:
    """Return what can be granted right here; one statement, where somebody asked for more."""
    keys = [key for key in map(_plea, notices) if key]
    rows = Plea.objects.open().filter(pk__in=keys).values_list("pk", flat=True) if keys else []
    return {str(pk): pk for pk in rows}


def _pictures(notices: Sequence[Notice], person: User) -> dict[Any, Image]:
    """Return the picture of each image and of each generation that has one this person may open."""
    keys = [notice.image_id for notice in notices if notice.image_id]
    runs = [notice.generation_id for notice in notices if notice.generation_id]
    seen = Image.objects.visible_to(person).kept()
    found: Iterable[Image] = seen.of(images=keys, generations=runs) if keys or runs else []
    pictures: dict[Any, Image] = {}
    for image in found:
        pictures[image.pk] = image
        pictures.setdefault(image.generation_id, image)
    return pictures


def _row(notice: Notice, pictures: dict[Any, Image], person: User) -> dict[str, Any]:
    head, line = _said(notice)
    image = pictures.get(notice.image_id) or pictures.get(notice.generation_id)
    words_of = told(notice.kind)
    return {
        "pk": notice.pk,
        "head": head,
        "line": line,
        "icon": words_of.icon,
        "act": words_of.act,
        "url": _url(notice, pictures, person),
        "picture": preview(image, person) if image else None,
        "unread": notice.read_at is None,
        "at": notice.created_at.isoformat(),
        "when": moment(notice.created_at),
    }


def _said(notice: Notice) -> tuple[str, str]:
    facts = {"prompt": words(notice.prompt, SHOWN), "by": notice.by or "Somebody"}
    reader = reader_of(notice.generation) if notice.generation else Reader.PERSON
    return say_notice(notice.kind, notice.facts | facts, reader=reader)


def _url(notice: Notice, pictures: dict[Any, Image], person: User) -> str:
    """Return where a notice leads, if it leads to anything this person may open."""
    if notice.kind in CASES and "case" in notice.values:
        return reverse("appeals.detail", args=[notice.values["case"]])
    if notice.image_id in pictures:
        return image_url(pictures[notice.image_id].pk)
    if notice.generation and (notice.generation.shared or notice.generation.owner_id == person.pk):
        return reverse("generations.detail", args=[notice.generation_id])
    if notice.kind == NoticeKind.MORE_ASKED and person.is_administrator:
        return reverse("budgets.index")
    if notice.kind == NoticeKind.BUDGET_LOW:
        return reverse("usage.index")
    if notice.kind == NoticeKind.EXPORT_READY:
        return reverse("own.detail")
    if notice.kind == NoticeKind.CLIENT_ANSWERED and "link" in notice.values:
        return reverse("outside.detail", args=[notice.values["link"]])
    if notice.kind == NoticeKind.IMPORTED and "at" in notice.values:
        return reverse("imports.detail", args=[notice.values["at"]])
    if notice.kind == NoticeKind.WEBHOOK_OFF and "webhook" in notice.values:
        return reverse("webhooks.detail", args=[notice.values["webhook"]])
    if notice.kind == NoticeKind.RELAY_PAUSED and person.is_administrator:
        return reverse("relays.index")
    if notice.kind == NoticeKind.STORAGE_LOW and person.is_administrator:
        return reverse("administration.index")
    return ""
