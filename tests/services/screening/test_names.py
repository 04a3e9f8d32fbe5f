"""What others read beside prompts passes the rules that look there."""

import pytest

from studio.errors import StudioError
from studio.models import Act, Collection, Comment, RuleHits, Tag
from studio.services import collections, comments, images, library, tags
from tests.factories import make_image
from tests.services.screening.test_gate import make_rule

pytestmark = pytest.mark.django_db
BAD = "for N0rthpeak only"
WRITING = {
    "collection": lambda bob, image: collections.create(person=bob, name=BAD),
    "description": lambda bob, image: collections.create(person=bob, name="Spring", description=BAD),
    "tag": lambda bob, image: tags.add(person=bob, images=[image.pk], names=["n0rthpeak"]),
    "comment": lambda bob, image: comments.write(person=bob, image=image, text=BAD),
    "alt": lambda bob, image: images.describe(image=image, person=bob, text=BAD),
    "title": lambda bob, image: library.save(person=bob, title=BAD, text="A lake"),
}


@pytest.fixture
def image(bob, model):
    return make_image(bob, model)


@pytest.mark.parametrize("act", [Act.HOLD, Act.BLOCK])
@pytest.mark.parametrize("what", WRITING)
def test_names_that_a_rule_stops_are_refused_with_the_words(alice, bob, image, what, act):
    make_rule(alice, act, words="northpeak", in_names=True)

    with pytest.raises(StudioError, match=r"stops “(N|n)0rthpeak”"):
        WRITING[what](bob, image)

    assert not any(model.objects.exists() for model in (Collection, Tag, Comment))
    assert RuleHits.objects.get().count == 1


@pytest.mark.parametrize("what", WRITING)
@pytest.mark.parametrize(
    "facts", [{"act": Act.WARN, "in_names": True}, {"act": Act.BLOCK, "in_names": False}]
)
def test_names_that_no_rule_stops_are_kept(alice, bob, image, what, facts):
    make_rule(alice, words="northpeak", **facts)

    WRITING[what](bob, image)
