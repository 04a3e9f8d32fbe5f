"""What a generation was made from."""

from uuid import uuid4

import pytest

from studio.models import Prompt, SavedPrompt, SavedVersion
from studio.services import generations
from studio.services.orders import Order
from studio.services.prompts import remember

pytestmark = pytest.mark.django_db


def submit(person, model, text, **origin):
    order = Order(model=model, text=text, n=1, shared=True, **origin)
    return generations.submit(person=person, submission_id=uuid4(), order=order)


def test_submit_records_the_prompt_that_was_taken_over(bob, charlie, model):
    parent = remember(author=charlie, text="A mountain lake at dawn", shared=True)

    row = submit(bob, model, "A mountain lake at night", parent=parent.pk)

    assert row.parent == parent


@pytest.mark.parametrize("text", ["A mountain lake at dawn", "Two cats dancing"])
def test_submit_of_the_same_words_or_quite_others_has_no_parent(bob, charlie, model, text):
    parent = remember(author=charlie, text="A mountain lake at dawn", shared=True)

    assert submit(bob, model, text, parent=parent.pk).parent is None


def test_submit_names_nothing_that_the_person_may_not_see(bob, charlie, model):
    parent = remember(author=charlie, text="A mountain lake at dawn", shared=False)
    saved = SavedPrompt.objects.create(owner=charlie, title="Lake", text=parent.text)
    version = SavedVersion.objects.create(saved=saved, number=1, text=parent.text, author=charlie)

    row = submit(bob, model, "A mountain lake at night", parent=parent.pk, saved=version.pk)

    assert (row.parent, row.saved) == (None, None)


def test_submit_records_the_version_of_a_saved_prompt(bob, charlie, model):
    saved = SavedPrompt.objects.create(owner=charlie, title="Lake", text="A {what} at dawn", shared=True)
    version = SavedVersion.objects.create(saved=saved, number=1, text=saved.text, author=charlie)

    assert submit(bob, model, "A lake at dawn", saved=version.pk).saved == version


def test_submit_parent_that_is_erased_leaves_the_child(bob, charlie, model):
    parent = remember(author=charlie, text="A mountain lake at dawn", shared=True)
    row = submit(bob, model, "A mountain lake at night", parent=parent.pk)

    Prompt.objects.filter(pk=parent.pk).delete()
    row.refresh_from_db()

    assert row.parent is None
