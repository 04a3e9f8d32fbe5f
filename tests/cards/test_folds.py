"""What is told of a text is what its rows say, for everybody, after everything that can happen to them."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.utils import timezone

from studio.cards.folds import SAMPLES, folds_of
from studio.models import Generation, History, Image, Prompt, User
from studio.models.samples import UNRATED
from studio.services import images, ratings, sharing
from tests.factories import make_generation, make_image

TEXT = "A mountain lake at dawn"
pytestmark = pytest.mark.django_db


def told(person: User, history: History | None) -> tuple:
    """Return what the indexed reads find."""
    found = folds_of(Prompt.objects.filter(text=TEXT), person, history).values()
    best = [[image.pk for image in fold.samples] for fold in found]
    return [
        (
            fold.people,
            fold.runs,
            fold.asked,
            {UUID(str(model)) for model in fold.models},
            UUID(fold.newest) if fold.newest else None,
            fold.kept,
            fold.hearts,
        )
        for fold in found
    ], best


def counted(person: User, history: History | None) -> tuple:
    """Return the same, one row after the other."""
    runs = [
        run
        for run in Generation.objects.filter(prompt__text=TEXT)
        if (run.owner == person if history == History.MINE else run.shared)
        or (history is None and run.owner == person)
    ]
    pictures = [
        image
        for image in Image.objects.filter(generation__prompt__text=TEXT)
        if not (image.trashed_at or image.removed_at or image.unusable)
        and (
            image.owner == person
            if history == History.MINE or (history is None and image.owner == person)
            else image.is_seen_by_team
        )
    ]
    people = [
        prompt
        for prompt in Prompt.objects.filter(text=TEXT)
        if (prompt.author == person if history == History.MINE else prompt.shared_at)
        or (history is None and prompt.author == person)
    ]
    if not people:
        return [], []
    worth = {image: (image.hearts, image.rating or UNRATED, image.pk) for image in pictures}
    sums = (
        len(people),
        len(runs),
        sum(run.n for run in runs),
        {run.drawn_by.pk for run in runs},
        max((run.pk for run in runs), default=None),
        len(pictures),
        sum(image.hearts for image in pictures),
    )
    return [sums], [[each.pk for each in sorted(pictures, key=worth.__getitem__, reverse=True)[:SAMPLES]]]


@pytest.fixture
def agree(bob, charlie) -> Callable[[str], None]:
    def agree(after: str) -> None:
        for person in (bob, charlie):
            for history in (None, *History):
                assert told(person, history) == counted(person, history), (after, person, history)

    return agree


def test_folds_agree_with_the_rows_after_every_change(bob, charlie, model, plain_model, agree):
    other = plain_model
    first = make_generation(bob, model, text=TEXT, n=4, shared=True, state="done")
    pictures = [make_image(bob, model, generation=first) for _ in range(4)]
    private = make_image(bob, other, text=TEXT, shared=False)
    theirs = make_image(charlie, model, text=TEXT, shared=True)
    agree("drawn")

    images.favourite(image=pictures[0], person=charlie, liked=True)
    ratings.give(person=charlie, image=pictures[1], stars=5)
    ratings.give(person=charlie, image=pictures[2], stars=1)
    agree("liked and rated")
    images.favourite(image=pictures[0], person=charlie, liked=False)
    agree("liked no more")
    images.favourite(image=pictures[2], person=charlie, liked=True)
    agree("what has least stars is liked, and so among the best")

    for shared in (False, True):
        sharing.share_image(image=Image.objects.get(pk=pictures[3].pk), person=bob, shared=shared)
        agree(f"a picture shared: {shared}")
        sharing.share_generation(generation=Generation.objects.get(pk=first.pk), person=bob, shared=shared)
        agree(f"a run shared: {shared}")
    sharing.share_generation(generation=private.generation, person=bob, shared=True)
    agree("what was private shared")

    for trashed in (True, False):
        images.trash(person=bob, images=[pictures[0].pk], trashed=trashed, sure=True)
        agree(f"in the trash: {trashed}")
    for column in ("held_at", "removed_at"):
        for at in (timezone.now(), None):
            Image.objects.filter(pk=pictures[2].pk).update(**{column: at})
            agree(f"{column} {at}")
    sharing.withhold(prompt=theirs.generation.prompt_id, removed=False)
    agree("withheld by a moderator")
    sharing.give_back(prompt=theirs.generation.prompt_id)
    agree("given back")

    late = make_image(bob, other, generation=private.generation)
    agree("a late picture")
    late.generation.images.filter(pk=late.pk).update(unusable=True)
    agree("which cannot be decoded")
    late.delete()
    Generation.objects.filter(pk=private.generation_id).update(via=model)
    agree("purged, and drawn by a stand-in")
    private.generation.delete()
    agree("a run gone")


def test_image_prompt_follows_its_run(bob, model):
    image, other = make_image(bob, model, text=TEXT), make_generation(bob, model, text="Another")
    image.refresh_from_db()
    assert image.prompt_id == image.generation.prompt_id

    Generation.objects.filter(pk=image.generation_id).update(prompt=other.prompt)

    image.refresh_from_db()
    assert image.prompt_id == other.prompt_id


def test_origin_is_that_of_the_first_run_that_came_from_what_may_be_seen(bob, charlie, model):
    hidden = make_generation(charlie, model, text="Hidden", shared=False).prompt
    seen, later = (make_generation(charlie, model, text=text).prompt for text in ("Seen", "Later"))
    runs = [make_generation(bob, model, text=TEXT, parent=parent) for parent in (hidden, seen, later)]

    [fold] = folds_of(Prompt.objects.filter(text=TEXT), bob, History.TEAM).values()

    assert fold.origin == runs[1]
