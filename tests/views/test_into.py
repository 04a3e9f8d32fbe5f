"""Where the pictures of a generation go: chosen in the composer, before it is sent."""

from uuid import uuid4

import pytest
from django.urls import reverse

from studio.models import Generation
from studio.services import collections

pytestmark = pytest.mark.django_db


def send(client, model, **fields):
    order = {"submission_id": uuid4(), "model": model.pk, "prompt": "A lake", "n": "1", "shared": "1"}
    return client.post(reverse("generations.create"), order | fields)


def test_create_keeps_the_chosen_collection(as_bob, bob, model):
    row = collections.create(person=bob, name="Spring")

    assert send(as_bob, model, collection=row.pk).status_code == 303

    assert Generation.objects.get().collection == row


def test_create_into_what_one_may_not_add_to_goes_nowhere(as_bob, charlie, model):
    row = collections.create(person=charlie, name="Spring", audience="sees")

    assert send(as_bob, model, collection=row.pk).status_code == 303

    assert Generation.objects.get().collection is None


def test_index_offers_ones_collections_and_chooses_the_one_of_the_address(as_bob, bob, charlie, model):
    row = collections.create(person=bob, name="Spring")
    collections.create(person=charlie, name="Not for Bob", audience="sees")

    page = as_bob.get(reverse("generations.index"), {"into": row.pk}).content.decode()

    assert f'<option value="{row.pk}" selected>Into Spring</option>' in page
    assert "Not for Bob" not in page


def test_index_without_collections_offers_none(as_bob, model):
    assert "Where its pictures go" not in as_bob.get(reverse("generations.index")).content.decode()
