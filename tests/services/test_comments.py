import pytest

from studio.errors import StudioError
from studio.models import AuditEntry, Comment, Notice, NoticeKind
from studio.services import comments, sharing
from studio.services.comments import called_in
from tests.factories import make_image, make_user

pytestmark = pytest.mark.django_db


def told():
    return sorted(Notice.objects.values_list("person__name", "kind"))


def test_write_tells_the_person_of_the_picture_and_whoever_is_called(bob, charlie, mona, model):
    image = make_image(bob, model)

    comments.write(person=charlie, image=image, text="More sky, @Mona?")

    assert told() == [("Bob", "commented"), ("Mona", "mentioned")]
    assert Notice.objects.first().values["text"] == "More sky, @Mona?"


def test_write_calls_the_person_of_the_picture_once(bob, charlie, model):
    comments.write(person=charlie, image=make_image(bob, model), text="@bob look, @Bob!")

    assert told() == [("Bob", "mentioned")]


def test_write_tells_nobody_of_ones_own_words_about_ones_own_picture(bob, model):
    comments.write(person=bob, image=make_image(bob, model), text="@Bob: crop it")

    assert told() == []


def test_write_on_a_private_picture_calls_nobody(bob, charlie, model):
    image = make_image(bob, model, shared=False)

    comments.write(person=bob, image=image, text="@Charlie")

    assert told() == []


@pytest.mark.parametrize(("text", "code"), [(" \n", "comment_wants_words"), ("x" * 2001, "comment_too_long")])
def test_write_of_nothing_or_too_much_is_refused(text, code, bob, model):
    with pytest.raises(StudioError) as refused:
        comments.write(person=bob, image=make_image(bob, model), text=text)

    assert refused.value.code == code
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Zoe Adams look", ["Zoe Adams"]),
        ("@zoe look", ["Zoe"]),
        ("@Yara.", ["Yara Khan"]),
        ("@Max", []),  # two of them
        ("@Max Weber, and @Zoe", ["Max Weber", "Zoe"]),
        ("mail@zoe.example", []),
        ("@Sid", []),
        ("@änne and @A\u0308NNE", ["Änne Öz"]),
        ("@" * 200 + " nobody", []),
    ],
)
def test_called_in_finds_the_longest_name_and_first_words_that_are_one_persons(text, names, bob, sid, model):
    for name in ("Zoe", "Zoe Adams", "Yara Khan", "Max Weber", "Max Ernst", "Änne Öz"):
        make_user(name)

    assert [person.name for person in called_in(text, make_image(bob, model))] == names


def test_remove_takes_back_what_was_told_of_it(bob, charlie, mona, model):
    row = comments.write(person=charlie, image=make_image(bob, model), text="@Mona")
    assert Notice.objects.count() == 2

    comments.remove(person=charlie, comment=row)

    assert not Notice.objects.exists()
    assert not AuditEntry.objects.filter(action="comment.removed").exists()


def test_remove_by_a_moderator_leaves_a_trace(bob, charlie, mona, model):
    row = comments.write(person=charlie, image=make_image(bob, model), text="Rubbish")
    pk = row.pk

    comments.remove(person=mona, comment=row)

    entry = AuditEntry.objects.get(action="comment.removed")
    assert (entry.actor, entry.subject, entry.detail["author"]) == (mona, str(pk), str(charlie.pk))


def test_removable_by_follows_who_said_it_whose_picture_it_is_and_moderators(
    bob, charlie, alice, mona, model
):
    image = make_image(bob, model)
    row = comments.write(person=charlie, image=image, text="Hello")
    other = make_user("Dora")

    may = [
        person.name
        for person in (bob, charlie, alice, mona, other)
        if Comment.objects.removable_by(person).filter(pk=row.pk).exists()
    ]
    assert may == ["Bob", "Charlie", "Alice", "Mona"]

    sharing.share_image(image=image, person=bob, shared=False)
    may = [person.name for person in (bob, charlie, mona) if Comment.objects.removable_by(person).exists()]
    assert may == ["Bob"]


def test_notices_of_comments_can_be_muted():
    assert NoticeKind.MENTIONED.can_be_muted
    assert NoticeKind.COMMENTED.can_be_muted
