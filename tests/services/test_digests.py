"""Notices by mail: what was decided soon, the rest once a day, nothing twice and nothing that was read."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from studio.models import Notice, NoticeKind, User
from studio.services import comments, digests, letters, notices, sharing
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_mail(settings):
    settings.HAS_MAIL = True
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


def tell(person, kind, *, hours=4, **facts) -> None:
    notices.tell(person=person, kind=kind, **facts)
    Notice.objects.filter(kind=kind).update(created_at=timezone.now() - timedelta(hours=hours))


def mailed() -> list[str]:
    """Send what is due; return the mails that came."""
    before = len(mail.outbox)
    digests.send()
    letters.deliver()
    return [f"{each.to[0]}: {each.subject}\n{each.body}" for each in mail.outbox[before:]]


def test_send_what_nobody_has_read_for_hours_is_one_mail(bob, model):
    row = make_generation(bob, model, text="A lake\nat dawn")
    tell(bob, NoticeKind.HELD, generation=row)
    tell(bob, NoticeKind.BUDGET_GRANTED, images=5)

    (letter,) = mailed()

    assert letter.startswith("bob@example.com: 2 notices from Lightfast\nHello Bob,")
    assert "- Waits for a moderator\n  A lake at dawn\n" in letter
    assert re.search(r"https?://\S+/notices/\n", letter)
    assert mailed() == []


def test_send_says_no_prompt_of_others_that_became_private(bob, charlie, model):
    row = make_generation(charlie, model, text="A tower of ours", shared=False)
    tell(bob, NoticeKind.REPORTED, generation=row, verdict="kept", why="")

    (letter,) = mailed()

    assert "the picture stays" in letter
    assert "A tower of ours" not in letter


def test_send_waits_a_day_for_the_next_one(bob):
    tell(bob, NoticeKind.HELD)
    first = mailed()
    tell(bob, NoticeKind.APPROVED)
    soon = mailed()

    User.objects.update(digested_at=timezone.now() - timedelta(hours=25))

    assert (len(first), soon, len(mailed())) == (1, [], 1)


@pytest.mark.parametrize(("hours", "count"), [(0, 0), (0.1, 1), (60, 0)])
def test_send_what_was_decided_about_somebody_goes_soon_though_they_want_no_digest(bob, hours, count):
    User.objects.update(digest=False)
    tell(bob, NoticeKind.DECIDED, hours=hours, verdict="hidden", thing="picture", why="A client’s logo.")
    tell(bob, NoticeKind.HELD)

    letters_ = mailed()

    assert len(letters_) == count
    assert all("A moderator hid your picture from the team\n" in each for each in letters_)
    assert not any("Waits for a moderator" in each for each in letters_)


def test_send_to_somebody_suspended_says_so_and_nothing_else(bob):
    tell(bob, NoticeKind.SUSPENDED, why="Spam")
    tell(bob, NoticeKind.HELD)
    User.objects.filter(pk=bob.pk).update(is_active=False)

    (letter,) = mailed()

    assert "Your account was suspended\n  Spam" in letter
    assert "Waits for" not in letter


@pytest.mark.parametrize("change", ["read", "fresh", "left", "no mail"])
def test_send_nothing_that_needs_no_mail(bob, settings, change):
    tell(bob, NoticeKind.HELD, hours=1 if change == "fresh" else 4)
    if change == "read":
        notices.read(notices=Notice.objects.all())
    if change == "left":
        User.objects.update(is_active=False, left_at=timezone.now())
    settings.HAS_MAIL = change != "no mail"

    assert mailed() == []


@pytest.mark.parametrize(
    ("read", "days", "left"), [(True, 89, 1), (True, 91, 0), (False, 364, 1), (False, 366, 0)]
)
def test_forget_old_keeps_what_may_still_be_wanted(bob, read, days, left):
    tell(bob, NoticeKind.HELD)
    then = timezone.now() - timedelta(days=days)
    Notice.objects.update(created_at=then, read_at=then if read else None)

    notices.forget_old()

    assert Notice.objects.count() == left


def test_send_says_nothing_of_what_was_said_about_a_picture_that_is_private_by_now(bob, charlie, model):
    image = make_image(bob, model)
    comments.write(person=bob, image=image, text="@Charlie: the secret client")
    Notice.objects.update(created_at=timezone.now() - timedelta(hours=4))
    sharing.share_image(image=image, person=bob, shared=False)

    (letter,) = mailed()

    assert "Bob names you in a comment" in letter
    assert "secret" not in letter
