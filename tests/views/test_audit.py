"""The audit's page: what it shows, how it is searched and paged, and how it is taken away."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry
from studio.services import accounts, audit
from studio.services.relays import edit
from tests.factories import make_image

INDEX = "/administration/audit/"
EXPORT = "/administration/audit/export/"


def shown(page: str) -> list[str]:
    return re.findall(r'<span class="entry__what">\s*<strong>([^<]+)', page)


def body(response) -> str:
    return b"".join(response.streaming_content).decode()


def test_index_says_who_did_what_to_what_and_why(as_alice, alice, model):
    edit.pause(relay=model.relay, administrator=alice, reason="Invoice unpaid")

    page = as_alice.get(INDEX).text

    assert shown(page)[0] == "Relay paused"
    assert '<span class="entry__object">Sandbox</span>' in page
    assert "Invoice unpaid" in page
    assert f'href="/administration/relays/{model.relay_id}/"' in page


def test_index_shows_before_and_after(as_alice, alice, bob):
    accounts.edit(person=bob, administrator=alice, role="moderator")

    page = " ".join(as_alice.get(INDEX).text.split())

    assert "<td>role</td> <td>member</td> <td>moderator</td>" in page


def test_index_leads_to_the_picture_an_entry_is_about(as_alice, alice, bob, model):
    image = make_image(bob, model, shared=False)
    audit.record(actor=alice, action="image.opened", subject=image.pk)

    assert f'href="/images/{image.pk}/"' in as_alice.get(INDEX).text


def test_index_knows_the_request_an_entry_comes_from(as_alice, alice, model):
    answer = as_alice.post(reverse("relays.pause", args=[model.relay_id]), {"reason": "Repairs"})

    entry = AuditEntry.objects.get(action="relay.paused")
    assert (entry.request_id, entry.address) == (answer["X-Request-Id"], "127.0.0.1")
    assert shown(as_alice.get(INDEX, {"q": entry.request_id}).text) == ["Relay paused"]


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_alice, alice, model, bob, count, django_assert_num_queries):
    for _ in range(count):
        audit.record(actor=alice, action="relay.tested", subject=model.relay_id)
        audit.record(actor=alice, action="person.edited", subject=bob.pk)
        audit.record(actor=bob, action="model.edited", subject=model.pk)
    edit.pause(relay=model.relay, administrator=alice, reason="Repairs")

    with django_assert_num_queries(8):  # session, person, entries; names of three kinds; open cards, troubles
        as_alice.get(INDEX)


def test_index_pages_by_address(as_alice):
    for number in range(120):
        audit.record(actor=None, action="a.b", subject=number)

    first = as_alice.get(INDEX).text
    second = as_alice.get(re.search(r'href="([^"]+before=[^"]+)"', first)[1]).text

    assert (len(shown(first)), len(shown(second))) == (50, 50)
    assert not {re.findall(r"about (\d+)<", first)[0]} & set(re.findall(r"about (\d+)<", second))


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "٣"])
def test_index_of_no_such_page_is_not_found(as_alice, before):
    assert as_alice.get(INDEX, {"before": before}).status_code == 404


@pytest.fixture
def entries(alice, mona) -> None:
    audit.record(actor=alice, action="relay.paused", subject="one", reason="Repairs at noon")
    audit.record(actor=mona, action="image.removed", subject="two", reason="A logo")
    audit.record(actor=None, action="image.purged", subject="two")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Image purged", "Image removed", "Relay paused"]),
        ({"q": "noon"}, ["Relay paused"]),
        ({"who": "mona"}, ["Image removed"]),
        ({"who": "alice@"}, ["Relay paused"]),
        ({"who": "studio"}, ["Image purged"]),
        ({"action": "image"}, ["Image purged", "Image removed"]),
        ({"action": "image.removed"}, ["Image removed"]),
        ({"object": "one"}, ["Relay paused"]),
        ({"action": "image", "who": "mona", "q": "logo"}, ["Image removed"]),
        ({"q": "nothing like it"}, []),
        ({"since": "2001-01-01"}, ["Image purged", "Image removed", "Relay paused"]),
        ({"until": "2001-01-01"}, []),
    ],
)
def test_index_finds_by_each_filter(as_alice, entries, asked, found):
    assert shown(as_alice.get(INDEX, asked).text) == found


def test_index_until_a_day_holds_the_whole_day(as_alice, entries):
    today = timezone.localdate()

    assert len(shown(as_alice.get(INDEX, {"since": today, "until": today}).text)) == 3
    assert shown(as_alice.get(INDEX, {"since": today + timedelta(days=1)}).text) == []


@pytest.mark.parametrize(
    "asked", [{"since": "yesterday"}, {"since": "2026-02-02", "until": "2026-02-01"}, {"q": "x" * 300}]
)
def test_index_says_what_is_wrong_with_a_search_and_keeps_it(as_alice, entries, asked):
    response = as_alice.get(INDEX, asked)

    assert response.status_code == 422
    assert "errorlist" in response.text
    assert all(value in response.text for value in asked.values())


def test_index_shows_hostile_words_as_text(as_alice, alice):
    audit.record(
        actor=alice, action="relay.paused", subject="<b>", reason="</span><img src=x onerror=alert(1)>"
    )

    page = as_alice.get(INDEX).text

    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_index_still_knows_an_actor_who_is_gone(as_alice, bob):
    audit.record(actor=bob, action="image.trashed", subject="one")
    pk = str(bob.pk)
    bob.delete()

    assert f"Somebody who left ({pk[-12:]})" in as_alice.get(INDEX).text


# Taking it away


def test_export_as_csv_has_every_entry_oldest_first_and_no_formula(as_alice, entries, alice):
    audit.record(
        actor=alice, action="relay.paused", subject="=cmd|' /C calc'!A0", reason="@SUM(1)", before={"a": 1}
    )

    response = as_alice.get(EXPORT, {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(body(response))))

    assert response["Content-Disposition"] == f'attachment; filename="audit-{timezone.localdate()}.csv"'
    assert [row["action"] for row in rows] == [
        "relay.paused", "image.removed", "image.purged", "relay.paused", "audit.exported",
    ]  # fmt: skip
    assert (rows[3]["object"], rows[3]["reason"], rows[3]["before"]) == (
        "'=cmd|' /C calc'!A0",
        "'@SUM(1)",
        '{"a": 1}',
    )
    assert (rows[0]["actor"], rows[0]["actor_name"]) == (str(alice.pk), "Alice")


def test_export_as_json_is_what_was_searched(as_alice, entries):
    rows = json.loads(body(as_alice.get(EXPORT, {"format": "json", "action": "image"})))

    assert [(row["action"], row["seq"]) for row in rows] == [("image.removed", 2), ("image.purged", 3)]


def test_export_is_written_down_with_what_was_asked(as_alice, alice, entries):
    body(as_alice.get(EXPORT, {"who": "mona"}))

    entry = AuditEntry.objects.get(action="audit.exported")
    assert (entry.actor, entry.detail) == (alice, {"format": "csv", "asked": {"who": "mona"}})


@pytest.mark.parametrize("asked", [{"format": "xml"}, {"since": "x"}])
def test_export_of_nothing_that_can_be_read_is_not_found(as_alice, asked):
    assert as_alice.get(EXPORT, asked).status_code == 404


def test_export_reads_some_at_a_time(as_alice, monkeypatch):
    monkeypatch.setattr("studio.models.audit.CHUNK", 7)
    for number in range(30):
        audit.record(actor=None, action="a.b", subject=number)

    rows = json.loads(body(as_alice.get(EXPORT, {"format": "json"})))

    assert [row["seq"] for row in rows] == list(range(1, 32))
