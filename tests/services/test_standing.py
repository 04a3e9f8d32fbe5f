"""What the orders of the history go by."""

import pytest

from studio.models import Favourite, Generation, Prompt, State
from studio.services import standing
from tests.factories import make_generation, make_image


def figures(person) -> tuple[int, ...]:
    return Prompt.objects.values_list("used", "rated", "team_used", "team_rated").get(author=person)


@pytest.mark.parametrize("count", [standing.count_lately, standing.count_all])
def test_count_takes_the_same_words_of_the_team_together(bob, charlie, mona, model, count):
    shared = make_image(bob, model, text="A lake")
    make_generation(bob, model, text="A lake", shared=False)
    hidden = make_image(charlie, model, text="A lake", shared=False)
    make_generation(charlie, model, text="A lake", state=State.DONE)
    for image in (shared, hidden):
        Favourite.objects.create(person=mona, image=image)

    assert count() == 2

    assert figures(bob) == (2, 1, 2, 1)
    assert figures(charlie) == (2, 1, 2, 1)
    assert count() == 0


def test_count_all_finds_what_was_taken_back_or_removed(bob, charlie, model):
    image = make_image(bob, model, text="A lake")
    like = Favourite.objects.create(person=charlie, image=image)
    standing.count_all()
    like.delete()
    Generation.objects.update(shared=False)

    standing.count_all()

    assert figures(bob) == (1, 0, 0, 0)
