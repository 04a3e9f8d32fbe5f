"""Pictures that somebody chooses in the gallery, to do something with all of them at once (PRODUCT §3.6)."""

from collections.abc import Iterable
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from studio.db import write_transaction
from studio.errors import StudioError
from studio.models import Image, Pick, Selection, User
from studio.models.images import ImageQuerySet
from studio.models.selections import AT_MOST, LIFE
from studio.search.asked import Asked
from studio.search.images import search
from studio.words import Reason

MINE = Asked()


def start(*, person: User, asked: Asked = MINE, images: Iterable[UUID] = ()) -> Selection:
    """Begin a selection in what a search shows, with these pictures as far as the person may see them."""
    with write_transaction():
        row = Selection.objects.create(person=person, query=str(asked))
        _pick(row, Image.objects.visible_to(person).filter(pk__in=list(images)))
    return row


def choose(*, selection: Selection, images: Iterable[UUID], on: bool) -> None:
    """Take pictures in, or leave them out."""
    _turn(selection, Image.objects.visible_to(selection.person).filter(pk__in=list(images)), on=on)


def choose_between(*, selection: Selection, first: UUID, last: UUID, on: bool) -> None:
    """Take in, or leave out, all that the search shows between two pictures or moments; it need not be on the page."""
    low, high = sorted([first, last])
    _turn(selection, _found(selection).filter(pk__gte=low, pk__lte=high), on=on)


def choose_everything(*, selection: Selection) -> None:
    """Take in all that the search finds now."""
    newest = _found(selection).order_by("-pk").values_list("pk", flat=True).first()
    with write_transaction():
        selection.picks.all().delete()
        _write(selection, everything=newest is not None, newest=newest)


def chosen(selection: Selection) -> ImageQuerySet:
    """Return the pictures that are in it, of which some may have left the person's sight since they were picked."""
    if not selection.everything:
        return Image.objects.visible_to(selection.person).filter(picks__selection=selection)
    left_out = Pick.objects.filter(selection=selection).values("image")
    return _found(selection).filter(pk__lte=selection.newest).exclude(pk__in=left_out)


def count(selection: Selection) -> int:
    """Return how many are in it; one more than can be used at once stands for any number above."""
    return chosen(selection).order_by().values("pk")[: AT_MOST + 1].count()


def pks_of(selection: Selection) -> list[UUID]:
    """Return the ids of all that are in it, newest first; raise StudioError for none and for too many."""
    found = chosen(selection).order_by("-pk").values_list("pk", flat=True)
    pks = list(found[: AT_MOST + 1])
    if not pks:
        raise StudioError(Reason("nothing_selected"))
    if len(pks) > AT_MOST:
        raise StudioError(Reason("too_many_selected", most=AT_MOST))
    return pks


def forget() -> int:
    """Delete what nobody has used for a day; return how many."""
    with write_transaction():
        return Selection.objects.over().delete()[1].get(Selection._meta.label, 0)


def _found(selection: Selection) -> ImageQuerySet:
    """Return what the search shows that the selection was made in."""
    return search(Asked.from_query(QueryDict(selection.query)), selection.person)


def _turn(selection: Selection, images: ImageQuerySet, *, on: bool) -> None:
    """In everything a picture is left out by a pick, elsewhere it is taken in by one."""
    with write_transaction():
        if on != selection.everything:
            _pick(selection, images)
        else:
            selection.picks.filter(image__in=images.order_by().values("pk")).delete()
        _write(selection)


def _pick(selection: Selection, images: ImageQuerySet) -> None:
    pks = images.order_by().values_list("pk", flat=True)[: AT_MOST + 1]
    picks = [Pick(selection=selection, image_id=pk) for pk in pks]
    Pick.objects.bulk_create(picks, ignore_conflicts=True, batch_size=1000)


def _write(selection: Selection, **facts: object) -> None:
    """Change the row; it lives for another day from now."""
    selection.expires_at = timezone.now() + LIFE
    for name, value in facts.items():
        setattr(selection, name, value)
    selection.save(update_fields=["expires_at", *facts])
