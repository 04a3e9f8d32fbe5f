import pytest

from studio.models import Prompt
from studio.services import prompts

pytestmark = pytest.mark.django_db


def test_remember_same_words_again_is_one_row_on_top(bob):
    first = prompts.remember(author=bob, text="A lake", shared=True)
    prompts.remember(author=bob, text="A hill", shared=True)

    again = prompts.remember(author=bob, text="A lake", shared=True)

    assert again == first
    assert Prompt.objects.values_list("runs", flat=True).get(pk=first.pk) == 2
    assert Prompt.objects.count() == 2


def test_remember_other_person_has_a_row_of_their_own(bob, charlie):
    mine = prompts.remember(author=bob, text="A lake", shared=True)

    theirs = prompts.remember(author=charlie, text="A lake", shared=True)

    assert mine != theirs


@pytest.mark.parametrize(
    ("first", "second", "shared"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_remember_once_shared_stays_shared(bob, first: bool, second: bool, shared: bool):
    prompts.remember(author=bob, text="A lake", shared=first)
    prompts.remember(author=bob, text="A lake", shared=second)

    assert Prompt.objects.get().shared is shared
