"""The composer: the picker, the choice of last time, changing the model, and sizes of one's own."""

import html
import re
import uuid
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import Comparison, Generation, ImageModel, Relay, Role, State
from studio.services import accounts
from studio.services.relays import edit
from tests.factories import make_generation

HTMX = {"HX-Request": "true"}
GPT_IMAGE = {
    "size": ["auto", "1024x1024", "1536x1024", "1024x1536", "WxH"],
    "quality": ["low", "high"],
    "output_format": ["png", "webp"],
    "output_compression": [],
}


@pytest.fixture
def gpt(model) -> ImageModel:
    """A model of a second relay that draws any legal size."""
    relay = Relay.objects.create(name="Zebra", dialect="openai", base_url="http://127.0.0.1:2/v1", position=9)
    return edit.add_model(relay=relay, model_id="gpt-image-2", label="GPT", accepts=GPT_IMAGE)


def pause(relay: Relay) -> None:
    Relay.objects.filter(pk=relay.pk).update(paused_at=timezone.now())


def form(model: ImageModel, **changes: Any) -> dict[str, Any]:
    data = {"submission_id": str(uuid.uuid4()), "model": str(model.pk), "prompt": "A lake at dawn", "n": "2"}
    return data | changes


def picker(response) -> list[str]:
    """Return relays and models as the picker shows them: [-] disabled, [*] selected."""
    found = re.findall(
        r'<optgroup label="([^"]*)">|<option value="[0-9a-f-]{36}"([^>]*)>([^<]*)<', response.text
    )
    marks = {"": "", " selected": "[*] ", " disabled": "[-] "}
    return [html.unescape(group or marks[state] + label) for group, state, label in found]


def notes(response) -> list[str]:
    box = re.search(r'class="composer__aside[^"]*".*?</div>', response.text, re.DOTALL)
    return [html.unescape(words) for words in re.findall(r"<(?:p|li)>([^<]*)<", box[0])] if box else []


def checked(response, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)" autocomplete="off" checked', response.text)


# The picker


def test_index_groups_models_by_relay_and_says_why_one_cannot_be_used(as_bob, model, plain_model, gpt):
    ImageModel.objects.filter(pk=model.pk).update(usual_ms=4200)
    ImageModel.objects.filter(pk=plain_model.pk).update(least_role=Role.MODERATOR)
    pause(gpt.relay)

    response = as_bob.get("/")

    assert picker(response) == [
        "Sandbox: no AI",
        "[-] Plain · for moderators only",
        "[*] Sandbox Flux · 4 s",
        "Zebra",
        "[-] GPT · Zebra is paused",
    ]


def test_index_and_create_tell_everyone_why_a_relay_is_paused(as_bob, gpt):
    Relay.objects.filter(pk=gpt.relay_id).update(
        paused_at=timezone.now(), pause_reason="own_words", pause_values={"text": "Bill not paid."}
    )

    sent = as_bob.post(reverse("generations.create"), form(gpt), headers=HTMX)

    assert "[-] GPT · Zebra is paused (Bill not paid)" in picker(as_bob.get("/"))
    assert "GPT cannot be used now: Zebra is paused (Bill not paid)." in sent.text


def test_index_with_every_relay_paused_says_so_and_keeps_the_form(as_bob, model):
    pause(model.relay)

    response = as_bob.get("/", {"model": str(model.pk)})

    assert picker(response) == ["Sandbox: no AI", "[*] Sandbox Flux · Sandbox is paused"]
    assert notes(response) == ["Sandbox Flux cannot be used now: Sandbox is paused."]


@pytest.mark.parametrize("reason", ["paused", "role"])
def test_create_with_a_model_that_cannot_be_used_is_422_with_the_reason(as_bob, model, gpt, reason):
    if reason == "paused":
        pause(gpt.relay)
    else:
        ImageModel.objects.filter(pk=gpt.pk).update(least_role=Role.ADMINISTRATOR)

    response = as_bob.post(reverse("generations.create"), form(gpt, size="1536x1024"), headers=HTMX)

    said = {"paused": "Zebra is paused", "role": "for administrators only"}[reason]
    assert response.status_code == 422
    assert f"GPT cannot be used now: {said}." in response.text
    assert "A lake at dawn</textarea>" in response.text
    assert checked(response, "size") == ["1536x1024"]
    assert Generation.objects.count() == 0


def options(response) -> list[tuple[str, ...]]:
    """The lines of the picker's panel: name, relay, time or obstacle, price."""
    found = re.findall(r'class="pickable".*?</div>', response.text, re.DOTALL)
    return [tuple(html.unescape(part) for part in re.findall(r">([^<]*)</span>", line)) for line in found]


def test_index_panel_has_each_model_with_its_relay_and_a_place_for_the_price(as_bob, model, gpt):
    ImageModel.objects.filter(pk=model.pk).update(usual_ms=4200)
    pause(gpt.relay)

    response = as_bob.get("/")

    assert options(response) == [
        ("Sandbox Flux", "Sandbox", "4 s", ""),
        ("GPT", "Zebra", "Zebra is paused", ""),
    ]
    assert 'data-words="gpt zebra gpt-image-2"' in response.text
    assert response.text.count('aria-disabled="true"') == 1


def test_index_tells_two_models_of_one_name_apart(as_bob, model, gpt):
    ImageModel.objects.filter(pk=gpt.pk).update(label="Sandbox Flux")

    assert picker(as_bob.get("/")) == [
        "Sandbox: no AI",
        "[*] Sandbox Flux · Sandbox",
        "Zebra",
        "Sandbox Flux · Zebra",
    ]


def test_index_has_all_sandboxes_in_one_group(as_bob, model, gpt):
    Relay.objects.filter(pk=gpt.relay_id).update(sandbox=True)

    assert picker(as_bob.get("/")) == ["Sandbox: no AI", "[*] Sandbox Flux", "GPT"]


def test_index_says_once_that_only_the_sandbox_draws(as_bob, as_alice, model):
    said = "<strong>Sandbox: no AI.</strong>"

    member, administrator = as_bob.get("/").text, as_alice.get("/").text

    assert (member.count(said), administrator.count(said)) == (1, 1)
    assert ("Connect a relay" in member, "Connect a relay" in administrator) == (False, True)


def test_index_with_a_relay_in_earnest_says_nothing_of_the_sandbox(as_alice, model, gpt):
    assert '<aside class="sandbox"' not in as_alice.get("/").text


# What was set aside


def test_composer_there_and_back_gives_everything_back(as_bob, bob, model, gpt):
    data = form(model, size="1024x1792", quality="hd", seed="42", negative_prompt="blur")

    there = as_bob.post(reverse("generations.composer"), data | {"model": str(gpt.pk)}, headers=HTMX)
    waiting = html.unescape(re.search(r'name="aside" value="([^"]*)"', there.text)[1])
    reloaded = as_bob.get("/")
    back = as_bob.post(
        reverse("generations.composer"),
        {"model": str(model.pk), "prompt": "A lake at dawn", "size": "1024x1792", "n": "2", "aside": waiting},
        headers=HTMX,
    )

    assert html.escape(waiting) in reloaded.text.replace("&#39;", "&#x27;")
    assert notes(back) == ["Back again: quality hd, negative prompt blur, seed 42."]
    assert checked(back, "size") == ["1024x1792"]
    assert '<option value="hd" selected>' in back.text
    assert "blur</textarea>" in back.text
    assert 'name="aside" value=""' in back.text


def test_composer_without_javascript_a_chip_keeps_everything_typed(as_bob, model):
    page = as_bob.get("/").text
    chip = re.search(r'<button name="add" value="([^"]+)" formaction="([^"]+)"', page)

    response = as_bob.post(chip[2], form(model, seed="42", n="3", add=chip[1]))

    assert f"A lake at dawn, {chip[1]}</textarea>" in response.text
    assert 'name="seed" value="42"' in response.text
    assert re.search(r'name="n"[^>]* value="3"', response.text)


# The choice of last time


def test_create_remembers_model_settings_and_count(as_bob, bob, model, gpt):
    as_bob.post(reverse("generations.create"), form(gpt, size="1088x1920", quality="high", n="3"))

    bob.refresh_from_db()
    assert bob.last_choice == {
        "model": str(gpt.pk),
        "settings": {"size": "1088x1920", "quality": "high"},
        "n": 3,
        "shared": True,
    }
    response = as_bob.get("/")
    assert "[*] GPT" in picker(response)
    assert checked(response, "size") == ["own"]
    assert re.search(r'name="size_width" value="1088"', response.text)
    assert re.search(r'name="size_height" value="1920"', response.text)
    assert '<option value="high" selected>' in response.text
    assert re.search(r'name="n"[^>]* value="3"', response.text)
    assert "A lake at dawn" not in re.search(r'name="prompt"[^>]*>([^<]*)', response.text)[1]


def test_create_invalid_remembers_nothing(as_bob, bob, model):
    as_bob.post(reverse("generations.create"), form(model, seed="-5"))

    bob.refresh_from_db()
    assert bob.last_choice == {}


def test_composer_by_post_remembers_the_switch_but_nothing_unsound(as_bob, bob, model, gpt):
    data = form(gpt, size="1792x1024", seed="x", n="9", output_format="gif")

    as_bob.post(reverse("generations.composer"), data, headers=HTMX)

    bob.refresh_from_db()
    assert bob.last_choice == {
        "model": str(gpt.pk),
        "settings": {"size": "1792x1024"},
        "n": 9,
        "shared": True,
        "aside": '[["output_format", "gif", "choice", "", ""]]',
    }


def test_composer_by_get_changes_nothing(as_bob, bob, model, gpt):
    as_bob.get(reverse("generations.composer"), {"model": str(gpt.pk)}, headers=HTMX)

    bob.refresh_from_db()
    assert bob.last_choice == {}


@pytest.mark.parametrize("why", ["paused", "disabled", "deleted"])
def test_index_falls_back_when_the_last_model_cannot_be_used(as_bob, bob, model, gpt, why):
    accounts.remember_choice(
        person=bob, model=gpt, settings={"size": "1536x1024", "quality": "high"}, n=3, shared=True
    )
    if why == "paused":
        pause(gpt.relay)
    elif why == "disabled":
        ImageModel.objects.filter(pk=gpt.pk).update(enabled=False)
    else:
        gpt.delete()

    response = as_bob.get("/")

    said = (
        "GPT cannot be used now: Zebra is paused." if why == "paused" else "That model is no longer offered."
    )
    assert "[*] Sandbox Flux" in picker(response)
    assert checked(response, "size") == ["1792x1024"]
    assert notes(response) == [
        f"{said} Sandbox Flux is chosen.",
        "Set aside:",
        "size 1536×1024: Sandbox Flux draws 1024×1024, 1792×1024, 1024×1792; the nearest, 1792×1024, is chosen",
        "quality high: Sandbox Flux takes standard, hd",
    ]


def test_index_from_wins_over_the_last_choice(as_bob, bob, model, gpt):
    accounts.remember_choice(person=bob, model=gpt, settings={"quality": "high"}, n=3, shared=True)
    row = make_generation(bob, model, settings={"size": "1024x1792", "quality": "hd"}, state=State.DONE)

    response = as_bob.get("/", {"from": str(row.pk)})

    assert "[*] Sandbox Flux" in picker(response)
    assert checked(response, "size") == ["1024x1792"]
    assert '<option value="hd" selected>' in response.text
    assert re.search(r'name="n"[^>]* value="1"', response.text)
    assert notes(response) == []


def test_index_prompt_comes_with_the_last_choice(as_bob, bob, model, gpt):
    accounts.remember_choice(person=bob, model=gpt, settings={"quality": "high"}, n=3, shared=True)
    row = make_generation(bob, model, text="Fjord", state=State.DONE)

    response = as_bob.get("/", {"prompt": str(row.prompt_id)})

    assert "Fjord</textarea>" in response.text
    assert "[*] GPT" in picker(response)
    assert '<option value="high" selected>' in response.text


@pytest.mark.parametrize("picked", [False, True])
def test_index_from_a_blind_comparison_does_not_tell_its_model(as_bob, bob, model, gpt, picked):
    row = make_generation(bob, gpt, settings={"size": "1024x1024"}, state=State.DONE)
    comparison = Comparison.objects.create(
        owner=bob,
        prompt=row.prompt,
        submission_id=uuid.uuid4(),
        blind=True,
        picked_at=timezone.now() if picked else None,
    )
    Generation.objects.filter(pk=row.pk).update(comparison=comparison)

    response = as_bob.get("/", {"from": str(row.pk)})

    assert ("[*] GPT" in picker(response)) is picked
    hidden = "Its model stays hidden until one of the comparison is picked."
    assert notes(response) == ([] if picked else [hidden])


# Sizes of one's own


@pytest.mark.parametrize("htmx", [True, False])
def test_create_with_an_illegal_size_offers_the_nearest_one(as_bob, model, gpt, htmx):
    data = form(gpt, size="own", size_width="1080", size_height="1920")

    response = as_bob.post(reverse("generations.create"), data, headers=HTMX if htmx else {})

    assert response.status_code == 422
    assert "1080×1920 cannot be drawn: both sides must be divisible by 16." in response.text
    assert checked(response, "size") == ["own"]
    assert re.search(r'name="size_width" value="1080"', response.text)
    offer = re.search(r'class="offer".*?value="([^"]+)"', response.text, re.DOTALL)[1]
    assert offer == "1072x1920"
    again = as_bob.post(reverse("generations.create"), data | {"size": offer})
    assert again.status_code == 303
    assert Generation.objects.get().settings == {"size": "1072x1920"}


def test_composer_shows_exactly_what_a_model_takes(as_bob, model, gpt):
    response = as_bob.get("/", {"model": str(gpt.pk)})

    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', response.text))
    around = {
        "csrfmiddlewaretoken",
        "submission_id",
        "model",
        "prompt",
        "n",
        "shared",
        "aside",
        "find",
        "parent",
        "saved",
    }
    assert names - around == {
        "size",
        "size_width",
        "size_height",
        "quality",
        "output_format",
        "output_compression",
    }
    assert "0 to 100, for WebP and JPEG only." in response.text
    assert 'title="Landscape 3:2, 1536 × 1024 pixels"' in response.text


def test_composer_compression_error_opens_more(as_bob, model, gpt):
    data = form(gpt, output_format="png", output_compression="80")

    response = as_bob.post(reverse("generations.create"), data, headers=HTMX)

    assert response.status_code == 422
    assert "Compression works for WebP and JPEG only." in response.text
    assert re.search(r'id="more" [^>]* checked', response.text)


# Help


def test_composer_every_word_of_the_help_can_be_added_without_javascript(as_bob, model):
    page = as_bob.get("/").text
    offered = {html.unescape(word) for word in re.findall(r'name="add" value="([^"]*)"', page)}

    assert {"watercolor", "rule of thirds", "backlit", "shot on film"} <= offered
    for word in offered:
        response = as_bob.post("/composer/", form(model, prompt="A lake", add=word))
        assert f"A lake, {html.escape(word)}</textarea>" in response.text


def test_composer_adds_no_words_but_its_own(as_bob, model):
    response = as_bob.post("/composer/", form(model, prompt="A lake", add="buy this"))

    assert "buy this" not in response.text
