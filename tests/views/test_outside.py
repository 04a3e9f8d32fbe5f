import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry, Image, OutsideLink
from studio.services import outside
from tests.factories import make_comparison, make_image
from tests.services.test_outside import make_collection
from tests.views.test_visits import Shared

pytestmark = pytest.mark.django_db
ANY = {"title": "For the client", "days": "7", "password": "", "reviews": "on"}


def new(**query) -> str:
    return reverse("outside.new", query={name: str(row.pk) for name, row in query.items()})


def test_new_shows_the_link_once_and_keeps_it_nowhere_readable(as_bob, bob, model):
    made = as_bob.post(new(image=make_image(bob, model)), ANY)

    link = OutsideLink.objects.get()
    assert (made.status_code, made["Location"]) == (303, reverse("outside.detail", args=[link.pk]))
    waiting = str([row.get_decoded() for row in Session.objects.all()])
    text = as_bob.get(made["Location"]).text
    token = re.search(r"http://127\.0\.0\.1:8000/visit/([\w-]{22})/", text)[1]
    assert token not in waiting
    assert token not in as_bob.get(made["Location"]).text
    assert token not in as_bob.get(reverse("outside.index")).text
    assert outside.find(token) == link
    assert (link.title, link.reviews, link.gives_originals) == ("For the client", True, False)


def test_new_by_the_link_of_a_comparison(as_bob, bob, model):
    row = make_comparison(bob, [model, model])
    make_image(bob, model, generation=row.generations.first())

    as_bob.post(new(comparison=row), ANY)

    assert OutsideLink.objects.get().comparison == row


def test_new_by_the_link_of_a_collection(as_bob, bob, model):
    row = make_collection(bob, make_image(bob, model))

    as_bob.post(new(collection=row), ANY)

    assert OutsideLink.objects.get().collection == row


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title": "x" * 81}, "at most 80 characters"),
        ({"days": "365"}, "not one of the available choices"),
        ({"password": "short"}, "At least 8 characters: whoever has the link can try."),
    ],
)
def test_new_that_is_not_valid_keeps_what_was_typed(wrong, words, as_bob, bob, model):
    answer = as_bob.post(new(image=make_image(bob, model)), ANY | wrong)

    assert answer.status_code in {400, 422}
    assert words in answer.text
    assert (ANY | wrong)["title"] in answer.text
    assert not OutsideLink.objects.exists()


def test_new_of_what_is_kept_back_says_so(as_bob, bob, model):
    answer = as_bob.post(new(image=make_image(bob, model, held_at=timezone.now())), ANY)

    assert "There is nothing here that may be shown outside" in answer.text
    assert not OutsideLink.objects.exists()


def test_t11_new_for_anothers_private_picture_is_not_found(as_charlie, bob, model, refusals):
    path = new(image=make_image(bob, model, shared=False))

    answers = [as_charlie.get(path), as_charlie.post(path, ANY)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert [line["event"] for line in refusals] == ["security.authz_denied"] * 2
    assert not OutsideLink.objects.exists()


def test_t11_new_for_anothers_private_comparison_is_not_found(as_charlie, bob, model):
    assert (
        as_charlie.post(new(comparison=make_comparison(bob, [model, model], shared=False)), ANY).status_code
        == 404
    )


@pytest.mark.parametrize("query", ["", "?image=", "?image=x", "?image=1&comparison=2", "?collection="])
def test_new_for_nothing_is_not_found(query, as_bob):
    assert as_bob.get(reverse("outside.new") + query).status_code == 404


@pytest.mark.parametrize("on", [True, False])
def test_new_is_offered_where_there_is_something_to_show_unless_switched_off(
    on, as_bob, bob, model, settings
):
    settings.OUTSIDE_LINKS = on
    image = make_image(bob, model)
    row, comparison = make_collection(bob, image), make_comparison(bob, [model, model])

    offered = {
        new(image=image): reverse("images.detail", args=[image.pk]),
        new(collection=row): reverse("collections.detail", args=[row.pk]),
        new(comparison=comparison): reverse("comparisons.detail", args=[comparison.pk]),
    }

    assert [link in as_bob.get(page).text for link, page in offered.items()] == [on] * 3


def test_new_switched_off_for_the_studio_is_not_found(as_bob, bob, model, settings):
    settings.OUTSIDE_LINKS = False

    assert as_bob.post(new(image=make_image(bob, model)), ANY).status_code == 404


@pytest.mark.parametrize("many", [1, 3])
def test_index_asks_the_same_number_of_queries(many, as_bob, bob, model, django_assert_num_queries):
    for _ in range(many):
        Shared(bob, make_image(bob, model))

    with django_assert_num_queries(3):
        as_bob.get(reverse("outside.index"))


def test_index_shows_ones_own_alone_and_how_they_stand(as_bob, bob, charlie, model):
    image = make_image(bob, model)
    for title, facts in {
        "Open": {},
        "Over": {"expires_at": timezone.now()},
        "Gone": {"revoked_at": timezone.now()},
    }.items():
        link = Shared(bob, image, title=f"The {title}").link
        OutsideLink.objects.filter(pk=link.pk).update(**facts)
    Shared(charlie, image, title="Of Charlie")

    text = as_bob.get(reverse("outside.index")).text

    states = re.findall(r"The (\w+)</a>\s*<span[^>]*><strong>(\w+)<", text)
    assert states == [("Gone", "Revoked"), ("Over", "Expired"), ("Open", "Open")]
    assert "Of Charlie" not in text


@pytest.mark.parametrize("many", [1, 3])
def test_detail_asks_the_same_number_of_queries(many, as_bob, bob, model, django_assert_num_queries):
    row = make_comparison(bob, [model, model])
    images = [make_image(bob, model, generation=row.generations.first()) for _ in range(many)]
    shared = Shared(bob, row, reviews=True)
    for image in images:
        Client().post(shared.at("mark", image.pk), {"name": "Lena", "answer": "yes", "note": "Good"})

    with django_assert_num_queries(7):
        as_bob.get(reverse("outside.detail", args=[shared.link.pk]))


def test_detail_tells_what_each_visitor_said(as_bob, bob, model):
    image = make_image(bob, model)
    shared = Shared(bob, image, reviews=True)
    for name, answer, note in [("Lena", "yes", "Take it"), ("Max", "no", ""), ("Kim", "yes", "")]:
        Client().post(shared.at("mark", image.pk), {"name": name, "answer": answer, "note": note})

    text = as_bob.get(reverse("outside.detail", args=[shared.link.pk])).text

    assert ">Yes 2<" in text
    assert ">Maybe 0<" in text
    assert ">No 1<" in text
    assert re.findall(r"<strong dir=\"auto\">(\w+)</strong>\s*<span>(\w+)</span>", text) == [
        ("Lena", "Yes"),
        ("Max", "No"),
        ("Kim", "Yes"),
    ]
    assert "Take it" in text


def test_detail_shows_no_picture_that_its_maker_took_back(as_charlie, bob, charlie, model):
    image = make_image(bob, model)
    shared = Shared(charlie, image, reviews=True)

    Image.objects.filter(pk=image.pk).update(shared=False)
    text = as_charlie.get(reverse("outside.detail", args=[shared.link.pk])).text

    assert f"/media/{image.pk}/" not in text


def test_revocation_makes_the_link_lead_nowhere(as_bob, bob, model):
    shared = Shared(bob, make_image(bob, model))

    answer = as_bob.post(reverse("outside.revocation", args=[shared.link.pk]))

    assert answer.status_code == 303
    assert Client().get(shared.url).status_code == 404
    assert "The link was revoked" in as_bob.get(answer["Location"]).text


def test_revocation_of_an_expired_link_is_still_one(as_bob, bob, model):
    shared = Shared(bob, make_image(bob, model))
    OutsideLink.objects.filter(pk=shared.link.pk).update(expires_at=timezone.now() - timedelta(days=1))

    assert as_bob.post(reverse("outside.revocation", args=[shared.link.pk])).status_code == 303


def test_everybody_says_whose_and_nothing_of_what_is_shown(as_alice, as_bob, bob, model):
    image = make_image(bob, model, shared=False, text="A secret lake")
    outside.make(person=bob, target=image, title="For a secret client", days=7)

    page = as_alice.get(reverse("outside.everybody")).text

    assert "One picture" in page
    assert "Bob" in page
    assert "secret" not in page.lower()
    assert str(image.pk) not in page
    assert as_bob.get(reverse("outside.everybody")).status_code == 403


def test_everybody_lets_an_administrator_revoke_and_the_audit_says_whose(
    as_alice, as_charlie, alice, bob, model
):
    link, token = outside.make(person=bob, target=make_image(bob, model), title="", days=7)
    address = reverse("outside.revocation", args=[link.pk])

    assert as_charlie.post(address).status_code == 404
    response = as_alice.post(address, {"office": "1"})

    assert response["Location"] == reverse("outside.everybody")
    assert outside.find(token) is None
    entry = AuditEntry.objects.get(action="outside_link.revoked")
    assert (entry.actor_id, entry.detail["owner"]) == (alice.pk, str(bob.pk))


@pytest.mark.parametrize("count", [1, 3])
def test_everybody_asks_the_same_number_of_queries(count, as_alice, bob, model, django_assert_num_queries):
    for _ in range(count):
        outside.make(person=bob, target=make_image(bob, model), title="", days=7)

    with django_assert_num_queries(5):
        as_alice.get(reverse("outside.everybody"))
