"""An administrator reads an answer again or downloads it; the page says what came of it."""

import pytest
from django.urls import reverse

from studio.models import AuditEntry, Image
from tests.media import naughty
from tests.services.drawing.test_kept_answers import answered, pictures, spool

pytestmark = pytest.mark.django_db


def page(relay_request) -> str:
    return reverse("relays.answer", args=[relay_request.pk])


def test_answer_offers_to_read_again_and_to_download(as_alice, bob, model):
    relay_request = answered(bob, model, body=pictures(naughty.png()))

    text = as_alice.get(page(relay_request)).text

    assert ("Read again" in text, "Download" in text) == (True, True)
    assert f"{spool(relay_request).stat().st_size} B, kept on this machine until" in text


def test_answer_whose_file_is_gone_offers_nothing(as_alice, bob, model):
    relay_request = answered(bob, model, body=b"x")
    spool(relay_request).unlink()

    assert "Read again" not in as_alice.get(page(relay_request)).text


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        ([naughty.png()], "One picture was in it. It is Bob’s now, in its place."),
        ([naughty.png(), naughty.jpeg()], "2 pictures were in it. They are Bob’s now."),
        ([b"<html>"], "The answer can be read, and there is no picture in it that was missing."),
        ([], "The answer still cannot be read. You can download it as it came."),
    ],
)
def test_again_says_what_came_of_it(as_alice, bob, model, contents, says):
    relay_request = answered(bob, model, body=pictures(*contents))

    response = as_alice.post(reverse("answers.again", args=[relay_request.pk]), follow=True)

    assert says in response.text
    assert Image.objects.visible_to(bob).count() == len([each for each in contents if each != b"<html>"])


def test_file_is_handed_out_as_bytes_that_no_browser_shows(as_alice, alice, bob, model):
    relay_request = answered(bob, model, body=b"<script>alert(1)</script>")

    response = as_alice.post(reverse("answers.file", args=[relay_request.pk]))

    assert b"".join(response.streaming_content).endswith(b"<script>alert(1)</script>")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.get(action="answer.downloaded").actor == alice
