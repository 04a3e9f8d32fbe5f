"""Removes a person with everything that is theirs; the audit keeps their id, which says nothing any more.

Files go before their rows, in small steps: a worker that dies in between is followed by another, and no byte is left
without a row that names it.
"""

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from studio.db import afterwards, release_connection, write_transaction
from studio.errors import Conflict
from studio.models import (
    Audience,
    Collection,
    Comment,
    Comparison,
    Delivery,
    Export,
    Favourite,
    Generation,
    Image,
    Import,
    Invitation,
    Notice,
    Prompt,
    SavedPrompt,
    Token,
    User,
    Webhook,
    WebhookKind,
)
from studio.models.notices import OF_COMMENTS
from studio.models.states import RUNNING
from studio.services import audit, collections, library, ratings, searches
from studio.services.people import administrators, sessions, suspensions
from studio.words import Reason

BATCH = 50


def preview(*, person: User) -> dict[str, int]:
    """Count what an erasure would remove."""
    images = Image.objects.owned_by(person)
    return {
        "images": images.count(),
        "bytes": images.aggregate(Sum("byte_size"))["byte_size__sum"] or 0,
        "prompts": Prompt.objects.filter(author=person).count(),
        "generations": Generation.objects.owned_by(person).count(),
        "comparisons": Comparison.objects.filter(owner=person).count(),
        "saved_prompts": SavedPrompt.objects.owned_by(person).filter(shared=False).count(),
        "favourites": Favourite.objects.filter(person=person).count(),
        "collections": Collection.objects.owned_by(person).filter(audience=Audience.PRIVATE).count(),
        "comments": Comment.objects.filter(person=person).count(),
    }


def ask(*, person: User, administrator: User) -> None:
    """Shut the person out at once and have a worker erase them."""
    with write_transaction():
        row, others = administrators.lock(person)
        if row.pk == administrator.pk:
            raise Conflict(Reason("erases_themselves"))
        administrators.keep_one(row, others)
        gone = {"is_active": False, "left_at": Now(), "suspended_until": None, "suspension_reason": ""}
        User.objects.filter(pk=row.pk).update(erasing_since=Now(), **gone)
        sessions.forget(row, tell=True)
        # The team works with these, and others' pictures lie in the collections; no name of theirs stays on them.
        collections.hand_over(person=row, heir=administrator)
        library.hand_over(person=row, to=administrator)
        searches.hand_over(person=row, to=administrator)
        audit.record(actor=administrator, action="person.erasure_asked", subject=row.pk)
        ticket = import_string("studio.tasks.erase")  # by name: tasks stand above services
        afterwards(lambda: ticket.enqueue(str(row.pk)))  # the clean-up replaces a lost one
    suspensions.take_back_what_waits(row, administrator)


def erase_all() -> int:
    """Go on with every erasure that was asked for; return how many are done."""
    asked = User.objects.filter(erasing_since__isnull=False).values_list("pk", flat=True)
    return sum(erase(pk=pk) for pk in list(asked))


def erase(*, pk: UUID | str) -> bool:
    """Erase one person who was to be erased; while a relay still draws for them it waits for another time."""
    person = User.objects.filter(pk=pk, erasing_since__isnull=False).first()
    if person is None or Generation.objects.owned_by(person).in_state(*RUNNING).exists():
        return False
    while rows := list(Generation.objects.owned_by(person).order_by("pk")[:BATCH]):
        _erase_generations(rows)
    for export in Export.objects.of(person).exclude(key=""):
        default_storage.delete(export.key)
    for row in Import.objects.owned_by(person):
        for key in row.keys:
            default_storage.delete(key)
    _erase_words(person)
    with write_transaction():
        audit.record(actor=None, action="person.erased", subject=person.pk)
        person.delete()
    _forget_in_the_index()
    return True


def _erase_generations(rows: list[Generation]) -> None:
    images = list(Image.objects.filter(generation__in=rows))
    release_connection()
    for image in images:
        for key in image.keys:
            default_storage.delete(key)
    for row in rows:
        for path in Path(settings.SPOOL_DIR).glob(f"{row.pk}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    with write_transaction():
        Generation.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _erase_words(person: User) -> None:
    """Remove what names the person in rows that stay or that hang on nothing."""
    theirs = [
        row.pk for row in Session.objects.iterator() if row.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    with write_transaction():
        ratings.forget(person=person)
        Notice.objects.filter(by=person, kind__in=OF_COMMENTS).delete()
        Comparison.objects.filter(owner=person).delete()
        Prompt.objects.filter(author=person).delete()
        theirs_alone = Invitation.objects.filter(email=person.email)
        theirs_alone.open().update(revoked_at=Now())  # without the address it would let in anybody
        theirs_alone.update(email="")
        Session.objects.filter(pk__in=theirs).delete()
        Token.objects.filter(person=person).delete()
        Webhook.objects.owned_by(person).delete()
        # The team's receivers may have answered with what they were told.
        Delivery.objects.filter(kind=WebhookKind.SHARED, values__person=str(person.pk)).delete()


def _forget_in_the_index() -> None:
    """Have SQLite's indexes of words written anew: a word that was removed stays in them until then."""
    if connection.vendor == "sqlite":
        for index in ("studio_prompt_fts", "studio_image_fts"):
            with write_transaction(), connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")  # noqa: S608
