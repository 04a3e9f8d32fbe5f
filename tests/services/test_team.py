"""What administrators decide for everybody: the kill switch, choices, announcements, how long pictures are kept."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from studio.errors import Conflict, StudioError
from studio.models import AuditEntry, Image, Installation, Notice, State, installation
from studio.models.installation import _Read
from studio.services import images, retention, team
from studio.services.drawing import claims
from tests.factories import make_generation, make_old_image


def last_entry() -> AuditEntry:
    return AuditEntry.objects.newest_first()[0]


# The kill switch


def test_stop_drawing_leaves_what_waits_unclaimed_and_resuming_lets_it_go(alice, bob, model):
    row = make_generation(bob, model)

    team.stop_drawing(administrator=alice, why="The bill is unpaid")
    stopped = claims.claim_next("w")
    team.resume_drawing(administrator=alice)
    resumed = claims.claim_next("w")

    assert (stopped, resumed) == (None, row)


def test_stop_drawing_still_saves_an_answer_that_has_come(alice, bob, model):
    row = make_generation(bob, model, state=State.RECEIVED)
    team.stop_drawing(administrator=alice, why="The bill is unpaid")

    assert claims.claim_next("w") == row


def test_stop_drawing_asks_the_database_nothing_more_at_a_claim(alice, bob, model, django_assert_num_queries):
    make_generation(bob, model)
    team.stop_drawing(administrator=alice, why="No")
    with django_assert_num_queries(3):  # limited relays, running, waiting
        claims.claim_next("w")


def test_stop_drawing_is_written_down_once(alice):
    team.stop_drawing(administrator=alice, why="The bill is unpaid")
    with pytest.raises(Conflict, match="stopped already"):
        team.stop_drawing(administrator=alice, why="Again")

    assert (last_entry().action, last_entry().detail) == ("drawing.stopped", {"reason": "The bill is unpaid"})
    assert installation().stopped_why == "The bill is unpaid"


def test_stop_drawing_wants_a_reason(alice):
    with pytest.raises(StudioError, match="Say why"):
        team.stop_drawing(administrator=alice, why="  ")

    assert not Installation.objects.exclude(stopped_at=None).exists()


def test_resume_drawing_of_what_is_not_stopped_is_a_conflict(alice):
    with pytest.raises(Conflict):
        team.resume_drawing(administrator=alice)


# Choices


def test_choose_holds_at_once_in_this_process_and_is_written_down(alice, bob, settings):
    settings.DEFAULT_SHARED = True
    assert bob.shares

    team.choose(administrator=alice, shared=False, message="Hello")

    assert not bob.shares
    assert (last_entry().action, last_entry().actor) == ("team.chose", alice)
    assert last_entry().detail["after"] == {"shared": False, "message": "Hello"}


def test_choose_of_the_same_writes_nothing(alice):
    assert team.choose(administrator=alice, message="") is False
    assert AuditEntry.objects.count() == 0


def test_installation_is_read_again_after_two_seconds(monkeypatch, db):
    monkeypatch.setattr(_Read, "until", 0.0)
    assert installation().message == ""
    Installation.objects.update_or_create(pk=1, defaults={"message": "From another machine"})
    assert installation().message == ""

    monkeypatch.setattr(_Read, "until", _Read.until - 3)

    assert installation().message == "From another machine"


# Announcements


def test_announce_tells_everybody_and_withdrawing_takes_it_back(alice, bob, sid):
    team.announce(administrator=alice, text="Lunch at noon")
    assert installation().news == "Lunch at noon"
    assert set(Notice.objects.values_list("person", flat=True)) == {alice.pk, bob.pk}

    team.withdraw_announcement(administrator=alice)

    assert installation().news == ""
    assert last_entry().detail == {"before": {"text": "Lunch at noon"}}


def test_announcement_ends_by_itself(alice):
    team.announce(administrator=alice, text="Soon", ends_at=timezone.now() + timedelta(hours=1))
    assert installation().news == "Soon"

    Installation.objects.update(announcement_ends_at=timezone.now() - timedelta(seconds=1))

    assert Installation.objects.get().news == ""


@pytest.mark.parametrize(("text", "hours", "field"), [(" ", None, "text"), ("Lunch", -1, "ends_at")])
def test_announce_refuses_what_nobody_could_read(alice, text, hours, field):
    ends_at = hours and timezone.now() + timedelta(hours=hours)

    with pytest.raises(StudioError) as caught:
        team.announce(administrator=alice, text=text, ends_at=ends_at)

    assert caught.value.param == field
    assert Notice.objects.count() == 0


# How long pictures are kept


def test_retention_does_what_its_preview_says(alice, bob, charlie, model):
    for days in (5, 40, 50, 60):
        make_old_image(bob, model, days)
    liked = make_old_image(bob, model, 90)
    images.favourite(image=liked, person=charlie, liked=True)

    preview = retention.preview(days=30)
    before = Image.objects.in_trash().count()
    team.choose(administrator=alice, retention_days=30)
    gone = retention.expire()

    assert (preview.goes, preview.stays, before, gone) == (3, 1, 0, 3)
    assert Image.objects.kept().count() == 2
    assert Image.objects.kept().filter(pk=liked.pk).exists()
    assert (last_entry().action, last_entry().detail) == ("image.expired", {"n": 3, "days": 30})
    assert retention.expire() == 0


def test_retention_that_nobody_chose_keeps_everything(bob, model):
    make_old_image(bob, model, 4000)

    assert retention.expire() == 0
    assert Image.objects.kept().count() == 1


def test_settings_tell_no_secret(settings):
    told = json.dumps(list(settings.VARIABLES))

    assert settings.SECRET_KEY not in told
    assert {each.name: each.value for each in settings.VARIABLES}["SECRET_KEY"] in ("", "set")
