"""What visitors say of the pictures that a link shows them (client review)."""

from uuid import UUID

from django.utils import timezone

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import Image, Mark, Notice, NoticeKind, OutsideLink, Visitor
from studio.services import limits, notices
from studio.words import Reason


def introduce(*, link: OutsideLink, name: str, address: str) -> Visitor:
    """Return a new visitor with this name; Conflict when the link has had too many."""
    limits.answer_outside(link=link.pk, address=address, new=True)
    with write_transaction():
        if not OutsideLink.objects.filter(pk=link.pk).admit():
            raise Conflict(Reason("outside_link_crowded"), param="name")
        return Visitor.objects.create(link=link, name=name)


def find(*, link: OutsideLink, pk: UUID | None) -> Visitor | None:
    """Return who comes again, if it was by this link."""
    return Visitor.objects.filter(link=link, pk=pk).first() if pk else None


def mark(*, visitor: Visitor, image: Image, answer: str, note: str, address: str) -> None:
    """Keep what a visitor says of a picture, in place of what they said of it before; nothing is said by nothing."""
    limits.answer_outside(link=visitor.link_id, address=address, new=False)
    with write_transaction():
        if not answer and not note:
            Mark.objects.filter(visitor=visitor, image=image).delete()
            return
        Mark.objects.put(Mark(visitor=visitor, image=image, answer=answer, note=note, at=timezone.now()))
        _tell(visitor.link)


def _tell(link: OutsideLink) -> None:
    """Tell a link's owner that somebody answers; once, until they have read it."""
    told = Notice.objects.visible_to(link.owner).unread().filter(kind=NoticeKind.CLIENT_ANSWERED)
    if not told.filter(values__link=str(link.pk)).exists():
        notices.tell(person=link.owner, kind=NoticeKind.CLIENT_ANSWERED, link=str(link.pk))
