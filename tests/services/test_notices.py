"""What people are told: once, in their own inbox, unless they do not want to hear of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from studio.models import Generation, Notice, NoticeKind, Relay, State
from studio.services import generations, notices
from studio.services.drawing import settlement
from studio.services.drawing.settlement import AnswerFacts
from studio.services.relays import health
from studio.words import Reason, say_notice
from studio.words.notices import TOLD
from tests.factories import make_generation


def inbox(person) -> list[str]:
    return list(Notice.objects.visible_to(person).newest_first().values_list("kind", flat=True))


def test_every_kind_has_words_and_every_words_a_kind():
    assert set(TOLD) == set(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_say_notice_says_something_without_any_value(kind):
    head, line = say_notice(kind, {})

    assert head
    assert "{" not in head + line


def test_say_notice_of_a_later_release_says_its_kind():
    assert say_notice("moon_landing", {}) == ("Moon landing", "")


def test_tell_reaches_the_person_alone(bob, charlie):
    notices.tell(person=bob, kind=NoticeKind.DECIDED, verdict="hidden", why="A client’s logo")

    notice = Notice.objects.get()
    assert (inbox(bob), inbox(charlie)) == (["decided"], [])
    assert say_notice(notice.kind, notice.values) == (
        "A moderator hid your picture from the team",
        "A client’s logo",
    )


def test_tell_of_a_muted_kind_is_silent_and_of_one_that_cannot_be_muted_is_not(bob):
    notices.choose(person=bob, wanted=[], digest=True)

    notices.tell(person=bob, kind=NoticeKind.FINISHED)
    notices.tell(person=bob, kind=NoticeKind.OPENED)

    assert inbox(bob) == ["opened"]


def test_choose_keeps_what_is_wanted_and_can_be_taken_back(bob):
    notices.choose(person=bob, wanted=[NoticeKind.FAILED], digest=True)
    assert set(bob.muted.values_list("kind", flat=True)) == set(NoticeKind.choices_of(bob)) - {
        NoticeKind.FAILED
    }

    notices.choose(person=bob, wanted=NoticeKind.choices_of(bob), digest=True)

    assert bob.muted.count() == 0


def test_choices_of_a_member_leave_out_what_administrators_are_told(alice, bob):
    assert NoticeKind.RELAY_PAUSED not in NoticeKind.choices_of(bob)
    assert NoticeKind.RELAY_PAUSED in NoticeKind.choices_of(alice)


def test_tell_administrators_leaves_out_members_suspended_and_who_does_not_want_it(alice, bob, mona):
    notices.tell_administrators(kind=NoticeKind.RELAY_PAUSED, relay="R")
    notices.choose(person=alice, wanted=[], digest=True)
    notices.tell_administrators(kind=NoticeKind.RELAY_PAUSED, relay="R")

    assert [(each.person, each.kind) for each in Notice.objects.all()] == [(alice, "relay_paused")]


def test_tell_everyone_leaves_out_the_suspended(alice, bob, sid):
    notices.tell_everyone(kind=NoticeKind.ANNOUNCEMENT, by=alice, text="Lunch")

    assert set(Notice.objects.values_list("person", flat=True)) == {alice.pk, bob.pk}


def test_read_marks_once(bob):
    notices.tell(person=bob, kind=NoticeKind.HELD)
    mine = Notice.objects.visible_to(bob)

    assert [notices.read(notices=mine), notices.read(notices=mine), mine.unread().count()] == [1, 0, 0]


def test_notice_outlives_who_did_it_and_names_nobody(bob, alice):
    notices.tell(person=bob, kind=NoticeKind.OPENED, by=alice, why="Asked by the client")

    alice.delete()

    assert (Notice.objects.get().by, "Alice" in str(Notice.objects.values().get())) == (None, False)


# When the studio tells


def ended(bob, model, **fields) -> Generation:
    return make_generation(bob, model, state=State.RECEIVED, claimed_by="w", claim="c", **fields)


def test_generation_that_fails_is_told_with_its_reason(bob, model):
    row = ended(bob, model)

    settlement.fail(
        generation=row, to=State.FAILED, why=Reason("busy", tried=3), facts=AnswerFacts(kind="rate_limited")
    )

    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.generation) == (bob, "failed", row)
    assert say_notice(notice.kind, notice.values)[1] == Reason("busy", tried=3).said()


@pytest.mark.parametrize(("minutes", "kinds"), [(0, []), (2, ["finished"])])
def test_generation_that_ends_well_is_told_only_when_it_took_long(bob, model, minutes, kinds):
    row = ended(bob, model)
    row.slots.update(state="saved")
    row.created_at = timezone.now() - timedelta(minutes=minutes)

    settlement.complete(generation=row)

    assert inbox(bob) == kinds


def test_generation_that_was_cancelled_is_not_told(bob, model):
    row = make_generation(bob, model)

    generations.cancel(generation=row, person=bob)

    assert inbox(bob) == []


def test_close_marks_what_was_said_of_the_run_as_read_to_its_person_alone(bob, alice, model):
    row = make_generation(bob, model, state=State.FAILED)
    notices.tell(person=alice, kind=NoticeKind.RELAY_PAUSED, generation=row)
    notices.tell(person=bob, kind=NoticeKind.FAILED, generation=row)
    notices.tell(person=bob, kind=NoticeKind.HELD)

    generations.close(generation=row, person=bob)

    assert set(Notice.objects.unread().values_list("kind", flat=True)) == {"held", "relay_paused"}


def test_relay_that_the_studio_pauses_is_told_to_administrators(alice, bob, model):
    health.pause(Relay.objects.get(), why=Reason("forbidden_addresses", relay="Sandbox", times=3))

    assert (inbox(alice), inbox(bob)) == (["relay_paused"], [])
