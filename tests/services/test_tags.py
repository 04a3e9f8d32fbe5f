import pytest

from studio.errors import StudioError
from studio.models import AuditEntry, Tag, Tagged
from studio.models.tags import tags_in
from studio.services import tags
from tests.factories import make_image

pytestmark = pytest.mark.django_db


def on(image):
    return sorted(Tagged.objects.filter(image=image).values_list("tag__name", flat=True))


def test_tags_in_a_line_are_tidied_and_each_once():
    assert tags_in("#Poster,  Red   Sun ,poster,, ") == ["poster", "red sun"]


def test_add_tags_what_the_person_may_see_and_nothing_else(bob, charlie, model):
    own, shared, private = (
        make_image(bob, model, shared=False),
        make_image(charlie, model),
        make_image(charlie, model, shared=False),
    )

    found = tags.add(person=bob, images=[own.pk, shared.pk, private.pk], names=["Poster", "red sun"])

    assert found == 2
    assert [on(image) for image in (own, shared, private)] == [["poster", "red sun"]] * 2 + [[]]


def test_add_twice_is_once(bob, model):
    image = make_image(bob, model)

    tags.add(person=bob, images=[image.pk], names=["poster"])
    tags.add(person=bob, images=[image.pk], names=["Poster "])

    assert Tagged.objects.count() == Tag.objects.count() == 1


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ([" , "], "tag_wants_words"),
        (["x" * 41], "tag_too_long"),
        ([str(n) for n in range(21)], "too_many_tags"),
    ],
)
def test_add_of_what_is_no_tag_is_refused(names, code, bob, model):
    with pytest.raises(StudioError) as refused:
        tags.add(person=bob, images=[make_image(bob, model).pk], names=names)

    assert refused.value.code == code
    assert not Tag.objects.exists()


def test_visible_to_tells_no_tag_of_a_private_picture(bob, charlie, model):
    tags.add(person=bob, images=[make_image(bob, model, shared=False).pk], names=["secret client"])
    tags.add(person=bob, images=[make_image(bob, model).pk], names=["poster"])

    assert [tag.name for tag in Tag.objects.visible_to(charlie).by_name()] == ["poster"]
    assert not Tag.objects.visible_to(charlie).beginning("SEC").exists()
    assert [tag.name for tag in Tag.objects.visible_to(bob).beginning("SEC")] == ["secret client"]


def test_remove_is_for_whoever_put_it_there_or_made_the_picture(bob, charlie, alice, model):
    image = make_image(bob, model)
    tags.add(person=alice, images=[image.pk], names=["poster"])
    tag = Tag.objects.get()

    with pytest.raises(StudioError):
        tags.remove(person=charlie, image=image, tag=tag)
    tags.remove(person=bob, image=image, tag=tag)

    assert on(image) == []
    assert not AuditEntry.objects.filter(action="tag.removed").exists()


def test_remove_by_a_moderator_leaves_a_trace(bob, mona, model):
    image = make_image(bob, model)
    tags.add(person=bob, images=[image.pk], names=["poster"])

    tags.remove(person=mona, image=image, tag=Tag.objects.get())

    entry = AuditEntry.objects.get(action="tag.removed")
    assert (entry.actor, entry.subject, entry.detail) == (mona, str(image.pk), {"tag": "poster"})
