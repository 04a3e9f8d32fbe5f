from datetime import timedelta

import pytest
from django.db.models import F

from studio.models import Prompt
from studio.services import prompts

pytestmark = pytest.mark.django_db


def test_remember_same_words_again_is_one_row_on_top(bob):
    first = prompts.remember(author=bob, text="A lake", shared=True)
    prompts.remember(author=bob, text="A hill", shared=True)

    again = prompts.remember(author=bob, text="A lake", shared=True)

    assert again == first
    assert Prompt.objects.count() == 2


def test_remember_other_person_has_a_row_of_their_own(bob, charlie):
    mine = prompts.remember(author=bob, text="A lake", shared=True)

    theirs = prompts.remember(author=charlie, text="A lake", shared=True)

    assert mine != theirs


def test_remember_a_private_run_leaves_no_trace_in_what_the_team_sees(bob):
    prompts.remember(author=bob, text="A lake", shared=True)
    Prompt.objects.update(run_at=F("run_at") - timedelta(seconds=1))
    before = Prompt.objects.get()

    prompts.remember(author=bob, text="A lake", shared=False)

    after = Prompt.objects.get()
    assert after.shared_at == before.shared_at
    assert after.run_at > before.run_at
