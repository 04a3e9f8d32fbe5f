"""The one place where people without an account come in: each attack here is somebody who holds less than they need."""

import re
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio import signing
from studio.models import Collection, Image, Mark, OutsideLink, Placed, User, Visitor
from studio.models.outside import MOST_VISITORS
from studio.services import outside
from studio.signing import VISIT, signed, thumbnail_url
from tests.factories import make_comparison, make_image
from tests.routes import HTMX, body_of

pytestmark = pytest.mark.django_db
SECRET = "open sesame"
MEDIA = re.compile(r"/visit/[0-9a-f-]{36}/[0-9a-f-]{36}/\d+/[\w-]{22}/")


class Shared:
    """A picture, a link to it and its addresses."""

    def __init__(self, person: User, target: Any, **facts: Any) -> None:
        self.link, self.token = outside.make(person=person, target=target, days=7, **facts)
        self.url = reverse("visits.detail", args=[self.token])

    def at(self, name: str, *more: Any) -> str:
        return reverse(f"visits.{name}", args=[self.token, *more])


@pytest.fixture
def image(bob, model) -> Image:
    row = make_image(bob, model, text="A prompt that stays inside")
    for side in (512, 960, 1920):
        default_storage.save(row.thumbnail_key(side), ContentFile(b"a thumbnail of %d" % side))
    Image.objects.filter(pk=row.pk).update(sides=[512, 960, 1920])
    row.refresh_from_db()
    return row


@pytest.fixture
def shared(bob, image) -> Shared:
    return Shared(bob, image, title="For the client", reviews=True)


@pytest.fixture
def locked(bob, image) -> Shared:
    return Shared(bob, image, title="Behind a password", password=SECRET, reviews=True)


def media_of(image: Image, link: OutsideLink, side: int = 512) -> str:
    return reverse(
        "visit_media.show", args=[link.pk, image.pk, side, signed(image, side, link.pk, salt=VISIT)]
    )


# What is shown, and what is not


def test_detail_shows_the_picture_without_prompt_and_names(shared, bob, model):
    answer = Client().get(shared.url)

    assert answer.status_code == 200
    assert "For the client" in answer.text
    assert len(set(MEDIA.findall(answer.text))) == 2
    for secret in ("stays inside", "Bob", bob.email, model.label, "/images/", "/media/", "/login"):
        assert secret not in answer.text


def test_detail_and_picture_are_kept_from_robots_and_caches(shared, image):
    for url in (shared.url, shared.at("picture", image.pk), media_of(image, shared.link)):
        answer = Client().get(url)

        assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive, noimageindex"
        assert "private" in answer["Cache-Control"]
        body_of(answer)
    page = Client().get(shared.url)
    assert page["Cache-Control"] == "private, no-store"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["Referrer-Policy"] == "same-origin"
    assert '<meta name="robots" content="noindex' in page.text


def test_t24_page_leads_nowhere_else(shared):
    leads = set(re.findall(r'(?:href|src|action)="([^"]*)"', Client().get(shared.url).text))

    assert {each for each in leads if not each.startswith(("/visit/", "/static/", "#"))} == set()


def test_detail_counts_a_visitor_once_and_its_owner_never(shared, as_bob):
    browser = Client()
    for _ in range(3):
        browser.get(shared.url)
    Client().get(shared.url)
    Client().head(shared.url)
    as_bob.get(shared.url)

    shared.link.refresh_from_db()
    assert shared.link.views == 2
    assert shared.link.seen_at is not None


@pytest.mark.parametrize("many", [1, 3])
def test_detail_asks_the_same_number_of_queries(many, bob, model, django_assert_num_queries):
    row = make_comparison(bob, [model, model])
    for _ in range(many):
        make_image(bob, model, generation=row.generations.first())
    browser = Client()
    browser.get(url := Shared(bob, row).url)

    with django_assert_num_queries(3):
        browser.get(url)


def test_picture_leads_to_its_neighbours(bob, model):
    row = make_comparison(bob, [model, model, model])
    images = [make_image(bob, model, generation=run) for run in row.generations.order_by("pk")]
    shared = Shared(bob, row)
    at = [shared.at("picture", each.pk) for each in images]

    pages = [Client().get(url).text for url in at]

    assert [f'href="{at[1]}" rel="next"' in pages[0], "Previous" in pages[0]] == [True, False]
    assert [f'href="{at[0]}" rel="prev"' in pages[1], f'href="{at[2]}" rel="next"' in pages[1]] == [
        True,
        True,
    ]
    assert [f'href="{at[1]}" rel="prev"' in pages[2], 'rel="next"' in pages[2]] == [True, False]
    assert "3 of 3" in pages[2]


# T24: links that lead nowhere


def ended(shared: Shared, how: str) -> str:
    """End a link in one way; return the address it had."""
    rows = OutsideLink.objects.filter(pk=shared.link.pk)
    match how:
        case "revoked":
            outside.revoke(link=shared.link, person=shared.link.owner)
        case "expired":
            rows.update(expires_at=timezone.now())
        case "owner suspended":
            User.objects.filter(pk=shared.link.owner_id).update(is_active=False)
        case "owner erased":
            shared.link.owner.delete()
        case "picture in the trash":
            Image.objects.update(trashed_at=timezone.now())
        case "picture held":
            Image.objects.update(held_at=timezone.now())
        case "picture purged":
            Image.objects.all().delete()
        case "never was":
            return reverse("visits.detail", args=["A" * 22])
    return shared.url


ENDS = [
    "revoked",
    "expired",
    "owner suspended",
    "owner erased",
    "picture in the trash",
    "picture held",
    "picture purged",
    "never was",
]


@pytest.mark.parametrize("how", ENDS)
def test_t24_link_that_is_over_and_one_that_never_was_are_one_page(how, shared, refusals):
    before = Client().get(reverse("visits.detail", args=["B" * 22]))
    url = ended(shared, how)

    answer = Client().get(url)

    assert (answer.status_code, answer.content) == (404, before.content)
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert {line["event"] for line in refusals} == {"security.visit_denied"}
    assert shared.token not in str(refusals)


@pytest.mark.parametrize("how", [how for how in ENDS if how != "never was"])
def test_t24_addresses_of_pictures_die_with_their_link(how, shared, image):
    url = media_of(image, shared.link)
    answer = Client().get(url)
    assert (answer.status_code, body_of(answer)) == (200, b"a thumbnail of 512")

    ended(shared, how)

    answer = Client().get(url)
    assert (answer.status_code, answer.content) == (404, b"Not found.")


@pytest.mark.parametrize("how", [how for how in ENDS if how != "never was"])
def test_t24_nobody_answers_by_a_link_that_is_over(how, shared, image):
    browser = Client()
    assert browser.post(shared.at("name"), {"name": "Lena"}).status_code == 303
    paths = [shared.at("name"), shared.at("mark", image.pk), shared.at("unlock")]

    ended(shared, how)
    answers = [browser.post(path, {"name": "Lena", "answer": "yes", "password": "x"}) for path in paths]

    if how.startswith("picture"):
        answers.pop()  # a password may still be tried; behind the door is nothing
        answers.pop(0)
    assert {answer.status_code for answer in answers} == {404}
    assert not Mark.objects.exists()


# T24: media


def test_t24_media_for_another_picture_of_the_same_person_is_nothing(shared, bob, model):
    other = make_image(bob, model)
    url = media_of(other, shared.link)

    assert Client().get(url).status_code == 404


def test_t24_media_of_one_link_is_nothing_by_another(shared, image, bob):
    second = Shared(bob, image)
    url = media_of(image, shared.link).replace(str(shared.link.pk), str(second.link.pk))

    assert Client().get(url).status_code == 404


@pytest.mark.parametrize("side", [0, 1, 320, 500, 4096, 99999])
def test_t24_media_in_a_size_that_no_page_names_is_nothing(side, shared, image):
    assert Client().get(media_of(image, shared.link, side)).status_code == 404


def test_t24_media_signature_for_one_size_opens_no_other(shared, image):
    url = media_of(image, shared.link, 512).replace("/512/", "/0/")

    assert Client().get(url).status_code == 404


def test_t24_studios_own_signature_opens_nothing_outside_and_the_other_way(shared, image, bob, as_bob):
    own = thumbnail_url(image, 512, bob.pk).split("/")[-2]
    outer = media_of(image, shared.link).split("/")[-2]
    by_link = signing.signed(image, 512, shared.link.pk)  # the salt of the studio

    for signature in (own, by_link):
        url = reverse("visit_media.show", args=[shared.link.pk, image.pk, 512, signature])
        assert Client().get(url).status_code == 404
    assert as_bob.get(reverse("media.thumbnail", args=[image.pk, 512, outer])).status_code == 404


def test_t24_media_address_dies_within_two_hours(shared, image, monkeypatch):
    url = media_of(image, shared.link)
    hour = signing._hour()

    answers = []
    for later in (0, 1, 2):
        monkeypatch.setattr(signing, "_hour", lambda later=later: hour + later)
        answers.append(Client().get(url))

    assert [answer.status_code for answer in answers] == [200, 200, 404]
    for answer in answers[:2]:
        body_of(answer)


def test_t24_addresses_of_pictures_hold_no_secret_of_the_link(shared):
    page = Client().get(shared.url).text

    assert all(shared.token not in url for url in MEDIA.findall(page))


def test_t24_members_media_addresses_open_nothing_without_a_session(shared, image):
    assert Client().get(reverse("media.original", args=[image.pk])).status_code == 404


def test_media_is_sent_as_it_should_be(shared, image):
    answer = Client().get(media_of(image, shared.link, 1920))

    assert body_of(answer) == b"a thumbnail of 1920"
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-site"
    assert answer["Cache-Control"] == "private, max-age=300"


def test_t24_original_is_sent_only_where_the_link_gives_it(shared, image, bob):
    giving = Shared(bob, image, title="Böse/..\\..\r\nX: y", gives_originals=True)

    refused = Client().get(media_of(image, shared.link, 0))
    answer = Client().get(media_of(image, giving.link, 0))

    assert refused.status_code == 404
    assert body_of(answer).startswith(b"\x89PNG")
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "inside" not in answer["Content-Disposition"]
    assert not re.search(r"[\r\n/\\]", answer["Content-Disposition"])


# T24: the password


def test_t24_locked_link_says_nothing_before_the_password(locked, image):
    answer = Client().get(locked.url)

    assert answer.status_code == 200
    for secret in ("Behind a password", str(image.pk), "Bob", "visit/media"):
        assert secret not in answer.text


def test_t24_locked_link_gives_no_picture_before_the_password(locked, image):
    assert Client().get(media_of(image, locked.link)).status_code == 404
    page = Client().get(locked.at("picture", image.pk))
    assert "Password" in page.text
    assert str(image.pk) not in page.text


@pytest.mark.parametrize("htmx", [False, True])
def test_t24_locked_link_takes_no_answer_before_the_password(htmx, locked, image):
    headers = HTMX if htmx else {}
    for path in (locked.at("name"), locked.at("mark", image.pk)):
        answer = Client().post(path, {"name": "Lena", "answer": "yes"}, headers=headers)

        assert answer.status_code == (401 if htmx else 403)
    assert not Visitor.objects.exists()


def test_unlock_with_the_password_opens_page_and_pictures_in_this_browser_alone(locked, image):
    browser = Client()

    answer = browser.post(locked.at("unlock"), {"password": SECRET})

    assert (answer.status_code, answer["Location"]) == (303, locked.url)
    assert "Behind a password" in browser.get(locked.url).text
    opened = browser.get(media_of(image, locked.link))
    assert body_of(opened) == b"a thumbnail of 512"
    assert "Behind a password" not in Client().get(locked.url).text


def test_t24_password_in_the_address_opens_nothing(locked):
    browser = Client()

    assert "Behind a password" not in browser.get(locked.url, {"password": SECRET}).text
    assert browser.get(locked.at("unlock"), {"password": SECRET}).status_code == 405


@pytest.mark.parametrize("wrong", ["x", "", SECRET + " ", SECRET.upper(), "\x00", "a" * 5000])
def test_t24_wrong_password_opens_nothing(wrong, locked):
    browser = Client()

    answer = browser.post(locked.at("unlock"), {"password": wrong})

    assert answer.status_code in {400, 422}
    assert "Behind a password" not in browser.get(locked.url).text
    assert SECRET not in answer.text


def test_t24_sixth_wrong_password_waits_even_for_the_right_one(locked):
    browser = Client()
    answers = [browser.post(locked.at("unlock"), {"password": f"guess {n}"}) for n in range(5)]
    assert [answer.status_code for answer in answers] == [400] * 5

    answer = browser.post(locked.at("unlock"), {"password": SECRET})

    assert answer.status_code == 429
    assert "Too many attempts. Try again in 5 minutes." in answer.text
    assert 0 < int(answer["Retry-After"]) <= 301
    assert Client(REMOTE_ADDR="10.9.9.9").post(locked.at("unlock"), {"password": SECRET}).status_code == 303


def test_t24_guesses_from_many_addresses_are_counted_together(locked):
    for n in range(100):
        address = f"10.0.{n // 4}.{n % 4 + 1}"
        Client(REMOTE_ADDR=address).post(locked.at("unlock"), {"password": "guess"})

    answer = Client(REMOTE_ADDR="10.99.0.1").post(locked.at("unlock"), {"password": SECRET})

    assert answer.status_code == 429


def test_t24_spoofed_address_has_no_count_of_its_own(locked):
    for n in range(5):
        forged = {"X-Forwarded-For": f"10.1.1.{n}", "Forwarded": f"for=10.1.1.{n}"}
        Client().post(locked.at("unlock"), {"password": "guess"}, headers=forged)

    answer = Client().post(locked.at("unlock"), {"password": SECRET}, headers={"X-Forwarded-For": "10.2.2.2"})

    assert answer.status_code == 429


def test_t24_one_links_open_door_is_not_anothers(locked, bob, image):
    second = Shared(bob, image, title="The second", password="another pass")
    browser = Client()
    browser.post(locked.at("unlock"), {"password": SECRET})

    value = browser.cookies[f"door-{locked.link.pk.hex}"].value
    browser.cookies[f"door-{second.link.pk.hex}"] = value

    assert "The second" not in browser.get(second.url).text


@pytest.mark.parametrize("forged", ["1", "yes", "", "e30:1tXXXX:AAAA", "\udcff", "a:b:c", "x" * 4000])
def test_t24_forged_cookie_opens_nothing(forged, locked):
    browser = Client()
    browser.cookies = SimpleCookie()
    browser.cookies[f"door-{locked.link.pk.hex}"] = forged.encode(errors="replace").decode()

    assert "Behind a password" not in browser.get(locked.url).text


def test_t24_a_new_password_shuts_the_door_that_was_open(locked):
    browser = Client()
    browser.post(locked.at("unlock"), {"password": SECRET})

    OutsideLink.objects.filter(pk=locked.link.pk).update(password="another")

    assert "Behind a password" not in browser.get(locked.url).text


def test_t24_cookies_are_for_the_visit_alone_and_no_script(locked, image, settings):
    settings.SESSION_COOKIE_SECURE = True
    browser = Client()
    browser.post(locked.at("unlock"), {"password": SECRET})
    browser.post(locked.at("mark", image.pk), {"name": "Lena", "answer": "yes"})

    mine = [cookie for name, cookie in browser.cookies.items() if name.startswith(("door", "visitor"))]
    assert len(mine) == 2
    for cookie in mine:
        facts = (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"])
        assert facts == ("/visit/", True, "Lax", True)
        assert SECRET not in cookie.value


# Client review


def test_mark_asks_for_the_name_once_and_keeps_what_was_said(shared, image):
    browser = Client()

    asked = browser.post(shared.at("mark", image.pk), {"answer": "maybe", "note": "The sky?"})
    assert asked.status_code == 422
    assert "Type your name" in asked.text
    assert 'name="answer" value="maybe"' in asked.text
    assert 'value="The sky?"' in asked.text
    said = {"name": "Lena", "answer": "maybe", "note": "The sky?", "list": "1"}
    saved = browser.post(shared.at("mark", image.pk), said)
    browser.post(shared.at("mark", image.pk), {"answer": "yes", "note": "Now yes"})

    assert saved["Location"] == f"{shared.url}#picture-{image.pk}"
    mark = Mark.objects.get()
    assert (mark.visitor.name, mark.answer, mark.note, mark.image) == ("Lena", "yes", "Now yes", image)
    page = browser.get(shared.url).text
    assert "Now yes" in page
    assert "Lena" in page


def test_mark_by_htmx_is_the_form_alone(shared, image):
    browser = Client()
    said = {"name": "Lena", "answer": "no"}

    answer = browser.post(shared.at("mark", image.pk), said, headers=HTMX)

    assert answer.status_code == 200
    assert answer.text.lstrip().startswith(f'<form class="answer" id="answer-{image.pk}"')
    assert 'value="" aria-pressed="true"' in answer.text


def test_mark_of_nothing_takes_back_what_was_said(shared, image):
    browser = Client()
    browser.post(shared.at("mark", image.pk), {"name": "Lena", "answer": "no"})

    browser.post(shared.at("mark", image.pk), {"answer": "", "note": ""})

    assert not Mark.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"answer": "never"}, ""), ({"answer": "yes", "note": "x" * 1001}, "longer than 1,000 characters")],
)
def test_mark_that_is_not_valid_keeps_what_was_typed(wrong, words, shared, image):
    browser = Client()
    browser.post(shared.at("name"), {"name": "Lena"})

    answer = browser.post(shared.at("mark", image.pk), wrong)

    assert answer.status_code == 422
    assert words in answer.text
    assert wrong.get("note", "") in answer.text
    assert not Mark.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "\x00"])
def test_name_that_is_none_is_refused(name, shared):
    answer = Client().post(shared.at("name"), {"name": name})

    assert answer.status_code == 422
    assert not Visitor.objects.exists()


def test_two_visitors_do_not_read_each_other(shared, image):
    lena, max_ = Client(), Client()
    lena.post(shared.at("mark", image.pk), {"name": "Lena", "answer": "yes", "note": "Only for Bob"})
    max_.post(shared.at("mark", image.pk), {"name": "Max", "answer": "no"})

    page = max_.get(shared.url).text

    assert "Only for Bob" not in page
    assert "Lena" not in page
    assert Mark.objects.count() == 2


def test_t12_visitor_of_one_link_is_nobody_at_another(shared, bob, image):
    second = Shared(bob, image, reviews=True)
    browser = Client()
    browser.post(shared.at("name"), {"name": "Lena"})
    value = browser.cookies[f"visitor-{shared.link.pk.hex}"].value
    browser.cookies[f"visitor-{second.link.pk.hex}"] = value

    assert browser.post(second.at("mark", image.pk), {"answer": "yes"}).status_code == 422


def test_t12_mark_of_a_picture_that_the_link_does_not_show_is_nothing(shared, bob, charlie, model):
    for other in (make_image(bob, model), make_image(charlie, model), uuid4()):
        pk = getattr(other, "pk", other)

        answer = Client().post(shared.at("mark", pk), {"name": "Lena", "answer": "yes"})

        assert answer.status_code == 404
        assert Client().get(shared.at("picture", pk)).status_code == 404
    assert not Visitor.objects.exists()


def test_link_that_takes_no_answers_takes_none(bob, image):
    shared = Shared(bob, image)

    answers = [
        Client().post(shared.at("name"), {"name": "Lena"}),
        Client().post(shared.at("mark", image.pk), {"name": "Lena", "answer": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Maybe" not in Client().get(shared.url).text


def test_t25_visitors_of_a_link_are_not_without_number(shared, image):
    OutsideLink.objects.filter(pk=shared.link.pk).update(visitor_count=MOST_VISITORS)

    answer = Client().post(shared.at("mark", image.pk), {"name": "One more", "answer": "yes"})

    assert answer.status_code == 409
    assert "Too many people have answered by this link." in answer.text
    assert not Visitor.objects.exists()


def test_t25_one_address_is_not_many_visitors(shared):
    answers = [Client().post(shared.at("name"), {"name": f"Visitor {n}"}) for n in range(6)]

    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert Visitor.objects.count() == 5


def test_t25_answers_of_one_address_are_not_without_number(shared, image):
    browser = Client()
    browser.post(shared.at("name"), {"name": "Lena"})

    statuses = {browser.post(shared.at("mark", image.pk), {"answer": "yes"}).status_code for _ in range(121)}

    assert statuses == {303, 429}


def test_t19_what_visitors_type_is_text(shared, image, as_bob):
    evil = "<img src=x onerror=alert(1)>\"'</textarea><script>alert(1)</script>{{7*7}}"
    browser = Client()
    browser.post(shared.at("mark", image.pk), {"name": evil[:80], "answer": "yes", "note": evil})

    pages = [browser.get(shared.url).text, as_bob.get(reverse("outside.detail", args=[shared.link.pk])).text]

    for page in pages:
        assert "&lt;img src=x onerror" in page
        assert "<img src=x" not in page
        assert "<script>alert" not in page


def test_mark_keeps_its_time(shared, image):
    Client().post(shared.at("mark", image.pk), {"name": "Lena", "answer": "yes"})

    assert timezone.now() - Mark.objects.get().at < timedelta(minutes=1)


def test_description_goes_out_and_the_prompt_does_not(shared, image):
    Image.objects.filter(pk=image.pk).update(alt_text="Two boats\nat a quay")
    described = Client().get(shared.url).text
    Image.objects.filter(pk=image.pk).update(alt_text="a prompt that STAYS inside.")
    proposed = Client().get(shared.url).text

    assert 'alt="Picture 1: Two boats at a quay"' in described
    assert 'alt="Picture 1"' in proposed
    assert "inside" not in proposed.lower()


def test_long_collection_is_read_page_by_page_with_its_numbers(bob, model):
    first = make_image(bob, model)
    facts = {"owner": bob, "generation": first.generation, "key": first.key, "media_type": "image/png"}
    facts |= {"width": 8, "height": 8, "byte_size": 1, "sha256": "", "shared": True}
    facts |= {"developed_at": first.developed_at}
    images = [first, *Image.objects.bulk_create(Image(index=number, **facts) for number in range(1, 130))]
    row = Collection.objects.create(owner=bob, name="Spring")
    Placed.objects.bulk_create(
        Placed(collection=row, image=each, position=-number) for number, each in enumerate(images)
    )
    shared = Shared(bob, row, reviews=True)

    one, two, three = (Client().get(shared.url + query).text for query in ("", "?from=60", "?from=120"))

    assert (one.count("<li class"), three.count("<li class")) == (60, 10)
    assert ('alt="Picture 61"' in two, "130 pictures" in three) == (True, True)
    assert Client().get(shared.url + "?from=999").status_code == 404
    assert Client().get(shared.url + "?from=-5&from=x").status_code == 200
    browser = Client()
    said = {"name": "Lena", "answer": "yes", "list": "1"}
    answer = browser.post(shared.at("mark", images[61].pk), said)
    assert answer["Location"] == f"{shared.url}?from=60#picture-{images[61].pk}"
