"""What the orders of the history go by."""

import pytest

from studio.models import Favourite, Generation, Prompt, Rating, State
from studio.services import standing
from tests.factories import make_generation, make_image

ONE_LIKE = 100 * (5 + 3 * 5) // (1 + 5)


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

    assert figures(bob) == (2, ONE_LIKE, 2, ONE_LIKE)
    assert figures(charlie) == (2, ONE_LIKE, 2, ONE_LIKE)
    assert count() == 0


def test_count_all_finds_what_was_taken_back_or_removed(bob, charlie, model):
    image = make_image(bob, model, text="A lake")
    like = Favourite.objects.create(person=charlie, image=image)
    standing.count_all()
    like.delete()
    Generation.objects.update(shared=False)

    standing.count_all()

    assert figures(bob) == (1, 0, 0, 0)


def test_count_takes_stars_and_favourites_together_and_doubts_a_single_vote(bob, charlie, mona, model):
    once, often = (make_image(bob, model, text=text) for text in ("once", "often"))
    Rating.objects.create(person=mona, image=once, stars=5)
    for person, stars in ((bob, 5), (charlie, 5), (mona, 4)):
        Rating.objects.create(person=person, image=often, stars=stars)

    standing.count_lately()

    found = dict(Prompt.objects.values_list("text", "team_rated"))
    assert found == {"once": 100 * 20 // 6, "often": 100 * 29 // 8}
