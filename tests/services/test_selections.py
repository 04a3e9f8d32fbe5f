"""Selections: what is picked, what everything is, and that nobody ever picks what they may not see."""

import pytest

from studio.errors import StudioError
from studio.models import Gallery, Outline, Pick, Selection
from studio.search.asked import Asked
from studio.services import images, selections, sharing
from tests.factories import make_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(bob, model):
    """Five pictures of bob's, shared; the newest last."""
    return [make_image(bob, model, content=None, text=f"Number {n}") for n in range(5)]


def chosen(selection: Selection) -> list:
    return list(selections.chosen(selection).order_by("pk").values_list("pk", flat=True))


def pks(rows) -> list:
    return [row.pk for row in rows]


def test_start_with_pictures_picks_them(bob, rows):
    row = selections.start(person=bob, images=pks(rows[:2]))

    assert chosen(row) == pks(rows[:2])


def test_start_with_a_private_picture_of_another_leaves_it_out(charlie, bob, model, rows):
    hidden = make_image(bob, model, content=None, shared=False)

    row = selections.start(person=charlie, images=[hidden.pk, rows[0].pk])

    selections.choose(selection=row, images=[hidden.pk], on=True)

    assert chosen(row) == [rows[0].pk]
    assert list(Pick.objects.values_list("image", flat=True)) == [rows[0].pk]


def test_choose_off_leaves_a_picture_out(bob, rows):
    row = selections.start(person=bob, images=pks(rows))

    selections.choose(selection=row, images=[rows[1].pk], on=False)

    assert chosen(row) == pks([rows[0], *rows[2:]])


def test_choose_twice_picks_once(bob, rows):
    row = selections.start(person=bob, images=[rows[0].pk])

    selections.choose(selection=row, images=[rows[0].pk, rows[1].pk], on=True)

    assert (chosen(row), Pick.objects.count()) == (pks(rows[:2]), 2)


def test_choose_between_takes_what_lies_there_whichever_end_is_first(bob, rows):
    row = selections.start(person=bob, asked=Asked(view=Gallery.MINE))

    selections.choose_between(selection=row, first=rows[3].pk, last=rows[1].pk, on=True)

    assert chosen(row) == pks(rows[1:4])


def test_choose_between_takes_only_what_the_search_shows(charlie, bob, model, rows):
    make_image(bob, model, content=None, shared=False)
    row = selections.start(person=charlie, asked=Asked(view=Gallery.TEAM))

    selections.choose_between(selection=row, first=rows[0].pk, last=make_image(bob, model).pk, on=True)

    assert selections.count(row) == 6


def test_choose_everything_takes_all_but_what_comes_later(bob, model, rows):
    row = selections.start(person=bob, asked=Asked(view=Gallery.MINE))
    selections.choose_everything(selection=row)

    make_image(bob, model, content=None)

    assert chosen(row) == pks(rows)


def test_choose_everything_leaves_out_what_is_turned_off_and_takes_it_back(bob, rows):
    row = selections.start(person=bob, asked=Asked(view=Gallery.MINE), images=[rows[4].pk])
    selections.choose_everything(selection=row)

    selections.choose(selection=row, images=[rows[0].pk, rows[1].pk], on=False)
    selections.choose(selection=row, images=[rows[1].pk], on=True)

    assert chosen(row) == pks(rows[1:])


def test_choose_everything_takes_only_what_the_search_finds(bob, model, rows):
    wide = make_image(bob, model, content=None, width=2048)
    row = selections.start(person=bob, asked=Asked(shape=Outline.LANDSCAPE))

    selections.choose_everything(selection=row)

    assert chosen(row) == [wide.pk]


def test_choose_everything_of_nothing_chooses_nothing(bob):
    row = selections.start(person=bob, asked=Asked(view=Gallery.MINE))

    selections.choose_everything(selection=row)

    assert (row.everything, selections.count(row)) == (False, 0)


def test_chosen_forgets_what_was_taken_from_the_person_meanwhile(charlie, bob, rows):
    row = selections.start(person=charlie, images=pks(rows))

    sharing.share_image(image=rows[0], person=bob, shared=False)

    assert chosen(row) == pks(rows[1:])


def test_pks_of_none_is_refused(bob):
    row = selections.start(person=bob)

    with pytest.raises(StudioError, match="No picture is chosen"):
        selections.pks_of(row)


def test_pks_of_too_many_is_refused(bob, rows, monkeypatch):
    monkeypatch.setattr(selections, "AT_MOST", 4)
    row = selections.start(person=bob, images=pks(rows))

    with pytest.raises(StudioError, match="more than 4 pictures"):
        selections.pks_of(row)


def test_forget_removes_what_is_a_day_old(bob, rows):
    old, fresh = (selections.start(person=bob, images=pks(rows)) for _ in range(2))
    Selection.objects.filter(pk=old.pk).update(expires_at=old.expires_at - 2 * selections.LIFE)

    assert (selections.forget(), list(Selection.objects.values_list("pk", flat=True))) == (1, [fresh.pk])


def test_favourite_all_returns_what_changed_and_undoes_just_that(bob, rows):
    images.favourite(image=rows[0], person=bob, liked=True)

    added = images.favourite_all(images=pks(rows), person=bob, liked=True)
    removed = images.favourite_all(images=added, person=bob, liked=False)

    assert (sorted(added), sorted(removed)) == (pks(rows[1:]), pks(rows[1:]))
    assert list(bob.favourites.values_list("image", flat=True)) == [rows[0].pk]


def test_favourite_all_of_what_is_hidden_does_nothing(charlie, bob, model):
    hidden = make_image(bob, model, content=None, shared=False)

    assert images.favourite_all(images=[hidden.pk], person=charlie, liked=True) == []
