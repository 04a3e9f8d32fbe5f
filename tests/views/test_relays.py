"""The administrators' pages for relays and their models."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import AuditEntry, ImageModel, Relay, RelayRequest, State
from tests.factories import make_generation

HTMX = {"HX-Request": "true"}
KEY = "sk-0123456789abcdef4f2a"
NEW = {"name": "Routeway", "dialect": "openai", "api_key": KEY, "retries": "on", "enabled": "on"}
PRIVATE = "Private addresses are off. Set RELAY_PRIVATE_ALLOW to allow this exact host and port."


def at(name: str, row=None, **query) -> str:
    return reverse(f"relays.{name}", args=[row.pk] if row else [], query=query)


def make_relay(name: str, **fields) -> Relay:
    facts = {"dialect": "routeway", "base_url": "https://relay.example/v1"} | fields
    relay = Relay(name=name, **facts)
    relay.api_key = KEY
    relay.save()
    return relay


def make_model(relay: Relay, name: str, **fields) -> ImageModel:
    return ImageModel.objects.create(relay=relay, model_id=name, label=name, **fields)


def make_failure(person, model, **fields) -> RelayRequest:
    facts = {"attempt": 1, "slots": [0], "status": 401, "outcome": "auth", "trace_id": "req-7"}
    row = make_generation(person, model, state=State.FAILED)
    return RelayRequest.objects.create(
        generation=row, model=model, ended_at=timezone.now(), **(facts | fields)
    )


def edited(relay: Relay, **changes) -> dict[str, str]:
    facts = {"name": relay.name, "dialect": relay.dialect, "base_url": relay.base_url, "enabled": "on"}
    return facts | {"api_key": "", "retries": "on"} | changes


def names(text: str, section: str = "") -> list[str]:
    """The names of models on a page, or in the section that begins with this id."""
    part = text[text.index(f'id="{section}"') :].partition("</section>")[0] if section else text
    return re.findall(r'class="listed__name"[^>]*>(.*?)<', part)


@pytest.fixture
def relay(db) -> Relay:
    return make_relay("Routeway")


# Who may come in


@pytest.mark.parametrize("name", ["index", "new", "detail", "model", "answer"])
def test_page_for_everyone_else_is_refused_with_a_sentence(name, as_bob, bob, model):
    rows = {"detail": model.relay, "model": model, "answer": make_failure(bob, model)}

    response = as_bob.get(at(name, rows.get(name)))

    assert response.status_code == 403
    assert "Only administrators can open this page." in response.text


def test_nav_has_relays_for_administrators_alone(as_alice, as_bob):
    home = reverse("generations.index")

    assert ">Administration</a>" in as_alice.get(home).text
    assert ">Administration</a>" not in as_bob.get(home).text


# The list


def test_index_shows_each_relay_in_order_with_how_it_stands(as_alice):
    make_model(make_relay("Drawing", position=0, at_once=8, per_minute=60), "m")
    make_relay("Empty", position=1)
    make_relay(
        "Paused",
        position=2,
        paused_at=timezone.now(),
        pause_reason="own_words",
        pause_values={"text": "The card expired."},
    )
    make_relay("Troubled", position=3, trouble="own_words", trouble_values={"text": "It refused the key."})
    make_relay("Off", position=4, enabled=False)

    text = as_alice.get(at("index")).text

    assert re.findall(r'class="health[^"]*">(.*?)</p>', text) == [
        "Drawing",
        "No model draws yet.",
        "Paused: The card expired.",
        "In trouble: It refused the key.",
        "Off: nobody sees its models.",
    ]
    assert "8 at once, 60 a minute" in text
    assert "Key ends in …4f2a" in text
    assert KEY not in text


def test_index_without_relays_says_what_belongs_there(as_alice):
    text = as_alice.get(at("index")).text

    assert "No relays yet" in text
    assert text.count(at("new")) == 1


def test_index_shows_figures_and_the_last_error(as_alice, bob, model):
    for _ in range(3):
        make_failure(bob, model, outcome="done", status=200)
    relay_request = make_failure(bob, model)

    text = as_alice.get(at("index")).text

    assert "75% of 4" in text
    assert f'href="{at("answer", relay_request)}">The key was refused (401).</a>' in text


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_alice, count, django_assert_num_queries):
    for number in range(count):
        make_model(make_relay(f"R{number}"), "m")

    # session, person, two of the sandbox, relays, five of figures
    with django_assert_num_queries(11):
        response = as_alice.get(at("index"))

    assert response.text.count('class="relay"') == count


def test_position_moves_a_relay_and_htmx_gets_the_list(as_alice):
    for place, name in enumerate(["A", "B", "C"]):
        make_relay(name, position=place)
    first = Relay.objects.get(name="A")

    plain = as_alice.post(at("position", first), {"step": "1"})
    by_htmx = as_alice.post(at("position", first), {"step": "1"}, headers=HTMX)

    assert (plain.status_code, plain["Location"]) == (303, f"{at('index')}#relay-{first.pk}")
    assert by_htmx.text.strip().startswith('<div class="relays" id="relays">')
    assert list(Relay.objects.values_list("name", flat=True)) == ["B", "C", "A"]


# Adding


def test_new_adds_the_relay_reads_its_models_and_says_what_came(as_alice, sandbox, live_server, settings):
    data = NEW | {"base_url": f"{live_server.url}/sandbox/openai/v1", "api_key": settings.SANDBOX_KEY}

    response = as_alice.post(at("new"), data, follow=True)

    relay = Relay.objects.get(name="Routeway")
    assert response.redirect_chain == [(at("detail", relay), 303)]
    assert relay.api_key == settings.SANDBOX_KEY
    assert re.search(r'role="status">\d+ models?, \d+ draws? images', response.text)
    assert relay.models.filter(draws=True, enabled=True).exists()


def test_t06_new_private_address_is_refused_audited_and_not_saved(as_alice, alice):
    data = NEW | {"base_url": "https://10.0.0.7/v1"}

    response = as_alice.post(at("new"), data)

    assert response.status_code == 422
    assert PRIVATE in response.text
    assert 'value="https://10.0.0.7/v1"' in response.text
    assert not Relay.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject) == ("relay.rejected", alice, "10.0.0.7")


def test_new_wrong_keeps_what_was_typed_but_never_the_key(as_alice):
    response = as_alice.post(at("new"), NEW | {"base_url": "nowhere"})

    assert response.status_code == 422
    assert 'value="nowhere"' in response.text
    assert 'value="Routeway"' in response.text
    assert KEY not in response.text


def test_new_test_says_what_the_relay_answered_and_keeps_nothing(as_alice, sandbox, live_server, settings):
    url = f"{live_server.url}/sandbox/routeway/v1"
    data = NEW | {"base_url": url, "dialect": "routeway", "name": "", "test": "1"}
    before = Relay.objects.count()

    good = as_alice.post(at("new"), data | {"api_key": settings.SANDBOX_KEY}, headers=HTMX)
    bad = as_alice.post(at("new"), data, headers=HTMX)

    assert good.text.strip().startswith('<div class="tried" id="tried"')
    assert re.search(r"\d+ models, \d+ draw images, [\d,]+ ms", good.text)
    assert "The key was refused (401)." in bad.text
    assert KEY not in bad.text
    assert Relay.objects.count() == before


def test_new_test_of_nonsense_says_what_is_wrong(as_alice):
    response = as_alice.post(at("new"), {"test": "1"}, headers=HTMX)

    assert response.status_code == 422
    assert "Enter the address of its API." in response.text
    assert "Give the relay a name." not in response.text


# One relay


def test_detail_never_shows_the_key(as_alice, relay):
    text = as_alice.get(at("detail", relay)).text

    assert "Ends in …4f2a. Leave empty to keep it." in text
    assert KEY not in text
    assert relay.sealed_key not in text


def test_detail_edit_without_a_key_keeps_it(as_alice, relay):
    data = edited(relay, name="Renamed", base_url="https://relay.example/v1", at_once="3")

    response = as_alice.post(at("detail", relay), data)

    row = Relay.objects.get()
    assert (response.status_code, response["Location"]) == (303, at("detail", relay))
    assert (row.name, row.at_once, row.api_key) == ("Renamed", 3, KEY)
    assert "Saved." in as_alice.get(at("detail", relay)).text


def test_detail_edit_with_a_key_replaces_it(as_alice, relay):
    as_alice.post(at("detail", relay), edited(relay, api_key="sk-another-key-wxyz"))

    assert Relay.objects.get().api_key == "sk-another-key-wxyz"


def test_detail_edit_to_another_host_without_the_key_is_refused(as_alice, relay):
    response = as_alice.post(at("detail", relay), edited(relay, base_url="https://evil.example/v1"))

    assert response.status_code == 422
    assert "The address leads to another host. Enter the key for it." in response.text
    assert Relay.objects.get().base_url == "https://relay.example/v1"


def test_detail_edit_wrong_keeps_what_was_typed(as_alice, relay):
    response = as_alice.post(at("detail", relay), edited(relay, name="Typed", at_once="many", api_key=KEY))

    assert response.status_code == 422
    assert 'value="Typed"' in response.text
    assert 'value="many"' in response.text
    assert KEY not in response.text


def test_t06_detail_edit_to_a_private_address_is_refused_and_audited(as_alice, relay):
    response = as_alice.post(at("detail", relay), edited(relay, base_url="https://10.0.0.7/v1", api_key=KEY))

    assert response.status_code == 422
    assert PRIVATE in response.text
    assert Relay.objects.get().base_url == "https://relay.example/v1"
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["relay.rejected"]


@pytest.mark.parametrize("count", [1, 3])
def test_detail_asks_the_same_number_of_queries(as_alice, relay, count, django_assert_num_queries):
    stand_in = make_model(make_relay("Other", position=2), "other")
    for number in range(count):
        make_model(relay, f"m{number}", stand_in=stand_in)

    # session, person, two of the sandbox, relay, models, links, set aside, five of figures, banner, its past
    with django_assert_num_queries(16):
        response = as_alice.get(at("detail", relay))

    assert len(names(response.text, "drawing")) == count


def test_detail_unknown_relay_is_not_found(as_alice, model):
    assert as_alice.get(at("detail", model)).status_code == 404


def test_detail_lists_errors_with_their_trace_and_answer(as_alice, bob, model):
    relay_request = make_failure(bob, model)

    text = as_alice.get(at("detail", model.relay)).text

    assert f'href="{at("answer", relay_request)}">The key was refused (401).</a>' in text
    assert 'data-copy="req-7"' in text


def test_detail_writes_classes_of_errors_as_words(as_alice, bob, model):
    make_failure(bob, model, outcome="rate_limited", status=429)

    text = as_alice.get(at("detail", model.relay)).text

    assert '<span class="mark">busy</span>' in text


def test_answer_that_came_at_once_does_not_say_0_seconds(as_alice, bob, model):
    relay_request = make_failure(bob, model)

    text = as_alice.get(at("answer", relay_request)).text

    assert re.search(r"<dt>Took</dt>\s*<dd>under 0.1 s</dd>", text)


def test_test_says_what_came_and_never_ok_unasked(as_alice, sandbox):
    good = Relay.objects.get(name="Sandbox")
    deaf = make_relay("Deaf", base_url="https://relay.invalid/v1")

    reached = as_alice.post(at("test", good), headers=HTMX)
    silent = as_alice.post(at("test", deaf), headers=HTMX)

    assert re.search(r"\d+ models, \d+ draw images, [\d,]+ ms", reached.text)
    assert reached.text.strip().startswith('<div class="tried" id="probe"')
    assert "said--harm" not in reached.text
    assert "The relay&#x27;s host name has no address. Check the base URL." in silent.text
    assert '<span class="mark">not reached</span>' in silent.text


def test_test_as_a_plain_form_shows_the_page_with_the_result(as_alice, relay):
    text = as_alice.post(at("test", relay)).text

    assert "<h1" in text
    assert "said--harm" in text


def test_sync_reads_the_models_and_says_what_came(as_alice, sandbox):
    relay = Relay.objects.get(name="Sandbox")
    relay.models.all().delete()

    response = as_alice.post(at("sync", relay), follow=True)

    assert response.redirect_chain == [(at("detail", relay), 303)]
    assert re.search(r"\d+ models, \d+ draw images", response.text)
    assert relay.models.exists()


def test_sync_that_fails_says_why(as_alice):
    relay = make_relay("Deaf", base_url="https://relay.invalid/v1")

    text = as_alice.post(at("sync", relay), follow=True).text

    again = as_alice.get(at("detail", relay)).text
    sentence = "The models of Deaf could not be read. The relay&#x27;s host name has no address."
    assert (text.count(sentence), again.count(sentence)) == (1, 1)
    assert '<a class="link" href="#id_base_url">Check the address</a>' in again


def test_pause_without_a_reason_asks_for_one(as_alice, relay):
    response = as_alice.post(at("pause", relay), {"reason": ""})

    assert response.status_code == 422
    assert "Say why: everyone who wants to draw with it will read this." in response.text
    assert not Relay.objects.get().is_paused


def test_pause_and_resume_say_so_on_the_page(as_alice, relay):
    as_alice.post(at("pause", relay), {"reason": "The card <expired>."})
    paused = as_alice.get(at("detail", relay)).text
    as_alice.post(at("resume", relay))

    assert "Paused: The card &lt;expired&gt;." in paused
    assert ">Resume</button>" in paused
    assert not Relay.objects.get().is_paused


# A key that is wrong


def test_new_with_a_bad_key_keeps_the_reason_until_a_good_one_is_entered(
    as_alice, sandbox, live_server, settings
):
    url = f"{live_server.url}/sandbox/openai/v1"
    sentence = "The models of Routeway could not be read. The key was refused (401)."
    landed = as_alice.post(at("new"), NEW | {"base_url": url}, follow=True).text
    relay = Relay.objects.get(name="Routeway")

    again, listed = as_alice.get(at("detail", relay)).text, as_alice.get(at("index")).text
    elsewhere = as_alice.get(reverse("images.index")).text
    mended = as_alice.post(at("detail", relay), edited(relay, api_key=settings.SANDBOX_KEY), follow=True).text

    assert [text.count(sentence) for text in (landed, again, listed, elsewhere, mended)] == [1, 1, 1, 1, 0]
    assert '<a class="link" href="#id_api_key">Enter the key again</a>' in again
    assert re.search(r'role="status">\d+ models?, \d+ draws? images', mended)


def test_detail_edit_of_a_limit_does_not_read_the_list_again(as_alice, relay):
    as_alice.post(at("detail", relay), edited(relay, at_once="3"))

    assert not AuditEntry.objects.filter(action="relay.synced").exists()


def test_detail_of_a_relay_the_studio_paused_says_why_once(as_alice, relay):
    why = {"code": "relay_key_refused", "values": {"relay": "Routeway"}}
    values = {"why": why, "times": 3}
    Relay.objects.update(
        paused_at=timezone.now(),
        pause_reason="in_a_row",
        pause_values=values,
        trouble="relay_was_paused",
        trouble_values={"relay": "Routeway", "why": {"code": "in_a_row", "values": values}},
    )

    text = as_alice.get(at("detail", relay)).text

    assert text.count("Routeway refused the studio&#x27;s key.") == 1


# The usual address of a dialect


@pytest.mark.parametrize(
    ("typed", "dialect", "filled"),
    [
        ("", "openai", "https://api.openai.com/v1"),
        ("https://api.routeway.ai/v1/", "chat", "https://openrouter.ai/api/v1"),
        ("https://mine.example/v1", "openai", "https://mine.example/v1"),
        ("https://api.openai.com/v1", "generic", ""),
    ],
)
def test_new_choosing_a_dialect_fills_its_usual_address_but_replaces_none_of_ones_own(
    as_alice, typed, dialect, filled
):
    data = NEW | {"name": "<Mine>", "base_url": typed, "dialect": dialect, "fill": "1", "at_once": "7"}

    part = as_alice.post(at("new"), data, headers=HTMX).text
    page = as_alice.post(at("new"), data)

    field = re.search(r'<input[^>]*name="base_url"[^>]*>', part)[0]
    assert part.strip().startswith('<div class="address" id="address">')
    assert (f'value="{filled}"' in field, "value=" in field) == (bool(filled), bool(filled))
    assert page.status_code == 200
    assert field in page.text
    assert 'value="&lt;Mine&gt;"' in page.text
    assert 'value="7"' in page.text
    assert f'<option value="{dialect}" selected>' in page.text
    assert "errorlist" not in page.text
    assert KEY not in page.text
    assert not Relay.objects.exists()


def test_new_opens_with_the_address_of_the_dialect_it_shows(as_alice):
    assert 'value="https://api.routeway.ai/v1"' in as_alice.get(at("new")).text


def test_detail_fill_without_script_shows_the_page_and_saves_nothing(as_alice, relay):
    typed = edited(relay, base_url="", dialect="openai", name="Renamed", fill="1")

    text = as_alice.post(at("detail", relay), typed).text

    assert 'value="https://api.openai.com/v1"' in text
    assert 'value="Renamed"' in text
    assert Relay.objects.get().dialect == "routeway"


# Leaving


def test_deletion_asks_first_and_then_removes_the_relay(as_alice, relay):
    page = as_alice.get(at("detail", relay)).text
    asked = as_alice.get(at("deletion", relay)).text
    done = as_alice.post(at("deletion", relay), follow=True)

    assert f'href="{at("deletion", relay)}">Delete…</a>' in page
    assert "Delete Routeway?" in asked
    assert done.redirect_chain == [(at("index"), 303)]
    assert "Routeway is deleted." in done.text
    assert not Relay.objects.exists()


def test_deletion_of_a_relay_that_was_asked_is_refused_and_says_what_can_be_done(as_alice, bob, relay):
    make_generation(bob, make_model(relay, "flux"))

    page, asked = as_alice.get(at("detail", relay)).text, as_alice.get(at("deletion", relay)).text
    response = as_alice.post(at("deletion", relay))

    assert "Delete…" not in page
    assert "Delete for good" not in asked
    assert response.status_code == 409
    assert "Routeway was asked for pictures before. It can be archived, not deleted." in response.text


def test_archive_takes_a_relay_off_the_list_and_back(as_alice, bob, relay):
    make_generation(bob, make_model(relay, "flux"))

    as_alice.post(at("archive", relay), {"on": "1"})
    away, page = as_alice.get(at("index")).text, as_alice.get(at("detail", relay)).text
    as_alice.post(at("archive", relay), {"on": "0"})

    assert 'class="relay"' not in away
    assert f'class="archive__name" href="{at("detail", relay)}">Routeway</a>' in away
    assert "In the archive since" in page
    assert 'name="api_key"' not in page
    assert 'class="relay"' in as_alice.get(at("index")).text


def test_name_of_a_relay_in_the_archive_is_taken_and_says_where(as_alice, relay):
    Relay.objects.update(archived_at=timezone.now(), enabled=False)

    text = as_alice.post(at("new"), NEW | {"base_url": "https://1.1.1.1/v1"}).text

    assert "A relay in the archive has this name. Restore it, or choose another name." in text


# Its models


def test_detail_sorts_models_and_shows_no_more_than_twenty_of_the_unknown(as_alice, relay):
    make_model(relay, "draws")
    make_model(relay, "vanished", gone_at=timezone.now())
    for number in range(25):
        make_model(relay, f"unknown-{number:02}", draws=None, enabled=False)

    text = as_alice.get(at("detail", relay)).text

    assert names(text, "drawing") == ["draws"]
    assert len(names(text, "others-title")) == 20
    assert "Show 5 more" in text
    assert names(text, "gone-title") == ["vanished"]
    assert len(names(as_alice.get(at("detail", relay, all=1)).text, "others-title")) == 25


def test_detail_search_finds_models_by_every_word(as_alice, relay):
    for name in ("google/flash-image", "google/flash", "meta/llama"):
        make_model(relay, name, draws=None)

    found = as_alice.get(at("detail", relay, q="IMAGE flash"), headers=HTMX).text
    nothing = as_alice.get(at("detail", relay, q="<b>"), headers=HTMX).text

    assert found.strip().startswith('<div id="others">')
    assert names(found) == ["google/flash-image"]
    assert "No model here has “&lt;b&gt;” in its name." in nothing


def test_switch_draws_offers_the_model_and_answers_with_row_and_list(as_alice, relay):
    row = make_model(relay, "flash", draws=None, enabled=False)

    response = as_alice.post(at("switch", row, q="fl"), {"draws": "1"}, headers=HTMX)

    assert response.text.strip().startswith(f'<li class="listed" id="other-{row.pk}">')
    assert 'aria-checked="true"' in response.text
    assert f"{at('switch', row)}?q=fl" in response.text
    assert re.search(r'<section class="part" id="drawing"[^>]*hx-swap-oob="true">', response.text)
    assert names(response.text, "drawing") == ["flash"]
    assert list(ImageModel.objects.usable()) == [row]


def test_switch_as_a_plain_form_goes_back_to_the_search(as_alice, relay):
    row = make_model(relay, "flash")

    response = as_alice.post(at("switch", row, q="fl"), {"enabled": "0"})

    assert (response.status_code, response["Location"]) == (303, f"{at('detail', relay)}?q=fl#model-{row.pk}")
    assert list(ImageModel.objects.usable()) == []


def test_switch_offered_answers_with_the_row_alone(as_alice, relay):
    row = make_model(relay, "flash")

    text = as_alice.post(at("switch", row), {"enabled": "0"}, headers=HTMX).text.strip()

    assert text.startswith(f'<li class="listed listed--off" id="model-{row.pk}">')
    assert text.endswith("</li>")


def test_model_shows_settings_as_boxes_and_lists_of_values(as_alice, relay):
    row = make_model(relay, "flux", accepts={"size": ["1024x1024", "WxH"], "seed": []}, by_hand=["label"])

    text = as_alice.get(at("model", row)).text

    assert 'value="1024x1024, WxH"' in text
    assert re.search(r'name="takes_seed"[^>]*checked', text)
    assert not re.search(r'name="takes_quality"[^>]*checked', text)
    assert text.count("set by hand</span>") == 1


def test_model_saved_keeps_only_what_was_changed_by_hand(as_alice, relay):
    row = make_model(relay, "flux", accepts={"size": ["1024x1024"]})
    data = {"label": "Flux", "enabled": "on", "draws": "on", "max_n": "10", "per_call": "10"}
    data |= {"link_minutes": "240", "least_role": "moderator", "takes_size": "on", "values_size": "1024x1024"}

    response = as_alice.post(at("model", row), data)

    row.refresh_from_db()
    assert (response.status_code, response["Location"]) == (303, f"{at('detail', relay)}#model-{row.pk}")
    assert (row.label, row.least_role, row.link_minutes) == ("Flux", "moderator", 240)
    assert row.by_hand == ["label", "least_role", "link_minutes"]


def test_model_wrong_values_keep_what_was_typed(as_alice, relay):
    row = make_model(relay, "flux")
    data = {"label": "Flux", "max_n": "10", "per_call": "10", "least_role": "member"}

    response = as_alice.post(at("model", row), data | {"takes_size": "on", "values_size": "huge"})

    assert response.status_code == 422
    assert "huge is no size." in response.text
    assert 'value="huge"' in response.text


def test_model_stand_in_is_off_until_another_relays_model_is_chosen(as_alice, relay):
    row, other = make_model(relay, "flux"), make_model(make_relay("Other"), "other")
    data = {"label": "flux", "enabled": "on", "draws": "on", "max_n": "10", "per_call": "10"}
    data |= {"link_minutes": "60", "least_role": "member"}

    page = as_alice.get(at("model", row)).text
    as_alice.post(at("model", row), data | {"stand_in": str(other.pk)})

    assert re.search(r'<option value="" selected>None', page)
    assert ImageModel.objects.get(pk=row.pk).stand_in == other


# One request


def test_t20_answer_shows_the_raw_answer_as_text_and_is_audited(as_alice, alice, bob, model):
    relay_request = make_failure(
        bob, model, raw='{"error": "<script>alert(1)</script>"}', sent={"size": "1024x1024"}
    )

    text = as_alice.get(at("answer", relay_request)).text

    raw = re.search(r'<pre class="raw"[^>]*>(.*?)</pre>', text, re.DOTALL)
    assert raw[1] == "{&quot;error&quot;: &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;}"
    assert "Kept for 7 days." in text
    assert "1024x1024" in text
    assert "req-7" in text
    assert "A mountain lake at dawn" not in text
    entry = AuditEntry.objects.get(action="relay.answer_opened")
    assert (entry.actor, entry.subject) == (alice, str(model.relay_id))
    assert entry.detail == {"request": str(relay_request.pk)}


@pytest.mark.parametrize(
    ("facts", "days", "sentence"),
    [
        ({"raw": "secret"}, 8, "Answers are kept for 7 days. This one is older."),
        ({"status": None, "outcome": "unknown"}, 0, "No answer came."),
        (
            {"status": 200, "outcome": "done"},
            0,
            "It brought its pictures; only answers that went wrong are kept.",
        ),
    ],
)
def test_answer_without_a_raw_answer_says_why(as_alice, bob, model, facts, days, sentence):
    relay_request = make_failure(bob, model, **facts)
    RelayRequest.objects.update(sent_at=timezone.now() - timedelta(days=days))

    text = as_alice.get(at("answer", relay_request)).text

    assert sentence in text
    assert "<pre" not in text


# The banner


def test_banner_tells_administrators_on_every_page_until_the_trouble_is_dismissed(as_alice, as_bob, relay):
    Relay.objects.update(
        trouble="relay_key_refused", trouble_values={"relay": "Routeway"}, trouble_at=timezone.now()
    )
    home = reverse("images.index")

    before, other = as_alice.get(home).text, as_bob.get(home).text
    as_alice.post(at("resume", relay))
    after = as_alice.get(home).text

    assert "Routeway refused the studio&#x27;s key." in before
    assert f'href="{at("detail", relay)}"' in before
    assert "refused the studio" not in other
    assert "refused the studio" not in after


def test_banner_of_several_relays_names_them_in_one_line(as_alice, relay):
    make_relay("Other", position=1)
    Relay.objects.update(trouble="own_words", trouble_values={"text": "It refused the key."})

    text = as_alice.get(reverse("images.index")).text

    assert "2 relays are in trouble: Routeway, Other." in text
    assert "It refused the key." not in text


@pytest.mark.parametrize(("client", "queries"), [("as_alice", 5), ("as_bob", 3)])
def test_banner_costs_one_query_of_administrators_alone(client, queries, request, django_assert_num_queries):
    browser = request.getfixturevalue(client)

    # session, person, images, the months' two ends, the open cases and the banner
    with django_assert_num_queries(queries):
        browser.get(reverse("images.index"))
