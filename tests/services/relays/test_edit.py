import socket

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from studio.errors import Conflict, StudioError
from studio.models import AuditEntry, ImageModel, Relay, Role, User
from studio.services.relays import addresses, edit
from tests.said import FORBIDDEN

pytestmark = pytest.mark.django_db


def _add(**fields) -> Relay:
    given = {
        "name": "R",
        "dialect": "openai",
        "base_url": "https://relay.example/v1",
        "api_key": "sk-0123456789abcd",
    }
    return edit.add_relay(**(given | fields))


def test_add_relay_again_brings_the_same_row_up_to_date():
    first = _add()

    second = _add(base_url="https://other.example/v1", api_key="sk-another-key-wxyz")

    row = Relay.objects.get()
    assert first == second == row
    assert (row.base_url, row.api_key, row.key_ending) == (
        "https://other.example/v1",
        "sk-another-key-wxyz",
        "wxyz",
    )


@pytest.mark.parametrize("wrong", [{"dialect": "telepathy"}, {"base_url": "not a url"}, {"name": "x" * 61}])
def test_add_relay_wrong_facts_are_refused(wrong: dict[str, str]):
    with pytest.raises(ValidationError):
        _add(**wrong)

    assert Relay.objects.count() == 0


def test_add_model_again_brings_the_same_row_up_to_date():
    relay = _add()
    edit.add_model(relay=relay, model_id="m", accepts={})

    edit.add_model(relay=relay, model_id="m", label="M", accepts={"quality": []}, max_n=2)

    row = ImageModel.objects.get()
    assert (row.label, row.accepts, row.max_n) == ("M", {"quality": []}, 2)


# Pages: add and edit

KEY = "sk-0123456789abcd"
FACTS = {
    "name": "Atelier",
    "dialect": "openai",
    "base_url": "https://1.1.1.1/v1",
    "enabled": True,
    "at_once": None,
    "per_minute": None,
    "retries": True,
}


def last_entry() -> tuple[str, str, dict]:
    row = AuditEntry.objects.order_by("-pk").first()
    return row.action, row.subject, row.detail


@pytest.fixture
def atelier(alice) -> Relay:
    return edit.add(administrator=alice, api_key=KEY, **FACTS)


def _edit(relay: Relay, person: User, **changes) -> Relay:
    return edit.edit(relay=relay, administrator=person, **(FACTS | {"api_key": None} | changes))


def test_add_relay_of_a_page_is_kept_and_written_down_without_its_key(alice, atelier):
    row = Relay.objects.get()

    assert (row.name, row.base_url, row.api_key, row.key_ending) == (
        "Atelier",
        FACTS["base_url"],
        KEY,
        "abcd",
    )
    assert last_entry() == ("relay.added", str(row.pk), {"after": FACTS})
    assert KEY not in str(list(AuditEntry.objects.values()))


def test_add_slash_and_spaces_are_cut_off(alice):
    row = edit.add(
        administrator=alice,
        **FACTS | {"name": " A ", "base_url": " https://1.1.1.1/v1/ ", "api_key": f" {KEY} "},
    )

    assert (row.name, row.base_url, row.api_key) == ("A", "https://1.1.1.1/v1", KEY)


def test_add_goes_behind_the_others_and_before_the_sandbox(alice, model):
    first = edit.add(administrator=alice, api_key=KEY, **FACTS)
    second = edit.add(administrator=alice, api_key=KEY, **FACTS | {"name": "Aardvark"})

    assert list(Relay.objects.all()) == [first, second, model.relay]


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"base_url": "https://10.0.0.1/v1"}, "base_url", FORBIDDEN),
        (
            {"base_url": "https://1.1.1.1/v1?key=1"},
            "base_url",
            "Leave out the ? or # in the address and what follows it.",
        ),
        ({"api_key": ""}, "api_key", "A key has no spaces and only plain characters. Copy it again."),
        ({"api_key": "sk-ключ"}, "api_key", "A key has no spaces and only plain characters. Copy it again."),
        ({"dialect": "morse"}, "dialect", "Value 'morse' is not a valid choice."),
        ({"at_once": 0}, "at_once", "Ensure this value is greater than or equal to 1."),
    ],
)
def test_add_what_cannot_be_names_the_field(alice, wrong, field, sentence):
    with pytest.raises(StudioError) as refused:
        edit.add(administrator=alice, **(FACTS | {"api_key": KEY} | wrong))

    assert (refused.value.param, refused.value.sentence) == (field, sentence)
    assert not Relay.objects.exists()


def test_add_taken_name_is_a_conflict(alice, atelier):
    with pytest.raises(Conflict, match=r"^Another relay has this name\.$") as refused:
        edit.add(administrator=alice, api_key=KEY, **FACTS)

    assert refused.value.param == "name"


def test_edit_writes_down_only_what_changed_before_and_after(alice, atelier):
    _edit(atelier, alice, name="Studio", at_once=8)

    assert last_entry() == (
        "relay.edited",
        str(atelier.pk),
        {"before": {"name": "Atelier", "at_once": None}, "after": {"name": "Studio", "at_once": 8}},
    )
    assert Relay.objects.get().api_key == KEY


def test_edit_that_changes_nothing_is_not_written_down(alice, atelier):
    _edit(atelier, alice)

    assert last_entry()[0] == "relay.added"


def test_edit_new_key_is_kept_and_only_said_to_be_new(alice, atelier):
    Relay.objects.update(refusals=2)

    _edit(atelier, alice, api_key="another-key-9876")

    row = Relay.objects.get()
    assert (row.api_key, row.key_ending, row.refusals) == ("another-key-9876", "9876", 0)
    assert last_entry()[2] == {"before": {}, "after": {}, "key": "replaced"}


def test_edit_new_path_keeps_the_key_and_a_new_host_asks_for_it(alice, atelier):
    _edit(atelier, alice, base_url="https://1.1.1.1/v2")

    with pytest.raises(
        StudioError, match=r"^The address leads to another host\. Enter the key for it\.$"
    ) as refused:
        _edit(atelier, alice, base_url="https://8.8.8.8/v1")

    assert refused.value.param == "api_key"
    assert Relay.objects.get().base_url == "https://1.1.1.1/v2"
    _edit(atelier, alice, base_url="https://8.8.8.8/v1", api_key=KEY)
    assert Relay.objects.get().base_url == "https://8.8.8.8/v1"


def test_edit_sandbox_may_be_renamed_and_limited_but_not_moved(alice, model):
    row = model.relay
    facts = {name: getattr(row, name) for name in FACTS}

    edit.edit(
        relay=row, administrator=alice, **(facts | {"name": "Rehearsals", "api_key": None, "at_once": 2})
    )
    for change in ({"enabled": False}, {"base_url": "https://1.1.1.1/v1"}, {"api_key": KEY}):
        with pytest.raises(StudioError, match="sets up its sandbox by itself"):
            edit.edit(relay=row, administrator=alice, **(facts | {"api_key": None} | change))

    kept = Relay.objects.get()
    assert (kept.name, kept.at_once, kept.enabled, kept.base_url) == ("Rehearsals", 2, True, row.base_url)


# Pages: pause, resume, order


def test_pause_keeps_the_reason_once(alice, mona, atelier):
    first = edit.pause(relay=atelier, administrator=alice, reason=" Top up\nfirst ")
    second = edit.pause(relay=atelier, administrator=mona, reason="Too late")

    row = Relay.objects.get()
    assert (first, second, row.is_paused, row.why_paused.said()) == (True, False, True, "Top up first")
    assert last_entry() == ("relay.paused", str(row.pk), {"reason": "Top up first"})


def test_pause_without_a_reason_is_refused(alice, atelier):
    with pytest.raises(StudioError) as refused:
        edit.pause(relay=atelier, administrator=alice, reason="  ")

    assert refused.value.param == "reason"
    assert not Relay.objects.get().is_paused


def test_resume_forgets_refusals_and_trouble(alice, atelier):
    edit.pause(relay=atelier, administrator=alice, reason="Key")
    Relay.objects.update(refusals=3, trouble="relay_key_refused", trouble_at=Now())

    was_paused = edit.resume(relay=atelier, administrator=alice)

    row = Relay.objects.get()
    assert (was_paused, row.is_paused, row.pause_reason, row.refusals, row.trouble, row.trouble_at) == (
        *(True, False, "", 0, "", None),
    )
    assert last_entry() == (
        "relay.resumed",
        str(row.pk),
        {
            "before": {
                "reason": "own_words",
                "values": {"text": "Key"},
                "refusals": 3,
                "trouble": "relay_key_refused",
            }
        },
    )
    assert not edit.resume(relay=atelier, administrator=alice)


def test_resume_wakes_a_worker_for_each_thread(alice, atelier, settings, django_capture_on_commit_callbacks):
    settings.WORKER_THREADS = 3
    edit.pause(relay=atelier, administrator=alice, reason="Invoices")

    with django_capture_on_commit_callbacks() as woken:
        edit.resume(relay=atelier, administrator=alice)
    with django_capture_on_commit_callbacks() as woken_again:
        edit.resume(relay=atelier, administrator=alice)

    assert (len(woken), len(woken_again)) == (3, 0)


def test_move_changes_places_and_stops_at_the_ends(alice):
    for name in "ABC":
        edit.add(administrator=alice, api_key=KEY, **FACTS | {"name": name})
    [_, _, c] = Relay.objects.all()

    moved = [edit.move(relay=c, administrator=alice, step=step) for step in (1, -1, -1, -1)]

    assert moved == [False, True, True, False]
    assert "".join(Relay.objects.values_list("name", flat=True)) == "CAB"
    assert last_entry() == ("relay.moved", str(c.pk), {"before": 2, "after": 1})


def test_move_rows_of_one_position_get_places_of_their_own(alice):
    for name in "ABC":
        edit.add(administrator=alice, api_key=KEY, **FACTS | {"name": name})
    Relay.objects.update(position=0)

    edit.move(relay=Relay.objects.get(name="B"), administrator=alice, step=1)

    assert list(Relay.objects.values_list("name", "position")) == [("A", 0), ("C", 1), ("B", 2)]


# Addresses


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/v1", "https://127.0.0.1/v1", "http://169.254.169.254/v1"]
)
def test_t06_check_says_the_same_whether_anything_listens(alice, url):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(StudioError) as opened:
            addresses.check(base_url=url.format(port=port), administrator=alice)
    with pytest.raises(StudioError) as closed:
        addresses.check(base_url=url.format(port=port), administrator=alice)

    assert (
        opened.value.sentence
        == closed.value.sentence
        == ("Private addresses are off. Set RELAY_PRIVATE_ALLOW to allow this exact host and port.")
    )
    host = url.split("/")[2].partition(":")[0]
    actions = AuditEntry.objects.values_list("action", "subject", "actor")
    assert list(actions) == [("relay.rejected", host, alice.pk)] * 2


def test_check_opened_address_is_let_through(settings):
    settings.RELAY_PRIVATE_ALLOW = frozenset({"127.0.0.1:9"})

    assert addresses.check(base_url="http://127.0.0.1:9/v1/") == "http://127.0.0.1:9/v1"


# Models


def test_edit_model_writes_down_and_remembers_what_was_set_by_hand(alice, plain_model):
    ImageModel.objects.update(by_hand=["accepts"])

    edit.edit_model(
        model=plain_model, administrator=alice, label="Poster", max_n=1, least_role=Role.MODERATOR
    )

    row = ImageModel.objects.get(model_id="plain")
    assert (row.label, row.max_n, row.least_role) == ("Poster", 1, "moderator")
    assert row.by_hand == ["accepts", "label", "least_role", "max_n"]
    assert last_entry() == (
        "model.edited",
        str(row.pk),
        {
            "before": {"max_n": 2, "label": "Plain", "least_role": "member"},
            "after": {"max_n": 1, "label": "Poster", "least_role": "moderator"},
        },
    )


def test_edit_model_switched_on_draws(alice, plain_model):
    ImageModel.objects.update(draws=None, enabled=False)

    edit.edit_model(model=plain_model, administrator=alice, enabled=True)

    row = ImageModel.objects.get(model_id="plain")
    assert (row.draws, row.enabled) == (True, True)
    assert {"draws", "enabled"} <= set(row.by_hand)


def test_edit_model_through_chat_takes_what_chat_takes_and_back(alice, model):
    ImageModel.objects.update(by_hand=[])

    chat = edit.edit_model(model=model, administrator=alice, by_chat=True)
    took = (sorted(chat.accepts), chat.per_call)
    direct = edit.edit_model(model=model, administrator=alice, by_chat=False)

    assert took == (["aspect_ratio", "image_size"], 1)
    assert "aspect_ratio" not in direct.accepts
    assert direct.per_call == 10


def test_edit_model_through_chat_keeps_what_was_set_by_hand(alice, model):
    ImageModel.objects.update(by_hand=["max_n"], max_n=3)

    row = edit.edit_model(model=model, administrator=alice, by_chat=True)

    assert (row.max_n, row.by_hand) == (3, ["by_chat", "max_n"])


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"accepts": {"style": []}}, "accepts"), ({"max_n": 11}, "max_n"), ({"label": ""}, "label")],
)
def test_edit_model_what_cannot_be_names_the_field(alice, model, fields, param):
    with pytest.raises(StudioError) as refused:
        edit.edit_model(model=model, administrator=alice, **fields)

    assert refused.value.param == param
    assert ImageModel.objects.get().label == "Sandbox Flux"


def test_edit_model_stand_in_must_be_elsewhere(alice, model, plain_model):
    other = _add(name="Other")
    elsewhere = edit.add_model(relay=other, model_id="m", accepts={})

    with pytest.raises(StudioError, match=r"^A stand-in must be a model of another relay\.$"):
        edit.edit_model(model=model, administrator=alice, stand_in=plain_model)
    row = edit.edit_model(model=model, administrator=alice, stand_in=elsewhere)

    assert row.stand_in == elsewhere


def test_edit_new_key_ends_the_trouble_with_the_old_one(alice, atelier):
    relay = atelier
    Relay.objects.filter(pk=relay.pk).update(refusals=2, trouble="relay_key_refused", trouble_at=Now())

    _edit(relay, alice, api_key="another-key-0123")

    relay.refresh_from_db()
    assert (relay.refusals, relay.trouble, relay.trouble_at) == (0, "", None)
