"""A decision as its person reads it, and the appeal."""

import pytest
from django.urls import reverse

from studio.models import Case, CaseKind, Notice
from studio.services.moderation import cases, decisions
from studio.services.moderation.decisions import Decision
from tests.factories import make_image


@pytest.fixture
def case(bob, mona, model) -> Case:
    image = make_image(bob, model, text="A tower")
    case = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)
    said = {"reason": "logo", "words": "Ask first.", "note": "Third time."}
    decisions.decide(case=case, moderator=mona, decision=Decision(verdict="removed", **said))
    return case


def page(case):
    return reverse("appeals.detail", args=[case.pk])


def test_detail_says_what_was_decided_and_why_and_no_more(as_bob, case):
    text = as_bob.get(page(case)).text

    assert "A moderator removed your picture" in text
    assert "Client’s name or logo. Ask first." in text
    assert "Third time." not in text
    assert "Mona" not in text


def test_detail_is_where_the_notice_leads(as_bob, bob, case):
    notice = Notice.objects.visible_to(bob).get()

    response = as_bob.post(reverse("notices.reading", args=[notice.pk]))

    assert response["Location"] == page(case)


def test_detail_takes_one_appeal(as_bob, case):
    empty = as_bob.post(page(case), {"text": ""})
    sent = as_bob.post(page(case), {"text": "The client agreed."})
    told = as_bob.get(page(case)).text

    assert (empty.status_code, sent.status_code, sent["Location"]) == (422, 303, page(case))
    assert "You have appealed." in told
    assert "<textarea" not in told
    assert Case.objects.open().get().detail == {"text": "The client agreed."}


def test_detail_shows_the_answer(as_bob, as_alice, alice, case):
    as_bob.post(page(case), {"text": "The client agreed."})
    appeal = Case.objects.open().get()
    shown = as_alice.get(reverse("moderation.detail", args=[appeal.pk])).text
    facts = {"verdict": "upheld", "version": 1, "words": "They did not."}
    as_alice.post(reverse("decisions.create", args=[appeal.pk]), facts)

    text = as_bob.get(page(case)).text

    assert "“The client agreed.”" in shown
    assert "Removed by Mona" in shown
    assert "left the decision as it is" in text
    assert "They did not." in text
