"""Links to the outside: the secret is shown once, the row keeps its digest; what they show is asked anew each time."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from studio import spreadsheets
from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Collection, Comparison, Image, Mark, OutsideLink, User
from studio.models.images import ImageQuerySet
from studio.models.outside import may_go_out
from studio.services import audit, limits, reviews
from studio.services.screening import gate
from studio.words import Reason

Target = Image | Comparison | Collection
KINDS: dict[type[Target], str] = {Image: "image", Comparison: "comparison", Collection: "collection"}
SHORTEST_PASSWORD = 8
KEPT_WHEN_OVER = timedelta(days=180)
"""How long a link that leads nowhere any more is kept, for what visitors said by it."""

NOTHING = UUID(int=0)
ANSWERS = ("number", "picture", "name", "answer", "note", "at")
"""Columns of what visitors said."""


def make(
    *,
    person: User,
    target: Target,
    days: int,
    title: str = "",
    password: str = "",
    reviews: bool = False,
    gives_originals: bool = False,
) -> tuple[OutsideLink, str]:
    """Return a new link to something this person may show, and its secret, which nobody can read again."""
    token = secrets.token_urlsafe(16)
    kind = KINDS[type(target)]
    row = OutsideLink(
        digest=_digest(token),
        owner=person,
        title=title,
        password=make_password(password) if password else "",  # slow, so before the transaction
        reviews=reviews,
        gives_originals=gives_originals,
        expires_at=timezone.now() + timedelta(days=days),
        **{kind: target},
    )
    check_password_fits(password)
    gate.check_names(title, param="title")
    if not pictures(row).exists():
        raise StudioError(Reason("nothing_to_show_outside"))
    with write_transaction():
        row.save(force_insert=True)
        facts = {"kind": kind, "object": str(target.pk), "days": days, "password": bool(password)}
        audit.record(actor=person, action="outside_link.made", subject=row.pk, **facts)
    return row, token


def check_password_fits(password: str) -> None:
    """Raise StudioError for a password that can be guessed."""
    if password and len(password) < SHORTEST_PASSWORD:
        raise StudioError(Reason("outside_password_short", least=SHORTEST_PASSWORD), param="password")


def url_of(token: str) -> str:
    """Return the whole address of a link."""
    return settings.STUDIO_URL + reverse("visits.detail", args=[token])


def revoke(*, link: OutsideLink, person: User) -> None:
    """Make a link worthless at once; what was said by it stays."""
    with write_transaction():
        if not OutsideLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now()):
            raise Conflict(Reason("outside_link_over"))
        audit.record(actor=person, action="outside_link.revoked", subject=link.pk, owner=str(link.owner_id))


def forget() -> int:
    """Delete links that have been over for a while, with what was said by them; return how many."""
    with write_transaction():
        rows = OutsideLink.objects.over_for(KEPT_WHEN_OVER)
        count = rows.count()
        rows.delete()
    return count


def find(token: str) -> OutsideLink | None:
    """Return the link with this secret if it is good, and if there is something behind it (SAFETY T24)."""
    return _opened(digest=_digest(token))


def find_by_key(pk: UUID) -> OutsideLink | None:
    """Return the link that one of its pictures' addresses names, under the same rule."""
    return _opened(pk=pk)


def _opened(**which: UUID | str) -> OutsideLink | None:
    if not settings.OUTSIDE_LINKS:
        return None
    return OutsideLink.objects.open().with_target().filter(**which).first()


def pictures(link: OutsideLink) -> ImageQuerySet:
    """Return what a link shows now, in order: rights are read each time, as those of its owner (SAFETY T24)."""
    seen = may_go_out(link.owner, reviewed=reviews.is_wanted(link.owner))
    if link.image_id:
        return seen.filter(pk=link.image_id)
    if link.comparison_id:
        columns = Comparison.objects.visible_to(link.owner).filter(pk=link.comparison_id)
        return seen.filter(generation__comparison__in=columns).order_by("generation", "index")
    collections = Collection.objects.visible_to(link.owner).filter(pk=link.collection_id or NOTHING)
    return seen.filter(places__collection__in=collections).order_by("-places__position", "-places__pk")


def described(link: OutsideLink) -> ImageQuerySet:
    """Return the same with the prompt, which tells whether a picture's description may be said outside."""
    return pictures(link).annotate(prompt_text=F("generation__prompt__text"))


def keys(link: OutsideLink) -> list[UUID]:
    """Return the ids of all that a link shows now, in order."""
    return list(pictures(link).values_list("pk", flat=True))


def answers_as_csv(link: OutsideLink) -> Iterator[str]:
    """Return a line for each answer to what the link shows now, in the order of the pictures."""
    numbers = {pk: number for number, pk in enumerate(keys(link), 1)}
    marks = Mark.objects.by(link).filter(image__in=pictures(link).order_by().values("pk"))
    said = sorted(marks, key=lambda mark: (numbers.get(mark.image_id, 0), mark.pk))
    yield "\ufeff"  # without it spreadsheets take UTF-8 for Latin-1
    yield from spreadsheets.lines(
        [ANSWERS, *([numbers.get(mark.image_id, ""), *_answer(mark)] for mark in said)]
    )


def _answer(mark: Mark) -> list[object]:
    at = timezone.localtime(mark.at).isoformat(timespec="seconds")
    return [mark.image_id, mark.visitor.name, mark.answer, mark.note, at]


def count_view(*, link: OutsideLink) -> None:
    """Count that somebody has come."""
    with write_transaction():
        OutsideLink.objects.filter(pk=link.pk).count_view()


def unlock(*, link: OutsideLink, password: str, address: str) -> None:
    """Raise StudioError unless this is the link's password; TooMany after too many wrong ones."""
    taken = limits.enter_outside(link=link.pk, address=address)
    if not check_password(password, link.password):
        raise StudioError(Reason("outside_password_wrong"), param="password")
    limits.give_back(taken)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
