"""Reading model lists: over real HTTP from the sandbox, and from a relay that answers exactly what a test says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from studio import tasks
from studio.errors import StudioError
from studio.models import AuditEntry, ImageModel, Relay
from studio.services.relays import catalogue, edit
from studio.services.relays.catalogue import Sync
from tests.relays.chaos import Behaviour, Chaos, answers, answers_json, hangs, reply, resets
from tests.said import FORBIDDEN

KEY = "sk-0123456789abcdwxyz"


@dataclass
class Listed:
    """A relay whose list a test writes."""

    chaos: Chaos
    row: Relay
    rows: list[Any] = field(default_factory=list)

    def tells(self, *rows: Any) -> None:
        self.behaves(answers_json(200, {"data": list(rows)}))

    def behaves(self, behaviour: Behaviour) -> None:
        self.chaos.behaviour = behaviour


@pytest.fixture
def listed(db, settings) -> Iterator[Callable[[str], Listed]]:
    """Makes a relay of any dialect behind a server of its own."""
    made: list[Chaos] = []

    def make(dialect: str = "routeway") -> Listed:
        chaos = Chaos(answers_json(200, {"data": []})).__enter__()
        made.append(chaos)
        settings.RELAY_PRIVATE_ALLOW |= {chaos.spot}
        row = edit.add_relay(name=f"R{len(made)}", dialect=dialect, base_url=f"{chaos.url}/v1", api_key=KEY)
        return Listed(chaos, row)

    yield make
    for chaos in made:
        chaos.__exit__()


def draws(pk: str, /, **facts: Any) -> dict[str, Any]:
    """A row of Routeway's list that draws."""
    return {"id": pk, "endpoints": ["/v1/images/generations"], "supported_sizes": ["1024x1024"]} | facts


def writes(name: str) -> dict[str, Any]:
    return {"id": name, "endpoints": ["/v1/chat/completions"]}


def marks(relay: Relay) -> dict[str, tuple[bool | None, bool, bool]]:
    """Each model's id with whether it draws, is offered, and is gone."""
    rows = relay.models.values_list("model_id", "draws", "enabled", "gone_at")
    return {name: (draws, enabled, gone is not None) for name, draws, enabled, gone in rows}


def problem(relay: Relay) -> tuple[str, str]:
    with pytest.raises(StudioError) as failed:
        catalogue.sync(relay=relay)
    return failed.value.code, failed.value.sentence


# sync


def test_sync_new_relay_offers_what_draws_keeps_what_does_not_say_and_leaves_out_the_rest(listed):
    relay = listed()
    relay.tells(draws("easel"), writes("gpt-5"), {"id": "riddle"}, draws("retired", available=False))

    found = catalogue.sync(relay=relay.row)

    assert marks(relay.row) == {"easel": (True, True, False), "riddle": (None, False, False)}
    assert found == Sync(models=3, draw=1, unknown=1, added=2, ms=found.ms)
    assert found.sentence == f"3 models, 1 draws images, 1 does not say, {found.ms} ms"
    assert relay.row.models.get(model_id="easel").accepts == {"size": ["1024x1024"]}
    assert Relay.objects.get().synced_at
    assert b"GET /v1/models HTTP/1.1" in relay.chaos.requests[0]
    assert f"Authorization: Bearer {KEY}".encode() in relay.chaos.requests[0]


def test_sync_again_changes_nothing_and_writes_nothing_down(listed):
    relay = listed()
    relay.tells(draws("easel"), {"id": "riddle"})
    catalogue.sync(relay=relay.row)
    rows, entries = list(ImageModel.objects.values()), AuditEntry.objects.count()

    found = catalogue.sync(relay=relay.row)

    assert (found.added, found.gone, found.back) == (0, 0, 0)
    assert list(ImageModel.objects.values()) == rows
    assert AuditEntry.objects.count() == entries


def test_sync_updates_what_nobody_set_and_keeps_what_was_set_by_hand(listed, alice):
    relay = listed()
    relay.tells(draws("easel", name="Flux"), draws("other", name="Other"))
    catalogue.sync(relay=relay.row)
    flux = relay.row.models.get(model_id="easel")
    by_hand = {"label": "Our Flux", "accepts": {"seed": []}, "enabled": False, "max_n": 2}
    edit.edit_model(model=flux, administrator=alice, **by_hand)
    relay.tells(
        draws("easel", name="Flux 2", supported_sizes=["512x512"]),
        draws("other", name="Other 2", supported_sizes=["512x512"]),
    )

    catalogue.sync(relay=relay.row)

    rows = relay.row.models.order_by("model_id").values_list("label", "accepts", "enabled", "max_n")
    assert list(rows) == [
        ("Our Flux", {"seed": []}, False, 2),
        ("Other 2", {"size": ["512x512"]}, True, 10),
    ]


def test_sync_vanished_model_is_gone_and_comes_back(listed):
    relay = listed()
    relay.tells(draws("easel"), draws("other"))
    catalogue.sync(relay=relay.row)

    relay.tells(draws("easel"))
    first = catalogue.sync(relay=relay.row)
    gone = marks(relay.row)
    again = catalogue.sync(relay=relay.row)
    relay.tells(draws("easel"), draws("other"))
    last = catalogue.sync(relay=relay.row)

    assert gone == {"easel": (True, True, False), "other": (True, True, True)}
    assert [(found.gone, found.back) for found in (first, again, last)] == [(1, 0), (0, 0), (0, 1)]
    assert marks(relay.row)["other"] == (True, True, False)


def test_sync_model_that_no_longer_draws_is_gone_unless_an_administrator_says_it_draws(listed, alice):
    relay = listed()
    relay.tells({"id": "a"}, {"id": "b"})
    catalogue.sync(relay=relay.row)
    edit.edit_model(model=relay.row.models.get(model_id="b"), administrator=alice, draws=True, enabled=True)
    relay.tells(writes("a"), writes("b"))

    catalogue.sync(relay=relay.row)

    assert marks(relay.row) == {"a": (None, False, True), "b": (True, True, False)}


def test_sync_row_that_begins_to_tell_offers_the_model_and_one_that_stops_changes_nothing(listed):
    relay = listed()
    relay.tells({"id": "a"})
    catalogue.sync(relay=relay.row)
    relay.tells(draws("a"))
    catalogue.sync(relay=relay.row)
    told = marks(relay.row)

    relay.tells({"id": "a"})
    catalogue.sync(relay=relay.row)

    assert told == marks(relay.row) == {"a": (True, True, False)}


def test_sync_model_added_by_hand_stays_until_a_list_has_named_it(listed):
    relay = listed()
    edit.add_model(relay=relay.row, model_id="secret", accepts={})
    relay.tells(draws("easel"))
    catalogue.sync(relay=relay.row)
    unlisted = marks(relay.row)["secret"]

    relay.tells(draws("easel"), draws("secret"))
    catalogue.sync(relay=relay.row)
    relay.tells(draws("easel"))
    catalogue.sync(relay=relay.row)

    assert unlisted == (True, True, False)
    assert marks(relay.row)["secret"] == (True, True, True)


def test_sync_empty_list_makes_nothing_vanish(listed):
    relay = listed()
    relay.tells(draws("easel"))
    catalogue.sync(relay=relay.row)
    relay.tells()

    found = catalogue.sync(relay=relay.row)

    assert (found.models, found.gone) == (0, 0)
    assert marks(relay.row) == {"easel": (True, True, False)}


def test_sync_multiplier_and_hand_ticked_chat_of_routmy(listed, alice):
    relay = listed("routmy")
    rows = [
        {"id": "a/b", "token_multiplier": 1.5, "is_available": True},
        {"id": "c/d", "token_multiplier": "x"},
    ]
    relay.tells(*rows)
    catalogue.sync(relay=relay.row)
    edit.edit_model(
        model=relay.row.models.get(model_id="a/b"), administrator=alice, enabled=True, by_chat=True
    )

    catalogue.sync(relay=relay.row)

    [first, second] = relay.row.models.order_by("model_id")
    assert (first.multiplier, first.by_chat, first.per_call, first.draws) == (Decimal("1.5"), True, 1, True)
    assert (second.multiplier, second.by_chat, second.per_call, second.draws) == (None, False, 10, None)


@pytest.mark.parametrize(
    "row",
    [
        draws("a\x00b"),
        draws("x" * 201),
        draws(" "),
        draws("\ud800"),
        draws("line\nbreak"),
        draws("ok", name="n" * 5000, supported_sizes=["\x00" * 9, 7, None] * 200),
        draws("ok", name={"a": 1}, supported_sizes="1024x1024", supported_parameters=[[]]),
        {"id": "ok", "endpoints": 7, "token_multiplier": 1e400},
        7,
        None,
        [],
    ],
    ids=lambda row: repr(row)[:30],
)
def test_sync_hostile_row_hurts_nothing_and_the_others_are_read(listed, row):
    relay = listed()
    relay.tells(row, draws("easel"), draws("easel"))

    catalogue.sync(relay=relay.row)

    assert set(marks(relay.row)) - {"ok"} == {"easel"}


def test_sync_counts_its_queries_whatever_the_number_of_models(listed):
    relay = listed()
    counts = []
    for number in (1, 150):
        relay.tells(*(draws(f"m{number}-{place}") for place in range(number)))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            catalogue.sync(relay=relay.row)
        counts.append(len([q for q in caught if "SAVEPOINT" not in q["sql"]]))

    assert counts == [
        6,
        7,
    ]  # the relay, its models, new ones, (gone ones,) the relay's moment, the audit's last and new


def test_sync_by_an_administrator_is_written_down(listed, alice):
    relay = listed()
    relay.tells(draws("easel"))

    found = catalogue.sync(relay=relay.row, administrator=alice)
    catalogue.sync(relay=relay.row, administrator=alice)

    entries = AuditEntry.objects.filter(action="relay.synced").order_by("pk")
    assert [(entry.actor, entry.subject) for entry in entries] == [(alice, str(relay.row.pk))] * 2
    assert entries[0].detail == {"models": 1, "draw": 1, "unknown": 0, "ms": found.ms, "added": 1}


@pytest.mark.django_db(transaction=True)
def test_sync_two_at_once_make_each_model_once(listed):
    relay = listed()
    relay.tells(*(draws(f"m{number}") for number in range(40)))
    outcomes: list[Sync] = []

    def run() -> None:
        try:
            outcomes.append(catalogue.sync(relay=relay.row))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found.added for found in outcomes) == [0, 0, 0, 40]
    assert relay.row.models.count() == 40


@pytest.mark.django_db(transaction=True)
def test_sync_holds_no_connection_while_it_asks(listed, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite's connection stays: it costs no server")
    relay, seen = listed(), []
    relay.tells(draws("easel"))
    ask = catalogue.open_relay

    def spy(**facts: Any) -> Any:
        line = ask(**facts)
        models = line.models
        line.models = lambda **more: (seen.append(connection.connection), models(**more))[1]
        return line

    monkeypatch.setattr(catalogue, "open_relay", spy)
    Relay.objects.count()

    catalogue.sync(relay=relay.row)

    assert seen == [None]


# what went wrong


def error(code: str = "", message: str = "no") -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": "x"}}


ANSWERS: dict[str, tuple[Behaviour, str, str]] = {
    "401": (answers_json(401, error()), "auth", "The key was refused (401)."),
    "403": (answers_json(403, error()), "auth", "The key was refused (403)."),
    "403 plan": (
        answers_json(403, error(message="Not in your plan")),
        *("not_open", "The key may not list the models (403)."),
    ),
    "403 page": (
        answers(reply(403, b"<html>Attention Required!", {"Content-Type": "text/html"})),
        *("not_open", "Something in front of the relay blocked the request (403)."),
    ),
    "402": (answers_json(402, error()), "out_of_funds", "The account at the relay is empty (402)."),
    "policy": (
        answers_json(400, error("content_policy_violation")),
        *("blocked", "The relay refused to list its models (400)."),
    ),
    "429": (
        answers_json(429, error(), {"Retry-After": "7"}),
        "rate_limited",
        "The relay is busy (429). Try again in 7 s.",
    ),
    "429 alone": (answers_json(429, error()), "rate_limited", "The relay is busy (429). Try again later."),
    "404": (
        answers_json(404, error()),
        *("wrong_address", "There is no list of models at this address (404). Check the base URL."),
    ),
    "404 model": (
        answers_json(404, error("model_not_found")),
        *("model_gone", "There is no list of models at this address (404). Check the base URL."),
    ),
    "422": (answers_json(422, error()), "invalid", "The relay did not accept the request (422)."),
    "301": (
        answers(reply(301, b"", {"Location": "https://elsewhere.example/"})),
        *("wrong_address", "The address leads elsewhere (301). Enter the one it leads to."),
    ),
    "500": (answers_json(500, error()), "transient", "The relay failed (500). Try again later."),
    "504": (answers_json(504, error()), "unknown", "The relay failed (504). Try again later."),
    "html": (
        answers(reply(200, b"<html>Welcome", {"Content-Type": "text/html"})),
        *("bad_answer", "The answer is no list of models (200). Check the base URL and the dialect."),
    ),
    "no list": (
        answers_json(200, {"data": {"a": 1}}),
        *("bad_answer", "The answer is no list of models (200). Check the base URL and the dialect."),
    ),
    "huge": (
        answers(reply(200, b" " * (4 * 1024 * 1024 + 1))),
        *("bad_answer", "The list of models is larger than 4 MB and was not read."),
    ),
    "hang": (hangs, "unknown", "The relay took the request and did not answer in time."),
    "reset": (resets(), "unknown", "Contact with the relay was lost before it had answered."),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_sync_and_probe_say_what_went_wrong_and_change_no_model(listed, monkeypatch, case, alice):
    monkeypatch.setattr(catalogue, "DEADLINE", 0.6)
    relay, (behaviour, kind, sentence) = listed(), ANSWERS[case]
    relay.tells(draws("easel"))
    catalogue.sync(relay=relay.row)
    relay.behaves(behaviour)

    said = problem(relay.row)
    probed = catalogue.probe_relay(relay=relay.row, administrator=alice)

    assert said == (kind, sentence)
    assert (probed.kind, probed.sentence, probed.works, probed.models) == (kind, sentence, False, 0)
    assert probed.reached == (case not in ("hang", "reset"))
    assert marks(relay.row) == {"easel": (True, True, False)}


def test_sync_nothing_listens_is_said(listed):
    relay = listed()
    relay.chaos.__exit__()

    assert problem(relay.row) == ("not_sent", "The relay could not be reached. Nothing was sent.")


def test_sync_unreadable_key_is_said(listed):
    relay = listed()
    Relay.objects.update(sealed_key="not a token")

    _, sentence = problem(Relay.objects.get())

    assert sentence == f"The key of {relay.row.name} cannot be read. Enter it again."
    assert relay.chaos.requests == []


def test_sync_relays_words_and_key_reach_nobody(listed, alice):
    relay = listed()
    relay.behaves(answers_json(401, error(message=f"<b>Wrong key {KEY}</b>")))

    _, sentence = problem(relay.row)

    trouble = Relay.objects.get().what_is_wrong.said()
    written = sentence + trouble + json.dumps(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert KEY not in written
    assert "<b>" not in written


def test_sync_failure_that_nobody_sees_is_the_relays_trouble_until_it_works(listed, alice):
    relay = listed()
    relay.behaves(answers_json(401, error()))
    problem(relay.row)
    trouble = Relay.objects.get().what_is_wrong.said()
    relay.tells(draws("easel"))

    catalogue.sync(relay=relay.row)

    assert trouble == f"The models of {relay.row.name} could not be read. The key was refused (401)."
    assert (Relay.objects.get().trouble, Relay.objects.get().trouble_at) == ("", None)


def test_sync_failure_that_an_administrator_sees_stays_the_relays_trouble(listed, alice):
    relay = listed()
    relay.behaves(answers_json(401, error()))

    with pytest.raises(StudioError):
        catalogue.sync(relay=relay.row, administrator=alice)

    assert Relay.objects.get().trouble == "relay_list_unread"
    entry = AuditEntry.objects.get(action="relay.synced")
    assert (entry.actor, entry.subject, entry.detail) == (alice, str(relay.row.pk), {"kind": "auth"})


def test_sync_leaves_a_worse_trouble_alone(listed):
    relay = listed()
    Relay.objects.update(trouble="relay_was_paused")
    relay.behaves(answers_json(500, error()))
    problem(relay.row)
    relay.tells(draws("easel"))

    catalogue.sync(relay=Relay.objects.get())

    assert Relay.objects.get().trouble == "relay_was_paused"


# probe


def test_probe_says_models_images_and_time_and_changes_nothing(listed, alice):
    relay = listed()
    relay.tells(draws("easel"), draws("other"), writes("gpt"))

    found = catalogue.probe_relay(relay=relay.row, administrator=alice)

    assert (found.reached, found.works, found.kind, found.models, found.draw) == (True, True, "", 3, 2)
    assert found.sentence == f"3 models, 2 draw images, {found.ms} ms"
    assert not ImageModel.objects.exists()
    entry = AuditEntry.objects.get(action="relay.tested")
    assert (entry.actor, entry.subject) == (alice, str(relay.row.pk))
    assert entry.detail == {"kind": "", "models": 3, "ms": found.ms}


@pytest.mark.parametrize("listening", [True, False])
def test_t06_probe_forbidden_address_says_the_same_whether_anything_listens(db, listening, alice):
    with Chaos(hangs) as chaos:
        if not listening:
            chaos.__exit__()
        found = catalogue.probe(
            dialect="openai", base_url=f"https://{chaos.spot}/v1", api_key=KEY, administrator=alice
        )
        connections = chaos.connections

    assert (found.reached, found.kind, found.sentence) == (False, "not_sent", FORBIDDEN)
    assert connections == 0


@pytest.mark.parametrize("key", ["", None, "schlüssel"])
def test_probe_without_a_usable_key_is_never_fine(listed, alice, key):
    relay = listed()
    relay.tells(draws("easel"))

    found = catalogue.probe(dialect="routeway", base_url=relay.row.base_url, api_key=key, administrator=alice)

    assert (found.works, found.kind) == (False, "auth")
    assert found.sentence == "The key is empty or holds characters that cannot be sent."
    assert relay.chaos.requests == []


# tickets


def test_sync_relay_reads_the_list_once_a_minute_at_most(listed):
    relay = listed()
    relay.tells(draws("easel"))

    for _ in range(3):
        tasks.sync_relay.call(str(relay.row.pk))

    assert len(relay.chaos.requests) == 1
    assert marks(relay.row) == {"easel": (True, True, False)}


def test_sync_relay_failure_and_vanished_relay_end_quietly(listed):
    relay = listed()
    relay.behaves(answers_json(401, error()))

    tasks.sync_relay.call(str(relay.row.pk))
    Relay.objects.update(enabled=False)
    tasks.sync_relay.call(str(relay.row.pk))

    assert len(relay.chaos.requests) == 1
    assert Relay.objects.get().what_is_wrong.said().endswith("The key was refused (401).")


@contextmanager
def tickets_taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    taken: list[str] = []
    ticket = type("Ticket", (), {"enqueue": staticmethod(taken.append)})
    with monkeypatch.context() as patch:
        patch.setattr(tasks, "sync_relay", ticket)
        yield taken


def test_refresh_stale_makes_a_ticket_for_each_list_a_day_old(
    listed, monkeypatch, django_capture_on_commit_callbacks
):
    fresh, old, never, off = (listed().row for _ in range(4))
    Relay.objects.filter(pk=fresh.pk).update(synced_at=catalogue.Now())
    Relay.objects.filter(pk=old.pk).update(synced_at=catalogue.Now() - 2 * catalogue.A_DAY)
    Relay.objects.filter(pk=off.pk).update(enabled=False)

    with tickets_taken(monkeypatch) as taken, django_capture_on_commit_callbacks(execute=True):
        catalogue.refresh_stale()

    assert sorted(taken) == sorted([str(old.pk), str(never.pk)])
