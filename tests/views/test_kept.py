import pytest
from django.urls import reverse

from studio.models import Collection, Comment, Image, Rating, Tagged
from studio.services import collections, comments, tags
from tests.factories import make_image

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def image(bob, model) -> Image:
    return make_image(bob, model)


def send(client, name, row, data, **headers):
    return client.post(reverse(f"kept.{name}", args=[row.pk]), data, headers=headers)


def test_collect_by_a_plain_form_leads_back_to_the_picture(as_bob, bob, image):
    row = collections.create(person=bob, name="Spring")

    response = send(as_bob, "collect", image, {"collection": row.pk})

    assert (response.status_code, response.headers["Location"]) == (
        303,
        f"/images/{image.pk}/#kept-{image.pk}",
    )
    assert row.places.get().image == image


def test_collect_by_htmx_shows_the_panel_with_the_new_collection(as_bob, image):
    response = send(as_bob, "collect", image, {"name": "Red suns"}, **HTMX)

    page = response.content.decode()
    assert page.strip().startswith(f'<section class="kept" id="kept-{image.pk}"')
    assert "Take out of Red suns" in page
    assert Collection.objects.get().places.count() == 1


def test_collect_takes_out_again(as_bob, bob, image):
    row = collections.create(person=bob, name="Spring")
    collections.add(person=bob, collection=row, images=[image.pk])

    send(as_bob, "collect", image, {"collection": row.pk, "on": "0"})

    assert not row.places.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_collect_into_what_one_only_sees_says_so(headers, as_charlie, bob, image):
    row = collections.create(person=bob, name="Spring", audience="sees")

    response = send(as_charlie, "collect", image, {"collection": row.pk}, **headers)

    assert response.status_code == 403
    assert "Only the person whose collection this is adds to it." in response.content.decode()


@pytest.mark.parametrize("wanted", ["not-an-id", "01996a8e-0000-7000-8000-000000000000"])
def test_collect_into_what_there_is_not_is_not_found(wanted, as_bob, image):
    assert send(as_bob, "collect", image, {"collection": wanted}).status_code == 404


def test_collect_into_another_persons_private_collection_is_not_found(as_charlie, bob, image):
    row = collections.create(person=bob, name="Spring")

    assert send(as_charlie, "collect", image, {"collection": row.pk}).status_code == 404


def test_panel_names_no_private_collection_of_others(as_charlie, bob, image):
    for name, audience in (("My own secret", "private"), ("Everybody's", "sees")):
        row = collections.create(person=bob, name=name, audience=audience)
        collections.add(person=bob, collection=row, images=[image.pk])

    page = as_charlie.get(reverse("images.detail", args=[image.pk])).content.decode()

    assert "Everybody&#x27;s" in page
    assert "My own secret" not in page


def test_tag_adds_and_takes_off(as_bob, image):
    send(as_bob, "tag", image, {"names": "Poster, red sun"})
    assert sorted(Tagged.objects.values_list("tag__name", flat=True)) == ["poster", "red sun"]

    page = send(as_bob, "tag", image, {"names": "poster", "on": "0"}, **HTMX).content.decode()
    assert "Take red sun off" in page
    assert "Take poster off" not in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_tag_that_is_too_long_comes_back_with_everything_typed(headers, as_bob, image):
    response = send(as_bob, "tag", image, {"names": "good, " + "x" * 41}, **headers)

    assert response.status_code == 422
    assert "A tag has at most 40 letters" in response.content.decode()
    assert f'value="good, {"x" * 41}"' in response.content.decode()


def test_rate_gives_and_pressing_the_same_takes_back(as_charlie, image):
    page = send(as_charlie, "rate", image, {"stars": "4"}, **HTMX).content.decode()
    assert page.count('aria-pressed="true"') == 4
    assert 'value="0" aria-pressed="true" aria-label="4 of 5"' in page

    send(as_charlie, "rate", image, {"stars": "0"})
    assert not Rating.objects.exists()


def test_rate_of_nonsense_is_refused_beside_the_stars(as_bob, image):
    response = send(as_bob, "rate", image, {"stars": "many"}, **HTMX)

    assert response.status_code == 422
    assert "Give one to five stars." in response.content.decode()


def test_comment_shows_whom_it_calls(as_charlie, mona, image):
    page = send(as_charlie, "comment", image, {"text": "More <sky>, @Mona"}, **HTMX).content.decode()

    assert "More &lt;sky&gt;, <b>@Mona</b>" in page
    assert Comment.objects.get().mentioned.get() == mona


def test_comment_of_nothing_keeps_the_page_and_says_so(as_bob, image):
    response = send(as_bob, "comment", image, {"text": "  "})

    assert response.status_code == 422
    assert "Write something first." in response.content.decode()


def test_uncomment_removes_it(as_charlie, charlie, image):
    row = comments.write(person=charlie, image=image, text="Hello")

    assert send(as_charlie, "uncomment", row, {}).status_code == 303
    assert not Comment.objects.exists()


def test_describe_is_the_alt_text_everywhere(as_bob, as_charlie, image):
    send(as_bob, "describe", image, {"alt": "A  lake under a red sun"})

    for address in (f"{reverse('images.index')}?view=team", reverse("images.detail", args=[image.pk])):
        assert 'alt="A lake under a red sun"' in as_charlie.get(address).content.decode()


def test_describe_with_the_proposal_writes_nothing_of_its_own(as_bob, image):
    send(as_bob, "describe", image, {"alt": "A mountain lake at dawn"})

    image.refresh_from_db()
    assert image.alt_text == ""


def test_describe_too_long_comes_back_with_everything_typed(as_bob, image):
    response = send(as_bob, "describe", image, {"alt": "x" * 501}, **HTMX)

    assert response.status_code == 422
    assert "At most 500 characters; these are 501." in response.content.decode()
    assert "x" * 501 in response.content.decode()


def test_detail_shows_all_that_was_said(as_bob, charlie, image):
    for number in range(5):
        comments.write(person=charlie, image=image, text=f"Number {number}.")

    beside = as_bob.get(reverse("images.detail", args=[image.pk])).content.decode()
    alone = as_bob.get(reverse("kept.detail", args=[image.pk])).content.decode()

    assert ("Number 1." in beside, "Number 2." in beside, "All comments" in beside) == (False, True, True)
    assert all(f"Number {number}." in alone for number in range(5))


@pytest.mark.parametrize("count", [1, 3])
def test_detail_asks_the_same_number_of_queries(count, as_bob, bob, image, django_assert_num_queries):
    tags.add(person=bob, images=[image.pk], names=[f"tag {number}" for number in range(count)])
    for number in range(count):
        row = collections.create(person=bob, name=f"Number {number}")
        collections.create(person=bob, name=f"Other {number}")
        collections.add(person=bob, collection=row, images=[image.pk])
        comments.write(person=bob, image=image, text="Hello")

    # session, person, image; stars, collections, offered, tags, comments, called
    with django_assert_num_queries(9):
        as_bob.get(reverse("kept.detail", args=[image.pk]))


@pytest.mark.parametrize("stars", ["9" * 5000, "٣", "-1", "6"])
def test_rate_with_what_are_no_stars_is_refused(as_bob, image, stars):
    assert send(as_bob, "rate", image, {"stars": stars}).status_code == 422
