"""Pictures that wait for a moderator before the team sees them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.media.inspect import PictureFacts
from studio.models import Case, CaseKind, Image, State, User
from studio.relays.dialects.base import Picture
from studio.services import sharing
from studio.services.drawing import leases, rows
from studio.services.moderation import decisions
from studio.services.moderation.decisions import Decision
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db
FACTS = PictureFacts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)


@pytest.fixture(autouse=True)
def _everybody(settings):
    settings.REVIEW_PICTURES = "everybody"


def keep(person, model, *, shared=True) -> Image:
    """Have a worker keep a picture."""
    row = make_generation(person, model, state=State.RECEIVED, claimed_by=leases.WORKER, shared=shared)
    rows.commit(row, 0, "originals/x.png", FACTS, Picture(index=0))
    return Image.objects.get(generation=row)


def seen(image, *people) -> list[bool]:
    return [Image.objects.visible_to(person).filter(pk=image.pk).exists() for person in people]


def decide(verdict, moderator) -> None:
    decision = Decision(verdict=verdict, reason="logo")
    decisions.decide(case=Case.objects.open().get(), moderator=moderator, decision=decision)


def test_picture_of_everybody_waits_for_a_moderator_and_its_owner_has_it(bob, charlie, mona, model):
    image = keep(bob, model)

    waiting = seen(image, bob, charlie)
    decide("kept", mona)

    assert (waiting, seen(image, bob, charlie)) == ([True, False], [True, True])
    assert (Case.objects.get().kind, Case.objects.get().image) == (CaseKind.REVIEW, image)


@pytest.mark.parametrize(
    ("setting", "days", "waits"), [("off", 0, False), ("new", 0, True), ("new", 15, False)]
)
def test_setting_says_whose_pictures_wait(bob, charlie, model, settings, setting, days, waits):
    settings.REVIEW_PICTURES = setting
    User.objects.filter(pk=bob.pk).update(created_at=timezone.now() - timedelta(days=days))
    bob.refresh_from_db()

    image = keep(bob, model)

    assert (seen(image, charlie), Case.objects.exists()) == ([not waits], waits)


def test_private_picture_waits_only_once_it_is_shared(bob, charlie, model):
    image = keep(bob, model, shared=False)
    before = Case.objects.count()

    sharing.share_image(image=image, person=bob, shared=True)

    assert (before, Case.objects.open().get().image, seen(image, charlie)) == (0, image, [False])


def test_picture_that_was_looked_at_is_shared_again_at_once(bob, charlie, mona, model):
    image = keep(bob, model)
    decide("kept", mona)
    for shared in (False, True):
        sharing.share_generation(generation=image.generation, person=bob, shared=shared)

    assert (seen(image, charlie), Case.objects.open().exists()) == ([True], False)


def test_picture_that_was_hidden_stays_hidden_when_it_is_shared_again(bob, charlie, mona, model):
    image = keep(bob, model)
    decide("hidden", mona)
    for shared in (False, True):
        sharing.share_image(image=image, person=bob, shared=shared)

    assert seen(image, bob, charlie) == [True, False]


def test_sharing_a_whole_run_has_each_picture_wait(bob, model):
    run = make_generation(bob, model, n=2, state=State.DONE, shared=False)
    for _ in range(2):
        make_image(bob, model, generation=run)

    sharing.share_generation(generation=run, person=bob, shared=True)

    assert Case.objects.open().filter(kind=CaseKind.REVIEW).count() == 2
