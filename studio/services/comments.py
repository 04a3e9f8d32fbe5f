"""What people say of a picture, and whom they call to it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from uuid import UUID

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Comment, Image, Notice, NoticeKind, User
from studio.models.comments import COMMENT_LENGTH
from studio.services import audit, notices
from studio.services.screening import gate
from studio.words import Reason

CALL = re.compile(r"(?<![\w@])@(\w[\w.'’-]*(?: \w[\w.'’-]*){0,3})")
"""An @ and up to four words after it: as many as a name may have."""

CALLS = 20
"""People that one comment calls, at most."""

TOLD = 200
"""Characters of a comment that a notice holds."""


def write(*, person: User, image: Image, text: str) -> Comment:
    """Say something of a picture; its person and whoever is named by @ are told, if they may look at it."""
    text = text.strip()
    if not text:
        raise StudioError(Reason("comment_wants_words"), param="text")
    if len(text) > COMMENT_LENGTH:
        raise StudioError(Reason("comment_too_long", most=COMMENT_LENGTH, count=len(text)), param="text")
    gate.check_names(text, param="text")
    with write_transaction():
        row = Comment.objects.create(image=image, person=person, text=text)
        called = called_in(text, image)
        row.mentioned.set(called)
        _tell(row, called)
    return row


def remove(*, person: User, comment: Comment) -> None:
    """Take words back: their own, others' about their picture, or as a moderator, who leaves a trace."""
    with write_transaction():
        said = {"author": str(comment.person_id), "image": str(comment.image_id)}
        subject, owner = comment.pk, comment.image.owner_id
        Notice.objects.filter(image=comment.image_id, values__comment=str(subject)).delete()
        comment.delete()
        if person.pk not in {comment.person_id, owner}:
            audit.record(actor=person, action="comment.removed", subject=subject, **said)


def called_in(text: str, image: Image) -> list[User]:
    """Return the people whom a text names by @, of those who may look at the picture: a name, or its first word.

    The longest name wins; a first word calls somebody only while it is nobody else's.
    """
    text = unicodedata.normalize(
        "NFC", text
    )  # of an accent on its own no pattern knows that it is part of a word
    calls = [list(_beginnings(found[1])) for found in CALL.finditer(text)][:CALLS]
    if not calls:
        return []
    people = User.objects.filter(is_active=True).order_by("pk")
    if not image.is_seen_by_team:
        people = people.filter(pk=image.owner_id)
    # Compared here: SQLite knows the small letters of English alone.
    names = {pk: _plain(name) for pk, name in people.values_list("pk", "name")}
    called = list({pk: None for call in calls for pk in _named(call, names)})
    found = User.objects.in_bulk(called)
    return [found[pk] for pk in called if pk in found]


def _beginnings(words: str) -> Iterator[str]:
    """Yield the first words of a call, the most of them first."""
    parts = words.split(" ")
    for count in range(len(parts), 0, -1):
        yield _plain(" ".join(parts[:count]).rstrip(".'’-"))


def _plain(name: str) -> str:
    """Return a name as it is compared: without case, and however its accents are written."""
    return unicodedata.normalize("NFC", name).casefold()


def _named(call: list[str], names: Mapping[UUID, str]) -> list[UUID]:
    for name in call:
        if exact := [pk for pk, own in names.items() if own == name]:
            return exact
    first = [pk for pk, own in names.items() if own.startswith(f"{call[-1]} ")]
    return first if len(first) == 1 else []


def _tell(comment: Comment, called: list[User]) -> None:
    owner = comment.image.owner
    kinds = dict.fromkeys(called, NoticeKind.MENTIONED)
    for person, kind in ({owner: NoticeKind.COMMENTED} | kinds).items():
        if person.pk != comment.person_id:
            notices.tell(
                person=person,
                kind=kind,
                image=comment.image,
                by=comment.person,
                text=comment.text[:TOLD],
                comment=str(comment.pk),
            )
