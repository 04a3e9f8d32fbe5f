"""Pictures that are set aside stand on their relay's page, where an administrator has them tried again."""

import pytest
from django.urls import reverse

from studio.models import Image
from tests.factories import make_image

pytestmark = pytest.mark.django_db


def relay_page(model) -> str:
    return reverse("relays.detail", args=[model.relay_id])


def test_fault_47_relay_lists_what_could_not_be_developed(as_alice, bob, model):
    make_image(bob, model, unusable=True)

    text = as_alice.get(relay_page(model)).text

    assert "Pictures that could not be developed" in text
    assert "Picture 1 of 1 for Bob" in text


def test_relay_without_any_says_nothing(as_alice, bob, model):
    make_image(bob, model)

    assert "could not be developed" not in as_alice.get(relay_page(model)).text


def test_fault_47_develop_again_says_that_it_is_being_tried(as_alice, bob, model):
    image = make_image(bob, model, unusable=True)

    response = as_alice.post(reverse("quarantine.develop", args=[image.pk]), follow=True)

    assert "The picture is developed again within half a minute." in response.text
    assert "Being tried again" in response.text
    assert Image.objects.undeveloped().get() == image


def test_develop_a_picture_that_is_shown_is_refused_in_words(as_alice, bob, model):
    image = make_image(bob, model)

    response = as_alice.post(reverse("quarantine.develop", args=[image.pk]), follow=True)

    assert "This picture is not set aside." in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_relay_asks_the_same_number_of_queries(as_alice, bob, model, count, django_assert_num_queries):
    for _ in range(count):
        make_image(bob, model, unusable=True)

    with django_assert_num_queries(14):
        as_alice.get(relay_page(model))
