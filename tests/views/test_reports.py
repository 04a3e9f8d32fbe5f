"""Reporting a picture or a prompt, on a page of its own."""

import pytest
from django.urls import reverse

from studio.models import Report
from tests.factories import make_generation, make_image


@pytest.fixture
def image(bob, model):
    return make_image(bob, model, text="A tower with the Northpeak logo")


def page(thing, kind="image"):
    return reverse(f"reports.{kind}", args=[thing.pk])


def test_image_shows_the_reasons_and_what_is_reported(as_charlie, image):
    response = as_charlie.get(page(image))

    assert response.status_code == 200
    assert "A tower with the Northpeak logo" in response.text
    assert response.text.count('type="radio"') == 5


def test_image_reported_says_so_and_offers_no_second_time(as_charlie, charlie, image):
    sent = as_charlie.post(page(image), {"reason": "logo", "note": "They asked us not to."})
    told = as_charlie.get(sent["Location"])

    assert (sent.status_code, sent["Location"]) == (303, page(image))
    assert Report.objects.get().note == "They asked us not to."
    assert "You reported this picture" in told.text
    assert "<textarea" not in told.text


def test_image_without_a_reason_keeps_the_note(as_charlie, image):
    response = as_charlie.post(page(image), {"note": "Look at the left edge"})

    assert response.status_code == 422
    assert "Choose a reason." in response.text
    assert "Look at the left edge" in response.text


def test_prompt_of_a_run_without_pictures_can_be_reported(as_charlie, bob, model):
    run = make_generation(bob, model)

    as_charlie.post(page(run, "prompt"), {"reason": "real_person"})

    assert (Report.objects.get().generation, Report.objects.get().image) == (run, None)


@pytest.mark.parametrize("where", ["images.detail", "generations.detail", "prompts.index"])
def test_report_is_offered_to_others_alone(as_charlie, as_bob, image, where):
    keys = {"images.detail": [image.pk], "generations.detail": [image.generation_id]}.get(where, [])
    link = page(image) if where == "images.detail" else page(image.generation, "prompt")

    assert [link in who.get(reverse(where, args=keys)).text for who in (as_charlie, as_bob)] == [True, False]
