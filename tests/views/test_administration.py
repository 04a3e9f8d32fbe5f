"""The first page of administration, the settings, the kill switch, announcements, and what machines ask."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from config import env
from studio import VERSION
from studio.models import Image, Installation, Relay, State, WorkerProcess
from studio.services import health, sharing, team
from studio.services.drawing import leases
from studio.storages import WrongClock
from studio.words import NO_REASON, Reason
from tests.factories import make_generation, make_image, make_old_image

INDEX, SETTINGS = "/administration/", "/administration/settings/"
DRAWING, ANNOUNCEMENT = "/administration/drawing/", "/administration/announcement/"


def facts(page: str) -> dict[str, str]:
    return {
        name.strip(): value.strip()
        for name, value in re.findall(r"<dt>([^<]+)</dt>\s*<dd>([^<]+)</dd>", page)
    }


def test_index_says_how_the_studio_stands(as_alice, bob, model):
    make_image(bob, model)
    make_generation(bob, model)
    make_generation(bob, model, state=State.SENT)
    row = make_generation(bob, model, state=State.FAILED, error_kind="auth")
    type(row).objects.filter(pk=row.pk).update(settled_at=timezone.now())
    leases.say_alive()

    page = as_alice.get(INDEX).text

    found = facts(page)
    assert (found["Waiting"], found["Being drawn"], found["Images"]) == ("1", "1", "1")
    assert (found["Runs that failed"], found["Key refused"]) == ("1", "1")
    assert (found["Takes pictures"], found["Version"]) == ("yes", VERSION)
    assert re.fullmatch(r"0 running, seen \d s ago", found[settings.MACHINE])
    assert "All is well" in page


def test_index_names_each_trouble_with_its_next_step(as_alice, alice, model):
    Relay.objects.update(trouble="relay_key_refused", trouble_values={"relay": "Sandbox"})
    team.stop_drawing(administrator=alice, why="No money")

    page = as_alice.get(INDEX).text

    assert "No worker has given a sign of life" in page
    assert "Sandbox refused the studio&#x27;s key." in page
    assert f'href="/administration/relays/{model.relay_id}/"' in page
    assert "Drawing is stopped for everybody." in page
    assert "All is well" not in page


def test_index_knows_a_worker_that_died(as_alice):
    leases.say_alive()
    WorkerProcess.objects.update(seen_at=timezone.now() - timedelta(minutes=10))

    page = as_alice.get(INDEX).text

    assert facts(page)[settings.MACHINE].startswith("last seen 10 min ago")
    assert "No worker has given a sign of life" in page


def test_index_of_a_new_studio_knows_the_room_before_the_first_answer_has_come(as_alice, settings, tmp_path):
    settings.SPOOL_DIR = tmp_path / "not" / "there"
    leases.say_alive()

    page = as_alice.get(INDEX).text

    assert facts(page)["Free for answers"] != "0 B"
    assert "All is well" in page


def test_index_knows_a_disk_that_is_nearly_full(as_alice, monkeypatch):
    monkeypatch.setattr("studio.services.health.FLOOR", 2**62)

    assert "below 1 GB nothing is asked for" in as_alice.get(INDEX).text


def test_index_knows_a_storage_that_takes_nothing(as_alice, monkeypatch):
    def refuse(*_: object) -> str:
        raise OSError("read-only")

    monkeypatch.setattr(type(default_storage), "save", refuse, raising=False)

    page = as_alice.get(INDEX).text

    assert "The storage takes no pictures." in page
    assert facts(page)["Takes pictures"] == "no"


def test_row_36_index_says_that_the_clock_is_wrong_where_the_storage_refuses_it(as_alice, monkeypatch):
    def refuse(*_: object) -> str:
        raise WrongClock("RequestTimeTooSkewed")

    monkeypatch.setattr(type(default_storage), "save", refuse, raising=False)

    page = as_alice.get(INDEX).text

    assert "The storage refuses what this machine signs: its clock is wrong." in page
    assert facts(page)["Takes pictures"] == "no"


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_alice, bob, model, count, django_assert_num_queries):
    for _ in range(count):
        make_image(bob, model)
        make_generation(bob, model)

    with django_assert_num_queries(13):
        as_alice.get(INDEX)


def test_version_is_that_of_the_project():
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert tomllib.loads(text)["project"]["version"] == VERSION


# What machines ask


def test_live_asks_the_database_nothing(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/health/live")

    assert (response.status_code, response.content) == (200, b"ok")


@pytest.fixture
def never_tried(monkeypatch) -> None:
    monkeypatch.setattr(health, "_tried", (-health.TRY_EVERY, False))


@pytest.fixture
def worker(db) -> WorkerProcess:
    return WorkerProcess.objects.create(name="here:1", seen_at=Now())


@pytest.mark.parametrize("address", ["/readyz", "/health/ready"])
def test_ready_says_what_is_ready(address, client, worker, never_tried):
    response = client.get(address)

    assert (response.status_code, response.json()) == (
        200,
        dict.fromkeys(["database", "migrations", "storage", "worker", "staying"], True),
    )


def test_ready_is_503_without_a_worker_and_while_the_studio_is_stopped(
    client, worker, never_tried, settings, tmp_path
):
    settings.STATE_DIR = tmp_path
    WorkerProcess.objects.update(seen_at=Now() - timedelta(seconds=61))
    (tmp_path / health.STOPPING).touch()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert [name for name, is_so in response.json().items() if not is_so] == ["worker", "staying"]


def test_ready_tries_the_storage_once_in_a_while(client, db, never_tried, monkeypatch):
    tries: list[int] = []
    monkeypatch.setattr(health, "refusal", lambda: tries.append(1) or NO_REASON)

    for _ in range(3):
        client.get("/health/ready")

    assert tries == [1]


def test_ready_is_503_while_the_storage_takes_nothing(client, db, never_tried, monkeypatch):
    monkeypatch.setattr(health, "refusal", lambda: Reason("storage_not_writable"))

    response = client.get("/health/ready")

    assert (response.status_code, response.json()["storage"]) == (503, False)


# Settings


def test_settings_shows_each_variable_with_its_source_and_no_secret(as_alice, settings):
    page = as_alice.get(SETTINGS).text

    assert re.findall(r"<td><code>(\w+)</code></td>", page) == sorted(env.REGISTERED)
    assert settings.SECRET_KEY not in page


def test_told_masks_passwords_in_addresses(monkeypatch):
    monkeypatch.setitem(env.REGISTERED, "DATABASE_URL", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://bob:secret@db.example:5432/studio?key=hidden")
    monkeypatch.setenv("SECRET_KEY", "very-secret")

    told = {each.name: each for each in env.told()}

    assert told["DATABASE_URL"] == ("DATABASE_URL", "postgresql://…@db.example:5432/studio", "environment")
    assert told["SECRET_KEY"].value == "set"


def test_settings_changes_the_teams_choices(as_alice, as_bob):
    sent = {"shared": "0", "retention_days": "", "message": "Use the new relay"}

    response = as_alice.post(SETTINGS, sent, follow=True)

    row = Installation.objects.get()
    assert (row.shared, row.retention_days, row.message) == (False, None, "Use the new relay")
    assert "It holds everywhere within two seconds." in response.text
    assert "Use the new relay" in as_bob.get("/").text


def test_settings_has_everybodys_pictures_looked_at_from_then_on(as_alice, bob, charlie, model):
    image = make_image(bob, model, shared=False)

    as_alice.post(SETTINGS, {"shared": "", "review": "everybody", "retention_days": "", "message": ""})
    sharing.share_image(image=image, person=bob, shared=True)

    assert not Image.objects.visible_to(charlie).filter(pk=image.pk).exists()
    assert Image.objects.visible_to(bob).filter(pk=image.pk).exists()


def test_settings_previews_what_retention_would_delete_before_it_is_saved(as_alice, bob, model):
    make_old_image(bob, model, 99)
    sent = {"shared": "", "retention_days": "30", "message": "Kept as typed"}

    asked = as_alice.post(SETTINGS, sent)
    assert "1 picture would go to the trash now, 0 favourites excluded." in asked.text
    assert "Kept as typed" in asked.text
    assert not Installation.objects.exclude(retention_days=None).exists()
    as_alice.post(SETTINGS, sent | {"sure": "1"})

    assert Installation.objects.get().retention_days == 30


@pytest.mark.parametrize(
    "sent", [{"retention_days": "3"}, {"retention_days": "x"}, {"shared": "9"}, {"message": "x" * 301}]
)
def test_settings_keeps_what_was_typed_when_it_is_wrong(as_alice, sent):
    response = as_alice.post(SETTINGS, {"message": "Mine"} | sent)

    assert response.status_code == 422
    assert "errorlist" in response.text
    assert sent.get("message", "Mine") in response.text


# The kill switch


def test_drawing_stopped_is_read_by_everybody_and_waits(as_alice, as_bob, bob, model):
    make_generation(bob, model)

    response = as_alice.post(DRAWING, {"why": "The bill is unpaid"})

    page = as_bob.get("/").text
    assert response.status_code == 303
    assert "Drawing is stopped for everybody; what you ask for waits. The bill is unpaid" in page
    assert "Waiting: drawing is stopped for everybody. The bill is unpaid" in page
    assert "Waits: drawing is stopped" in page
    as_alice.post(DRAWING, {"on": "1"})
    assert "Drawing is stopped" not in as_bob.get("/").text


@pytest.mark.parametrize("htmx", [{}, {"HX-Request": "true"}])
def test_drawing_without_a_reason_is_422_beside_the_field(as_alice, htmx):
    response = as_alice.post(DRAWING, {"why": ""}, headers=htmx)

    assert response.status_code == 422
    assert "Say why: everybody reads this." in response.text


def test_drawing_stopped_twice_is_409(as_alice):
    as_alice.post(DRAWING, {"why": "One"})

    assert as_alice.post(DRAWING, {"why": "Two"}).status_code == 409


# Announcements


def test_announcement_stands_above_every_page_until_each_puts_it_away(as_alice, as_bob, as_charlie):
    as_alice.post(ANNOUNCEMENT, {"text": "<b>Lunch</b> at noon", "ends_at": ""})
    assert "&lt;b&gt;Lunch&lt;/b&gt; at noon" in as_bob.get("/gallery/").text

    response = as_bob.post(reverse("administration.dismissal"), {"next": "/gallery/"})

    assert (response.status_code, response["Location"]) == (303, "/gallery/")
    assert "at noon" not in as_bob.get("/gallery/").text
    assert "at noon" in as_charlie.get("/gallery/").text
    as_alice.post(ANNOUNCEMENT, {"text": "Dinner at eight"})
    assert "Dinner at eight" in as_bob.get("/gallery/").text
    as_alice.post(ANNOUNCEMENT, {"withdraw": "1"})
    assert "Dinner at eight" not in as_bob.get("/gallery/").text


NO_NEWS = [
    {"text": ""},
    {"text": "Lunch", "ends_at": "2001-01-01T12:00"},
    {"text": "Lunch", "ends_at": "noon"},
]


@pytest.mark.parametrize("sent", NO_NEWS)
def test_announcement_that_cannot_be_is_422_and_kept(as_alice, sent):
    response = as_alice.post(ANNOUNCEMENT, sent)

    assert response.status_code == 422
    assert "errorlist" in response.text
    assert sent["text"] in response.text


@pytest.mark.parametrize("to", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_dismissal_leads_nowhere_else(as_bob, to):
    assert as_bob.post(reverse("administration.dismissal"), {"next": to})["Location"] == "/"
