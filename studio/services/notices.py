"""Telling people what happened while they looked elsewhere; inside the caller's transaction."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from studio.db import write_transaction
from studio.models import Generation, Image, MutedKind, Notice, NoticeKind, Role, User
from studio.models.notices import NoticeQuerySet
from studio.words import plain

READ_KEPT, UNREAD_KEPT = timedelta(days=90), timedelta(days=365)


def tell(
    *,
    person: User,
    kind: NoticeKind,
    generation: Generation | None = None,
    image: Image | None = None,
    by: User | None = None,
    **values: Any,
) -> None:
    """Put a notice into somebody's inbox, unless they do not want its kind; `by` is who did it, if they may know.

    Values are codes, numbers, moments, reasons and a person's own words, never names: who is erased stays nowhere.
    """
    if kind.can_be_muted and MutedKind.objects.filter(person=person, kind=kind).exists():
        return
    _put([person], kind, generation=generation, image=image, by=by, **values)


def tell_administrators(*, kind: NoticeKind, **values: Any) -> None:
    """Tell every administrator who wants to hear of it."""
    people = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(muted__kind=kind)
    _put(people, kind, **values)


def tell_everyone(*, kind: NoticeKind, by: User | None = None, **values: Any) -> None:
    """Tell every person who can sign in and wants to hear of it."""
    _put(User.objects.filter(is_active=True).exclude(muted__kind=kind), kind, by=by, **values)


def _put(people: Collection[User] | Any, kind: NoticeKind, **facts: Any) -> None:
    about = {name: facts.pop(name, None) for name in ("generation", "image", "by")}
    values = plain(facts)
    Notice.objects.bulk_create(
        [Notice(person=person, kind=kind, values=values, **about) for person in people], batch_size=500
    )


def forget(*, case: UUID) -> None:
    """Take back what was said of a decision and is still unread, in the transaction that undoes it."""
    Notice.objects.unread().filter(values__case=str(case)).delete()


def read(*, notices: NoticeQuerySet) -> int:
    """Mark these as read; return how many were not before."""
    with write_transaction():
        return notices.unread().update(read_at=Now())


def seen(*, person: User, generation: Generation) -> None:
    """Mark what was said of a run as read: its person has just done something about it."""
    Notice.objects.visible_to(person).unread().filter(generation=generation).update(read_at=Now())


def choose(*, person: User, wanted: Collection[NoticeKind], digest: bool) -> None:
    """Keep which kinds this person wants to hear of, and whether they want a mail a day."""
    unwanted = [kind for kind in NoticeKind.choices_of(person) if kind not in wanted]
    with write_transaction():
        MutedKind.objects.filter(person=person).exclude(kind__in=unwanted).delete()
        rows = [MutedKind(person=person, kind=kind) for kind in unwanted]
        MutedKind.objects.bulk_create(rows, ignore_conflicts=True)
        User.objects.filter(pk=person.pk).update(digest=digest)


def forget_old() -> int:
    """Delete what was read 90 days ago, and what nobody has read in a year; return how many."""
    with write_transaction():
        return Notice.objects.older_than(read=READ_KEPT, unread=UNREAD_KEPT).delete()[0]
