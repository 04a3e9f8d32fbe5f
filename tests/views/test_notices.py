"""The inbox: what is new, reading it, paging, choosing; and the number in the bar."""

import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from studio.models import Notice, NoticeKind, State
from studio.services import comments, notices, sharing
from tests.factories import make_generation, make_image

HTMX = {"HX-Request": "true"}
INDEX = "/notices/"


def count_in_the_bar(page: str) -> str:
    return re.search(r'<input type="hidden" name="n" value="(\d+)\.[^"]+">', page)[1]


def test_index_without_notices_says_what_belongs_there(as_bob):
    page = as_bob.get(INDEX).text

    assert "No notices yet" in page
    assert count_in_the_bar(page) == "0"
    assert "Mark all read" not in page


def test_index_shows_ones_own_newest_first(as_bob, bob, charlie):
    notices.tell(person=bob, kind=NoticeKind.HELD)
    time.sleep(0.002)  # ids of one millisecond stand in any order
    notices.tell(person=bob, kind=NoticeKind.RESTORED)
    notices.tell(person=charlie, kind=NoticeKind.EXPORT_READY)

    page = as_bob.get(INDEX).text

    heads = re.findall(r'notice__head">(?:<span class="sr">New: </span>)?([^<]+)', page)
    assert heads == ["Your account is open again", "Waits for a moderator"]
    assert count_in_the_bar(page) == "2"


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_bob, bob, model, count, django_assert_num_queries):
    for _ in range(count):
        row = make_image(bob, model).generation
        notices.tell(person=bob, kind=NoticeKind.FINISHED, generation=row, count=1)

    with django_assert_num_queries(4):  # session, person with their count, notices, pictures
        page = as_bob.get(INDEX)

    assert page.text.count("notice__picture") == count


def test_index_under_the_bell_shows_the_newest_few(as_bob, bob):
    for _ in range(10):
        notices.tell(person=bob, kind=NoticeKind.HELD)

    page = as_bob.get(INDEX, headers=HTMX | {"HX-Target": "section#peek"}).text

    assert (page.count("notice__head"), "<html" in page) == (8, False)
    assert ("All notices" in page, "Mark all read" in page) == (True, True)


@pytest.mark.parametrize("shared", [True, False])
def test_index_says_no_prompt_of_others_that_became_private(as_charlie, charlie, bob, model, shared):
    row = make_generation(bob, model, text="A tower of ours", state=State.DONE)
    notices.tell(person=charlie, kind=NoticeKind.REPORTED, generation=row, verdict="kept", why="")
    notices.tell(person=charlie, kind=NoticeKind.FINISHED, generation=row, count=1)

    sharing.share_generation(generation=row, person=bob, shared=shared)

    assert ("A tower of ours" in as_charlie.get(INDEX).text) == shared
    place = as_charlie.post(
        reverse("notices.reading", args=[Notice.objects.get(kind=NoticeKind.FINISHED).pk])
    )
    assert place["Location"] == (reverse("generations.detail", args=[row.pk]) if shared else INDEX)


def test_index_pages_by_address(as_bob, bob):
    for _ in range(60):
        notices.tell(person=bob, kind=NoticeKind.HELD)
    first = as_bob.get(INDEX).text
    older = re.search(r'href="(/notices/\?before=[^"]+)"', first)[1]

    second = as_bob.get(older).text

    assert (first.count('class="notice '), second.count('class="notice ')) == (50, 10)
    assert as_bob.get(INDEX, {"before": "nonsense"}).status_code == 404


def test_index_shows_hostile_words_as_text(as_bob, bob, alice, model):
    row = make_generation(bob, model, text="<img src=x onerror=alert(1)> {by} {0}", state=State.FAILED)
    notices.tell(person=bob, kind=NoticeKind.FAILED, generation=row)
    notices.tell(person=bob, kind=NoticeKind.ANNOUNCEMENT, by=alice, text="{text} <script>")

    page = as_bob.get(INDEX).text

    assert "&lt;img src=x onerror=alert(1)&gt; {by} {0}" in page
    assert "{text} &lt;script&gt;" in page


def test_index_of_a_picture_that_was_hidden_from_this_person_shows_none(as_charlie, charlie, bob, model):
    image = make_image(bob, model, shared=False)
    notices.tell(person=charlie, kind=NoticeKind.REPORTED, image=image, verdict="hidden")

    page = as_charlie.get(INDEX).text

    assert "Your report led to a hidden picture" in page
    assert str(image.pk) not in page


def test_reading_marks_one_and_leads_to_what_it_is_about(as_bob, bob, model):
    row = make_generation(bob, model, state=State.FAILED)
    for _ in range(2):
        notices.tell(person=bob, kind=NoticeKind.FAILED, generation=row)
    notice = Notice.objects.last()

    response = as_bob.post(reverse("notices.reading", args=[notice.pk]))

    assert (response.status_code, response["Location"]) == (303, f"/generations/{row.pk}/")
    assert count_in_the_bar(as_bob.get(INDEX).text) == "1"


def test_reading_all_leaves_others_alone(as_bob, bob, charlie):
    for person in (bob, bob, charlie):
        notices.tell(person=person, kind=NoticeKind.HELD)

    response = as_bob.post(reverse("notices.reading_all"))

    assert response.status_code == 303
    assert [notice.person for notice in Notice.objects.unread()] == [charlie]


def test_choices_are_kept(as_bob, bob):
    page = as_bob.get(reverse("notices.choices")).text
    assert (page.count(" checked"), "Routeway" in page) == (len(NoticeKind.choices_of(bob)), False)

    response = as_bob.post(reverse("notices.choices"), {"wanted": ["failed"]}, follow=True)

    assert response.text.count(" checked") == 1
    assert "Your choice is saved." in response.text


def test_choices_that_are_not_offered_are_refused(as_bob, bob):
    response = as_bob.post(reverse("notices.choices"), {"wanted": ["relay_paused"]})

    assert response.status_code == 422
    assert bob.muted.count() == 0


# The number in the bar


def shown(client: Client) -> str:
    """What a page of theirs says of the number, with its seal."""
    return re.search(r'name="n" value="([^"]+)"', client.get(INDEX).text)[1]


def ask(client: Client, person, n: object):
    return client.get(reverse("live.index"), {"p": person.pk.hex, "n": n}, headers=HTMX)


def test_live_is_204_after_one_statement_while_the_number_is_right(as_bob, bob, django_assert_num_queries):
    notices.tell(person=bob, kind=NoticeKind.HELD)
    n = shown(as_bob)

    with django_assert_num_queries(1):  # the person, their session and their count
        response = ask(as_bob, bob, n)

    assert (response.status_code, response.content) == (204, b"")


def test_live_brings_the_new_number_and_what_is_said_to_this_person(as_bob, bob, charlie, model):
    row = make_generation(bob, model, state=State.FAILED)
    n = shown(as_bob)
    notices.tell(person=bob, kind=NoticeKind.FAILED, generation=row)
    time.sleep(0.002)  # ids of one millisecond stand in any order
    notices.tell(person=charlie, kind=NoticeKind.HELD)

    response = ask(as_bob, bob, n)

    assert response.status_code == 200
    assert count_in_the_bar(response.text) == "1"
    assert 'data-words="One prompt needs you"' in response.text
    assert f'data-tag="news-{row.pk}"' in response.text
    assert 'hx-swap-oob="outerMorph"' in response.text


@pytest.mark.parametrize("kind", [NoticeKind.FAILED, NoticeKind.CANCELLED, NoticeKind.REFUSED])
def test_index_says_which_prompt_it_is_about_and_why(as_bob, bob, model, kind):
    row = make_generation(bob, model, text="A lake", state=State.FAILED)
    notices.tell(person=bob, kind=kind, generation=row, why="Not today.")

    text = as_bob.get(reverse("notices.index")).text

    assert "“A lake”: Not today." in text


def test_live_takes_the_number_away_when_all_is_read(as_bob, bob):
    notices.tell(person=bob, kind=NoticeKind.HELD)
    n = shown(as_bob)
    notices.read(notices=Notice.objects.all())

    response = ask(as_bob, bob, n)

    assert count_in_the_bar(response.text) == "0"
    assert "bell__count" not in response.text


@pytest.mark.parametrize("n", ["", "-1", "x", "1" * 400, "0.", "0.x.y"])
def test_live_with_a_number_nobody_sent_is_answered(as_bob, bob, n):
    assert ask(as_bob, bob, n).status_code in (200, 204)


def test_live_tells_nobody_elses_number(as_bob, as_charlie, bob):
    theirs, mine = shown(as_bob), shown(as_charlie)
    told = [
        ask(as_charlie, bob, n).status_code
        for n in (theirs, mine, "0", "1", "0.x", theirs.replace("0", "1", 1))
    ]

    notices.tell(person=bob, kind=NoticeKind.HELD)

    again = [
        ask(as_charlie, bob, n).status_code
        for n in (theirs, mine, "0", "1", "0.x", theirs.replace("0", "1", 1))
    ]
    assert told == again


def test_session_of_an_earlier_release_stays_signed_in(bob):
    client = Client()
    client.force_login(bob, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert client.get(INDEX).status_code == 200


def test_index_says_what_was_said_of_a_picture_only_while_one_may_look_at_it(as_charlie, charlie, bob, model):
    image = make_image(bob, model)
    comments.write(person=bob, image=image, text="@Charlie: the secret client")
    assert "secret" in as_charlie.get(INDEX).text

    sharing.share_image(image=image, person=bob, shared=False)

    page = as_charlie.get(INDEX).text
    assert "Bob names you in a comment" in page
    assert "secret" not in page
