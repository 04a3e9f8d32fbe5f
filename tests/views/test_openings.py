"""A private picture: closed to moderators, open to an administrator who says why, and its owner learns of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry, Notice, Opening
from studio.models.ids import uuid7
from tests.factories import make_image

ONLY = "You can only open items that were reported or queued for review."


@pytest.fixture
def image(bob, model):
    return make_image(bob, model, text="A secret tower", shared=False)


@pytest.fixture
def as_mona(mona) -> Client:
    client = Client()
    client.force_login(mona)
    return client


def page(image, name="detail"):
    return reverse(f"openings.{name}", args=[image.pk])


def test_address_of_a_private_picture_leads_an_administrator_to_its_door(as_alice, as_mona, image):
    paths = [reverse("images.detail", args=[pk]) for pk in (image.pk, uuid7())]

    (found, nothing), (moderator, _) = (
        [browser.get(path) for path in paths] for browser in (as_alice, as_mona)
    )

    assert (found.status_code, page(image) in found.text) == (404, True)
    assert "A secret tower" not in found.text
    for other in (nothing, moderator):
        assert (other.status_code, "There is nothing here" in other.text) == (404, True)


@pytest.mark.parametrize("name", ["detail", "picture"])
def test_t14_private_picture_is_closed_to_moderators(as_mona, image, name):
    response = as_mona.get(page(image, name))

    assert response.status_code == 403
    assert ONLY in response.text
    assert not AuditEntry.objects.filter(subject=str(image.pk)).exists()


def test_t14_administrator_sees_nothing_before_they_say_why(as_alice, image):
    shown, sent = as_alice.get(page(image)), as_alice.post(page(image), {"why": " "})

    assert "A secret tower" not in shown.text
    assert (sent.status_code, as_alice.get(page(image, "picture")).status_code) == (422, 403)
    assert "Write why: the owner reads it." in sent.text
    assert not Opening.objects.exists()


def test_t14_opening_is_audited_and_its_owner_is_told_why(as_alice, alice, as_bob, bob, image):
    sent = as_alice.post(page(image), {"why": "A client complained."})
    shown = as_alice.get(sent["Location"]).text
    bytes_ = as_alice.get(page(image, "picture"))

    assert "A secret tower" in shown
    assert b"".join(bytes_.streaming_content).startswith(b"\x89PNG")
    entries = AuditEntry.objects.filter(subject=str(image.pk), actor=alice).order_by("pk")
    assert [entry.action for entry in entries] == ["image.glass_broken", "image.opened"]
    assert entries[0].detail["why"] == "A client complained."
    notice = Notice.objects.visible_to(bob).get()
    assert (notice.kind, notice.by, notice.values["why"]) == ("opened", alice, "A client complained.")
    assert "A client complained." in as_bob.get(reverse("images.detail", args=[image.pk])).text


def test_t14_opening_ends_by_itself_and_is_nobody_elses(as_alice, image):
    as_alice.post(page(image), {"why": "A client complained."})
    Opening.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert as_alice.get(page(image, "picture")).status_code == 403
    assert "A secret tower" not in as_alice.get(page(image)).text
