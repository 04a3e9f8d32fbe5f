"""The moderators' desk: the pile, the case, decisions, each as htmx and as a plain form."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry, Case, CaseKind, Look
from studio.services import sharing
from studio.services.moderation import cases, decisions, reports
from studio.services.moderation.decisions import Decision
from tests.factories import make_generation, make_image

HTMX = {"HX-Request": "true"}
INDEX = reverse("moderation.index")


@pytest.fixture
def as_mona(mona) -> Client:
    client = Client()
    client.force_login(mona)
    return client


@pytest.fixture
def report(bob, charlie, model):
    """Report a picture of bob's; return its open case."""

    def report(text="A tower", by=charlie, reason="logo", note="", image=None) -> Case:
        image = image or make_image(bob, model, text=text)
        reports.report(generation=image.generation, image=image, person=by, reason=reason, note=note)
        return Case.objects.open().get(image=image)

    return report


def page(case: Case, name="moderation.detail", **query) -> str:
    return reverse(name, args=[case.pk], query=query)


def decide(client, case, verdict, *, htmx=False, **more):
    facts = {"verdict": verdict, "version": case.version, "reason": "logo"} | more
    return client.post(page(case, "decisions.create"), facts, headers=HTMX if htmx else {})


def titles(response) -> list[str]:
    return re.findall(r'<a class="queue__link cut"[^>]*>(.*?)</a>', response.text)


def lines(response) -> list[str]:
    return [
        " ".join(text.split()) for text in re.findall(r'<span class="cut"[^>]*>(.*?)</span>', response.text)
    ]


def prompt_shown(response) -> str:
    return re.search(r'<h2 class="case__prompt"[^>]*>(.*?)</h2>', response.text, re.DOTALL)[1]


# The queue


def test_index_shows_the_most_reported_first_then_the_longest_waiting(as_mona, report, alice):
    first, second = report("first"), report("second")
    report(by=alice, image=second.image)

    response = as_mona.get(INDEX)

    assert titles(response) == ["second", "first"]
    assert lines(response) == ["2 reports, Bob", "1 report, Bob"]
    assert prompt_shown(response) == "second"
    assert first.is_open


def test_index_counts_what_is_open_on_tabs_and_in_the_navigation(as_mona, as_charlie, report):
    for _ in range(2):
        report()

    response = as_mona.get(INDEX)

    counts = re.findall(r'id="count-\d">(\d+)<', response.text)
    assert counts == ["0", "2", "0", "0", "2"]
    assert re.search(r'id="open-cases">2<', response.text)
    assert "open-cases" not in as_charlie.get(reverse("prompts.index")).text


def test_index_of_a_queue_without_cases_says_so(as_mona, report):
    report()

    assert "Nothing waits" in as_mona.get(INDEX, {"tab": "held"}).text
    assert "Nothing matches" in as_mona.get(INDEX, {"q": "nowhere"}).text
    assert "Nothing is decided yet" in as_mona.get(INDEX, {"tab": "decided"}).text


@pytest.mark.parametrize("query", [{"tab": "other"}, {"after": "x"}, {"person": "1"}])
def test_index_of_nonsense_is_not_found(as_mona, db, query):
    assert as_mona.get(INDEX, query).status_code == 404


def test_index_finds_words_people_and_rules(as_mona, report, charlie, model):
    report("A red tower")
    run = make_generation(charlie, model, text="A green hill")
    cases.open_for(kind=CaseKind.HELD, generation=run, rule="Client names")

    for q, found in {"tower": "A red tower", "charlie": "A green hill", "client na": "A green hill"}.items():
        assert titles(as_mona.get(INDEX, {"q": q})) == [found]


def test_index_of_one_person_shows_what_is_about_them(as_mona, report, charlie, bob, model):
    report("by bob")
    image = make_image(charlie, model)
    cases.open_for(kind=CaseKind.REVIEW, generation=image.generation, image=image)

    assert titles(as_mona.get(INDEX, {"person": bob.pk})) == ["by bob"]


def test_index_after_a_place_goes_on_there(as_mona, report):
    found = [report(text) for text in ("one", "two", "three")]

    response = as_mona.get(INDEX, {"after": f"1-{found[0].pk}"})

    assert prompt_shown(response) == "two"


@pytest.mark.parametrize("many", [1, 3])
def test_index_costs_the_same_for_one_case_and_for_three(
    as_mona, report, alice, django_assert_num_queries, many
):
    for number in range(many):
        case = report(f"number {number}")
        report(by=alice, image=case.image)
    as_mona.get(INDEX)

    with django_assert_num_queries(16):
        as_mona.get(INDEX)


def test_detail_stands_between_its_neighbours(as_mona, report):
    found = [report(f"number {number}") for number in range(12)]

    response = as_mona.get(page(found[6], tab="reports"))

    assert titles(response) == [f"number {number}" for number in range(2, 12)]
    assert f'href="{page(found[5], tab="reports")}" rel="prev"' in response.text
    assert f'href="{page(found[7], tab="reports")}" rel="next"' in response.text
    assert "7 of 12" in response.text


# What was decided


@pytest.fixture
def decided(mona, report):
    """Have mona decide many reports long ago, one a minute; return them, the first decision first."""

    def decided(many: int) -> list[Case]:
        found = [report(f"number {number}") for number in range(many)]
        for number, case in enumerate(found):
            decisions.decide(case=case, moderator=mona, decision=Decision(verdict="kept"))
            at = timezone.now() - timedelta(days=1) + timedelta(minutes=number)
            Case.objects.filter(pk=case.pk).update(decided_at=at)
        return found

    return decided


def test_decided_shows_what_was_decided_the_newest_first_and_no_open_case(as_alice, decided, report):
    decided(2)
    report("still open")

    response = as_alice.get(INDEX, {"tab": "decided"})

    assert titles(response) == ["number 1", "number 0"]
    assert prompt_shown(response) == "number 1"
    assert 'href="/moderation/?tab=decided" aria-current="page"' in response.text
    assert "Select" not in response.text


def test_decided_goes_on_where_the_page_ends(as_alice, decided):
    found = decided(28)

    first = as_alice.get(INDEX, {"tab": "decided"})
    more = re.search(r'href="([^"]*)">More</a>', first.text)[1]
    second = as_alice.get(more)

    assert titles(first) == [f"number {number}" for number in range(27, 1, -1)]
    assert more == page(found[1], tab="decided")
    assert titles(second) == [f"number {number}" for number in range(5, -1, -1)]
    assert f'href="{page(found[2], tab="decided")}" rel="prev"' in second.text
    assert f'href="{page(found[0], tab="decided")}" rel="next"' in second.text


def test_decided_is_searched_as_the_others(as_alice, decided):
    decided(3)

    assert titles(as_alice.get(INDEX, {"tab": "decided", "q": "1"})) == ["number 1"]
    assert "No decided case is found" in as_alice.get(INDEX, {"tab": "decided", "q": "nowhere"}).text


def test_decided_case_is_reopened_and_stands_open_beside_the_others(as_alice, decided):
    found = decided(2)

    sent = as_alice.post(page(found[0], "decisions.reopen", tab="decided"))
    response = as_alice.get(sent["Location"])

    assert (sent["Location"], Case.objects.open().get()) == (page(found[0], tab="decided"), found[0])
    assert titles(response) == ["number 1"]
    assert prompt_shown(response) == "number 0"
    assert 'name="verdict"' in response.text


@pytest.mark.parametrize("many", [1, 3])
def test_decided_costs_the_same_for_one_case_and_for_three(
    as_alice, decided, django_assert_num_queries, many
):
    decided(many)
    as_alice.get(INDEX)

    with django_assert_num_queries(15):
        as_alice.get(INDEX, {"tab": "decided"})


# One case


def test_detail_shows_who_said_what_and_the_persons_record(as_mona, report, alice, model, bob):
    case = report(reason="logo", note="They asked us not to.")
    report(by=alice, reason="something_else", image=case.image)

    text = as_mona.get(page(case)).text

    assert "Reported by 2 people" in text
    assert "“They asked us not to.”" in text
    assert "1 picture, 2 reports, 0 upheld" in text
    assert re.search(r'name="reason" value="logo"[^>]*checked', text)


def test_detail_marks_the_matched_words_and_names_the_rule(as_mona, bob, model):
    run = make_generation(bob, model, text="The <Northpeak> logo")
    case = cases.open_for(kind=CaseKind.HELD, generation=run, rule="Client names", matches=[[5, 14]])

    response = as_mona.get(page(case))

    assert prompt_shown(response) == "The &lt;<mark>Northpeak</mark>&gt; logo"
    assert "Client names" in response.text


def test_detail_shows_the_negative_prompt_with_its_marks_where_it_matched(as_mona, bob, model):
    asked = {"negative_prompt": "no <Northpeak>"}
    first, second = (make_generation(bob, model, text="A logo", settings=asked) for _ in "ab")
    matched = cases.open_for(kind=CaseKind.HELD, generation=first, rule="Clients", negative=[[4, 13]])
    other = cases.open_for(kind=CaseKind.HELD, generation=second, rule="Clients", matches=[[2, 6]])

    assert "no &lt;<mark>Northpeak</mark>&gt;" in as_mona.get(page(matched)).text
    assert "Negative prompt" not in as_mona.get(page(other)).text


def test_detail_veils_the_picture_until_it_is_asked_for(as_mona, report):
    case = report()
    picture = page(case, "moderation.picture")

    veiled, shown = as_mona.get(page(case)).text, as_mona.get(page(case, shown=1)).text

    assert (picture in veiled, picture in shown) == (False, True)
    assert page(case, shown=1) in veiled


def test_detail_of_what_became_private_shows_no_picture_at_all_before_it_is_asked_for(as_mona, bob, report):
    case = report()
    sharing.share_image(image=case.image, person=bob, shared=False)

    assert "<img" not in as_mona.get(page(case)).text


def test_t14_picture_of_a_case_is_sent_and_written_down(as_mona, mona, bob, report):
    case = report()
    sharing.share_image(image=case.image, person=bob, shared=False)

    response = as_mona.get(page(case, "moderation.picture"))

    assert b"".join(response.streaming_content).startswith(b"\x89PNG")
    assert response["Cache-Control"] == "private, no-store"
    entry = AuditEntry.objects.get(action="image.opened")
    assert (entry.actor, entry.subject, entry.detail) == (mona, str(case.image_id), {"case": str(case.pk)})


def test_t14_picture_of_an_old_decision_is_refused(as_mona, mona, report):
    case = report()
    decisions.decide(case=case, moderator=mona, decision=Decision(verdict="kept"))
    Case.objects.update(decided_at=timezone.now() - timedelta(days=31))

    response = as_mona.get(page(case, "moderation.picture"))

    assert response.status_code == 403
    assert "You can only open items that were reported or queued for review." in response.text


# Deciding


def test_create_by_a_plain_form_opens_the_next_case(as_mona, report):
    first, second = report("first"), report("second")

    response = decide(as_mona, first, "kept")

    first.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, page(second))
    assert first.verdict == "kept"


def test_create_by_htmx_shows_the_next_case_and_the_decided_one_dimmed(as_mona, report):
    first, second = report("first"), report("second")

    response = decide(as_mona, first, "hidden", htmx=True)

    assert (response.status_code, response["HX-Push-Url"]) == (200, page(second))
    assert titles(response) == ["first", "second"]
    assert lines(response)[0] == "Hidden from the team by you just now"
    assert prompt_shown(response) == "second"
    assert "<!doctype" not in response.text


def test_create_keeps_the_queue_one_goes_through(as_mona, report):
    first, second = report("red one"), report("red two")
    report("green")
    path = page(first, "decisions.create", tab="reports", q="red")

    response = as_mona.post(path, {"verdict": "kept", "version": 1})

    assert urlsplit(response["Location"])[2:4] == (page(second), "tab=reports&q=red")


@pytest.mark.parametrize("htmx", [False, True])
def test_create_second_is_told_and_sees_the_case_as_it_is(as_mona, as_alice, report, htmx):
    case = report()
    decide(as_mona, case, "hidden")

    response = decide(as_alice, case, "removed", htmx=htmx)

    case.refresh_from_db()
    assert (response.status_code, case.verdict) == (409, "hidden")
    assert "Decided by Mona just now." in response.text
    assert "Hidden from the team by Mona just now" in response.text


def test_create_without_saying_why_keeps_what_was_typed(as_mona, report):
    case = report(reason="something_else")

    response = decide(as_mona, case, "removed", reason="", note="Ask Alice")

    assert response.status_code == 422
    assert "Say why: the person reads it." in response.text
    assert 'value="Ask Alice"' in response.text
    assert Case.objects.get().is_open


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"verdict": "approved"}, "This cannot be decided so."),
        ({"verdict": ""}, "Choose what to do."),
        ({"reason": "made up"}, "Choose one of the reasons."),
        ({"suspend": "on"}, "Choose a date."),
        ({"suspend": "on", "until": "soon"}, "This is not a date."),
        ({"suspend": "on", "until": "2020-01-01"}, "in the past"),
    ],
)
def test_create_what_is_wrong_is_said(as_mona, report, more, sentence):
    case = report()

    response = decide(as_mona, case, **{"verdict": "kept"} | more)

    assert response.status_code == 422
    assert sentence in response.text or sentence == "in the past"
    assert Case.objects.get().is_open


def test_t14_create_on_ones_own_thing_is_refused_and_not_offered(as_mona, mona, charlie, model, report):
    case = report(image=make_image(mona, model), by=charlie)

    shown, sent = as_mona.get(page(case)), decide(as_mona, case, "kept")

    assert 'name="verdict"' not in shown.text
    assert (sent.status_code, Case.objects.get().is_open) == (403, True)


def test_undo_and_reopen_open_the_case_again(as_mona, as_alice, report):
    case = report()
    decide(as_mona, case, "hidden")
    undone = as_mona.post(page(case, "decisions.undo"))
    case.refresh_from_db()
    decide(as_mona, case, "hidden")

    reopened = as_alice.post(page(case, "decisions.reopen"), headers=HTMX)

    case.refresh_from_db()
    assert (undone.status_code, undone["Location"]) == (303, page(case))
    assert (reopened.status_code, case.is_open) == (200, True)


def test_several_decides_what_was_selected_and_says_what_was_not(
    as_mona, as_alice, report, mona, model, charlie
):
    chosen = [report(f"number {number}") for number in range(3)]
    own = report(image=make_image(mona, model), by=charlie)
    decide(as_alice, chosen[2], "kept")

    facts = {"verdict": "hidden", "reason": "logo", "case": [f"{case.pk}:1" for case in [*chosen, own]]}
    sent = as_mona.post(reverse("decisions.several"), facts)
    told = as_mona.get(sent["Location"]).text

    verdicts = dict(Case.objects.values_list("pk", "verdict"))
    assert [verdicts[case.pk] for case in [*chosen, own]] == ["hidden", "hidden", "kept", ""]
    assert "Hidden from the team: 2 cases." in told
    assert "Decided by Alice just now." in told
    assert "You have a part in this case" in told


def test_select_offers_a_box_for_each_case_that_can_be_decided_so(as_mona, report):
    cases_ = [report(), report()]

    text = as_mona.get(INDEX, {"select": 1}).text

    assert re.findall(r'name="case" value="(.*?)"', text) == [f"{case.pk}:1" for case in cases_]


# Who looks


def test_look_is_shown_to_the_others_for_a_moment(as_mona, as_alice, mona, report):
    case = report()
    as_mona.post(page(case, "moderation.look"))

    seen, own = as_alice.get(INDEX), as_mona.get(INDEX)
    Look.objects.update(at=timezone.now() - timedelta(minutes=1))
    later = as_alice.get(INDEX)

    assert (lines(seen), lines(own), lines(later)) == (
        ["Mona is looking"],
        ["1 report, Bob"],
        ["1 report, Bob"],
    )


def test_look_answers_htmx_with_the_lines_and_counts_of_now(as_mona, as_alice, report):
    first, second = report(), report()
    decide(as_alice, first, "kept")

    response = as_mona.post(page(second, "moderation.look"), headers=HTMX)

    assert f'id="line-{first.pk}" hx-swap-oob="true">Kept by Alice just now<' in response.text
    assert 'id="count-2" hx-swap-oob="true">1<' in response.text


def test_look_forgets_the_looks_that_are_over(as_mona, as_alice, report, alice):
    case = report()
    Look.objects.create(person=alice, case=case, at=timezone.now() - timedelta(minutes=1))

    as_mona.post(page(case, "moderation.look"))

    assert [look.person.name for look in Look.objects.all()] == ["Mona"]
