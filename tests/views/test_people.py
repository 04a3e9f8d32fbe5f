from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.cards.people import ago, device
from studio.models import AuditEntry, Case, CaseKind, State, Strike, User
from studio.services.moderation import decisions
from studio.services.moderation.decisions import Decision
from studio.services.people import invitations, suspensions
from tests.factories import PASSWORD, make_generation, make_image, make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1"


def page_of(person: User) -> str:
    return reverse("people.detail", args=[person.pk])


def sign_in(person: User, password: str = PASSWORD, agent: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/login/", {"login": person.email, "password": password})
    return client


def names(text: str, *people: User) -> list[str]:
    return [person.name for person in people if person.email in text]


def test_index_says_of_each_what_they_made_and_what_it_cost(as_alice, bob, model):
    make_image(bob, model)
    make_generation(bob, model, state=State.DONE, cost=1_250_000, cost_unit="USD")

    text = as_alice.get(reverse("people.index")).text

    assert "1 of 1,000" in text
    assert "$1.25" in text
    assert "2 people" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "BO"}, ["Bob"]),
        ({"q": "charlie@ex"}, ["Charlie"]),
        ({"role": "moderator"}, ["Mona"]),
        ({"state": "active", "q": "example.com"}, ["Alice", "Bob", "Charlie", "Mona"]),
        ({"q": "nobody"}, []),
    ],
)
def test_index_narrows_by_name_role_and_state(query, found, as_alice, alice, bob, charlie, mona, sid):
    text = as_alice.get(reverse("people.index"), query).text.partition("<main")[2]

    assert names(text, alice, bob, charlie, mona, sid) == found
    assert ("Nobody matches" in text) == (not found)


def test_index_of_the_suspended_says_until_when_and_why(as_alice, alice, bob):
    suspensions.suspend(
        person=bob, actor=alice, until=timezone.now() + timedelta(days=2), reason="Client work"
    )

    text = as_alice.get(reverse("people.index"), {"state": "suspended"}).text

    assert "Suspended until" in text
    assert "Client work" in text


@pytest.mark.parametrize("query", [{"role": "king"}, {"state": "x"}, {"after": "7"}])
def test_index_with_what_it_never_writes_is_not_found(query, as_alice):
    assert as_alice.get(reverse("people.index"), query).status_code == 404


def test_index_pages_by_name_and_shows_each_once(as_alice, monkeypatch):
    monkeypatch.setattr("studio.views.people.PAGE", 3)
    for name in ("anna", "Anna", "Zoe", "bert", "Bert", "zoe 2"):
        make_user(f"{name} {len(name)} {ord(name[0])}")

    seen, last = [], None
    while True:
        page = as_alice.get(reverse("people.index"), {"after": last} if last else {})
        seen += [row.person.name for row in page.context["people"]]
        last = page.context["older"]
        if not last:
            break

    assert seen == sorted(seen, key=str.lower)
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize("many", [1, 3])
def test_index_asks_the_same_number_of_queries(many, as_alice, model, django_assert_num_queries):
    for number in range(many):
        make_image(make_user(f"Guest {number}"), model)
    as_alice.get(reverse("people.index"))

    with django_assert_num_queries(9):
        as_alice.get(reverse("people.index"))


def test_detail_changes_name_address_and_role(as_alice, bob):
    facts = {"name": "Robert", "email": "Rob@Example.com", "role": "moderator"}

    answer = as_alice.post(page_of(bob), facts)

    assert (answer.status_code, answer["Location"]) == (303, page_of(bob))
    bob.refresh_from_db()
    assert (bob.name, bob.email, bob.role) == ("Robert", "rob@example.com", "moderator")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Enter a name."),
        ({"email": "no"}, "This is not an email address."),
        ({"email": "CHARLIE@example.com"}, "Someone already uses this address."),
    ],
)
def test_detail_keeps_what_was_typed_and_says_what_is_wrong(wrong, words, as_alice, bob, charlie):
    facts = {"name": "Robert", "email": "rob@example.com", "role": "moderator"} | wrong

    answer = as_alice.post(page_of(bob), facts)

    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert all(value in answer.text for value in facts.values())
    assert User.objects.get(pk=bob.pk).name == "Bob"


def test_detail_last_administrator_cannot_be_demoted(as_alice, alice):
    answer = as_alice.post(page_of(alice), {"name": "Alice", "email": alice.email, "role": "member"})

    assert answer.status_code == 409
    assert "The studio needs an administrator who can sign in." in answer.text


def to_budget(person: User) -> str:
    return reverse("people.budget", args=[person.pk])


def test_budget_shows_made_reserved_and_left_and_is_changed(as_alice, bob, model):
    make_image(bob, model)
    make_generation(bob, model, n=3)
    shown = as_alice.get(page_of(bob)).context["month"]
    assert (shown["made"], shown["reserved"], shown["left"]) == ("1", "3", "996")

    answer = as_alice.post(to_budget(bob), {"was": "1000", "cap": "4", "monthly": "50"}, follow=True)

    assert answer.redirect_chain == [(page_of(bob), 303)]
    assert "Saved. Nothing is left of this month." in answer.text
    assert (answer.context["month"]["cap"], answer.context["month"]["left"]) == (4, "0")
    bob.refresh_from_db()
    assert bob.monthly_images == 50


@pytest.mark.parametrize("by_htmx", [False, True])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cap": ""}, "Write a whole number from 0 to 1,000,000."),
        ({"cap": "-1"}, "Write a whole number from 0 to 1,000,000."),
        ({"cap": "4 apples"}, "Write a whole number from 0 to 1,000,000."),
        ({"cap": "1000001"}, "Write a whole number from 0 to 1,000,000."),
        ({"monthly": "1e9"}, "Write a whole number from 0 to 1,000,000, or leave it empty."),
        ({"was": "x"}, "This page is too old. Look at the number again, and save once more."),
    ],
)
def test_budget_keeps_what_was_typed_and_says_what_is_wrong(wrong, words, by_htmx, as_alice, bob):
    facts = {"was": "1000", "cap": "77", "monthly": "78"} | wrong

    answer = as_alice.post(to_budget(bob), facts, headers={"HX-Request": "true"} if by_htmx else {})

    assert answer.status_code == 422
    assert answer.text.count(words) == 1
    assert all(f'value="{facts[name]}"' in answer.text for name in ("cap", "monthly") if facts[name])
    assert 'name="was" value="1000"' in answer.text
    assert User.objects.get(pk=bob.pk).monthly_images is None


def test_budget_that_somebody_changed_meanwhile_is_shown_and_then_saved(as_alice, bob):
    as_alice.post(to_budget(bob), {"was": "1000", "cap": "1200"})

    answer = as_alice.post(to_budget(bob), {"was": "1000", "cap": "1500"})

    assert answer.status_code == 409
    assert "Somebody has just changed it to 1,200." in answer.text
    assert ('name="was" value="1200"' in answer.text, 'value="1500"' in answer.text) == (True, True)


@pytest.fixture
def warn(bob, mona, model):
    """Warn bob for a picture of his; return the case."""

    def warn() -> Case:
        row = make_generation(bob, model, state=State.DONE)
        case = Case.objects.open_for(CaseKind.REPORT, row, make_image(bob, model, generation=row))
        said = Decision(verdict="hidden", reason="logo", warn=True)
        decisions.decide(case=case, moderator=mona, decision=said)
        return case

    return warn


def test_detail_shows_the_strikes_that_count_and_leads_to_their_cases(as_alice, bob, warn):
    assert "None that counts." in as_alice.get(page_of(bob)).text
    first, over = warn(), warn()
    Strike.objects.filter(case=over).update(expires_at=timezone.now())

    answer = as_alice.get(page_of(bob))

    (strike,) = answer.context["strikes"]
    assert strike["what"].startswith("Hidden from the team by Mona")
    assert (strike["points"], answer.context["points"]) == (1, 1)
    assert "1 point counts now." in answer.text
    assert f'href="{strike["url"]}"' in answer.text
    assert as_alice.get(strike["url"]).status_code == 200
    assert str(first.pk) in strike["url"]
    warn()
    assert "2 points count now." in as_alice.get(page_of(bob)).text


def test_detail_of_who_invited_shows_their_invitations_with_state(as_alice, alice, bob):
    assert "Invitations they made" not in as_alice.get(page_of(bob)).text
    row, _ = invitations.make(administrator=alice, role="member", days=7, email="lena@example.com")
    invitations.make(administrator=alice, role="moderator", days=1, uses=3)
    invitations.revoke(invitation=row, administrator=alice)

    answer = as_alice.get(page_of(alice))

    shown = [(each["whom"], each["role"], each["state"]) for each in answer.context["invitations"]]
    assert shown == [
        ("For 3 people", "Moderator", "Open"),
        ("lena@example.com", "Member", "Revoked"),
    ]
    assert all(word in answer.text for row in shown for word in row)


@pytest.mark.parametrize("many", [1, 3])
def test_detail_asks_the_same_number_of_queries(many, as_alice, alice, bob, warn, django_assert_num_queries):
    for _ in range(many):
        warn()
        sign_in(bob)
        invitations.make(administrator=bob, role="member", days=7)
    as_alice.get(page_of(bob))

    with django_assert_num_queries(12):
        as_alice.get(page_of(bob))


def test_suspension_is_read_by_the_person_at_once_and_ends_with_restoration(as_alice, as_bob, bob):
    facts = {"until": "", "reason": "Client <b>work</b>."}

    answer = as_alice.post(reverse("people.suspension", args=[bob.pk]), facts)

    assert answer.status_code == 303
    assert "Client &lt;b&gt;work&lt;/b&gt;." in as_bob.get("/").text
    assert "Client &lt;b&gt;work&lt;/b&gt;." in as_alice.get(page_of(bob)).text
    as_alice.post(reverse("people.restoration", args=[bob.pk]))
    assert sign_in(bob).get("/").status_code == 200


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"reason": ""}, "Say why: the person reads it."),
        ({"until": "soon"}, "Write a date and a time."),
        ({"until": "2020-01-01T10:00"}, "Choose a moment that is still to come."),
        ({"until": "9999-12-31T23:59"}, "That is more than ten years away: leave it empty."),
    ],
)
def test_suspension_that_is_not_valid_changes_nothing(facts, words, as_alice, bob):
    answer = as_alice.post(reverse("people.suspension", args=[bob.pk]), {"reason": "So."} | facts)

    assert answer.status_code in (400, 422)
    assert words in answer.text
    assert User.objects.get(pk=bob.pk).is_active


def test_reset_link_is_shown_once_and_a_sign_in_ends_it(as_alice, bob):
    as_alice.post(reverse("people.reset_link", args=[bob.pk]))
    link = as_alice.get(page_of(bob)).context["link"]
    assert as_alice.get(page_of(bob)).context["link"] == ""
    path = link.removeprefix("http://127.0.0.1:8000")
    browser = sign_in(bob)
    assert browser.get("/").status_code == 200
    assert Client().get(path).status_code == 410  # a sign-in is proof enough of the old password


def test_reset_link_ends_every_session_and_dies(as_alice, bob):
    browser = sign_in(bob)
    as_alice.post(reverse("people.reset_link", args=[bob.pk]))
    path = as_alice.get(page_of(bob)).context["link"].removeprefix("http://127.0.0.1:8000")
    facts = {"new": "a longer pass phrase", "again": "a longer pass phrase"}

    assert "bob@example.com" in Client().get(path).text
    assert Client().post(path, facts | {"again": "x"}).status_code == 422
    assert Client().post(path, {"new": "12345678901", "again": "12345678901"}).status_code == 400
    done = Client().post(path, facts)

    assert (done.status_code, done["Location"]) == (303, "/login/")
    assert browser.get("/").status_code == 302
    assert Client().post(path, facts).status_code == 410
    assert sign_in(bob, "a longer pass phrase").get("/").status_code == 200


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "member"}])
def test_reset_link_falls_with_the_administrator_who_made_it(as_alice, alice, bob, change):
    as_alice.post(reverse("people.reset_link", args=[bob.pk]))
    path = as_alice.get(page_of(bob)).context["link"].removeprefix("http://127.0.0.1:8000")
    assert Client().get(path).status_code == 200

    User.objects.filter(pk=alice.pk).update(**change)

    assert Client().get(path).status_code == 410


def test_reset_link_with_another_maker_written_into_it_is_over(as_alice, alice, mona, bob):
    as_alice.post(reverse("people.reset_link", args=[bob.pk]))
    path = as_alice.get(page_of(bob)).context["link"].removeprefix("http://127.0.0.1:8000")

    forged = [path.replace(alice.pk.hex, name) for name in ("", mona.pk.hex)]

    assert [Client().get(each).status_code for each in forged] == [410, 410]


@pytest.mark.parametrize("token", ["x", "-", "0" * 32 + "-abc-def", "é-ü"])
def test_reset_link_that_nobody_made_is_over(token, db):
    assert Client().get(reverse("accounts.reset", args=[token])).status_code == 410


def test_end_sessions_one_and_then_all(as_alice, bob):
    here, there, third = sign_in(bob), sign_in(bob, agent=IPHONE), sign_in(bob)
    text = as_alice.get(page_of(bob)).text
    assert ("Firefox, Linux" in text, "Safari, iPhone" in text) == (True, True)
    pk = UserSession.objects.get(user_agent=IPHONE).pk

    as_alice.post(reverse("people.end_sessions", args=[bob.pk]), {"session": pk})

    assert [each.get("/").status_code for each in (here, there, third)] == [200, 302, 200]
    as_alice.post(reverse("people.end_sessions", args=[bob.pk]))
    assert [each.get("/").status_code for each in (here, there, third)] == [302, 302, 302]
    actions = AuditEntry.objects.filter(subject=str(bob.pk)).values_list("action", flat=True)
    assert {"person.session_ended", "person.sessions_ended"} <= set(actions)


def test_end_sessions_of_another_is_not_reached_through_this_person(as_alice, bob, charlie):
    theirs = sign_in(charlie)
    pk = UserSession.objects.get(user=charlie).pk

    as_alice.post(reverse("people.end_sessions", args=[bob.pk]), {"session": pk})

    assert theirs.get("/").status_code == 200


def test_seen_is_written_once_in_a_while(bob, as_bob, django_assert_num_queries):
    User.objects.filter(pk=bob.pk).update(seen_at=timezone.now() - timedelta(hours=3))
    bob.refresh_from_db()
    assert ago(bob) == "3 h ago"

    as_bob.get("/prompts/")

    bob.refresh_from_db()
    assert ago(bob) == "now"
    seen = bob.seen_at
    as_bob.get("/prompts/")
    bob.refresh_from_db()
    assert bob.seen_at == seen


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (IPHONE, "Safari, iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge, Windows",
        ),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_device_names_browser_and_system(agent, name):
    assert device(agent) == name
