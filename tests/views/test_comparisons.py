"""Compare: the form, the columns, what a blind comparison keeps from everybody, and the pick."""

import html
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Allowance, Comparison, Generation, ImageModel, Relay, RelayRequest, Role, State
from studio.services import budgets, presets
from studio.services.relays import edit
from studio.words import Reason
from tests.factories import make_comparison, make_generation, make_image
from tests.said import old

HTMX = {"HX-Request": "true"}
NEW, CREATE = "/comparisons/new/", "/comparisons/"


@pytest.fixture
def zebra(model) -> ImageModel:
    """A model of a second relay, which takes an aspect ratio and no size."""
    relay = Relay.objects.create(name="Zebra", dialect="routmy", base_url="http://127.0.0.1:2/v1", position=9)
    accepts = {"aspect_ratio": ["1:1", "16:9"]}
    return edit.add_model(relay=relay, model_id="striped", label="Striped", accepts=accepts, max_n=4)


def form(*models: ImageModel, **changes: Any) -> dict[str, Any]:
    facts = {"submission_id": str(uuid.uuid4()), "prompt": "A lake", "shape": "16:9", "n": "1", "shared": "1"}
    return facts | {"models": [str(model.pk) for model in models]} | changes


def at(row: Comparison, name: str = "detail") -> str:
    return reverse(f"comparisons.{name}", args=[row.pk])


def in_the_feed(row: Comparison) -> str:
    """The address of its card, for a page that shows a version there never was."""
    return f"{reverse('live.index')}?c=c{row.pk.hex}.-1.0.none"


def ticked(response) -> list[str]:
    """The names of the ticked models."""
    found = re.findall(r' checked(?: disabled)?>\s*<span class="candidate__name">([^<]*)<', response.text)
    return [html.unescape(name) for name in found]


def columns(response) -> list[str]:
    """What stands in each column, as plain words."""
    parts = re.findall(r'<section class="column.*?</section>', response.text, re.DOTALL)
    return [words(part) for part in parts]


def words(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


def finish(row: Comparison, **fields: Any) -> list[Generation]:
    """Give each column a picture."""
    generations = list(row.generations.in_columns())
    for each in generations:
        make_image(row.owner, each.model, generation=each, content=None, **fields)
    return generations


# The form


def test_new_groups_models_by_relay_with_time_or_the_reason_they_are_closed(
    as_bob, model, plain_model, zebra
):
    ImageModel.objects.filter(pk=model.pk).update(usual_ms=4200)
    ImageModel.objects.filter(pk=plain_model.pk).update(least_role=Role.MODERATOR)

    response = as_bob.get(NEW)

    groups = re.findall(r'<fieldset class="compare__relay">.*?</fieldset>', response.text, re.DOTALL)
    assert [words(group) for group in groups] == [
        "Sandbox Plain for moderators only Sandbox Flux usually 4 s 1024×1024",
        "Zebra Striped 1:1",
    ]
    assert re.search(rf'value="{plain_model.pk}" autocomplete="off" disabled', response.text)
    assert ticked(response) == ["Sandbox Flux", "Striped"]


def test_new_opens_with_the_last_model_and_another(as_bob, bob, model, zebra):
    bob.last_choice = {"model": str(zebra.pk)}
    bob.save()

    assert ticked(as_bob.get(NEW)) == ["Sandbox Flux", "Striped"]


def test_new_by_post_takes_over_what_was_typed_in_the_composer(as_bob, model, plain_model, zebra):
    data = {
        "model": str(zebra.pk),
        "prompt": "A lake & a boat",
        "aspect_ratio": "16:9",
        "n": "3",
        "shared": "0",
    }

    response = as_bob.post(NEW, data)

    assert "A lake &amp; a boat</textarea>" in response.text
    assert "Striped" in ticked(response)
    assert re.search(r'name="shape" value="16:9" autocomplete="off" checked', response.text)
    assert re.search(r'name="n"[^>]* value="1"', response.text)
    assert re.search(r'name="shared" value="0" autocomplete="off" checked', response.text)
    assert Comparison.objects.count() == 0


def test_new_by_htmx_is_the_settings_for_what_is_ticked_now(as_bob, model, plain_model, zebra):
    response = as_bob.post(NEW, form(plain_model, zebra, blind="on"), headers=HTMX)

    assert response.text.strip().startswith('<div class="compare__settings" id="comparison-settings"')
    assert "<textarea" not in response.text
    assert ticked(response) == ["Plain", "Striped"]
    assert "16:9 is left out: it draws 1024×1024" in words(response.text)
    assert "the shape of a picture may tell its model" in response.text


PRICES = [
    {"size": "", "quality": "", "rate": "0.03", "unit": "USD"},
    {"size": "1024x1024", "quality": "", "rate": "0.05", "unit": "USD"},
]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_new_says_the_price_of_each_and_of_all_together(headers, as_bob, model, zebra):
    ImageModel.objects.filter(pk__in=[model.pk, zebra.pk]).update(prices=PRICES)

    text = words(as_bob.post(NEW, form(model, zebra, n="2", shape="1:1"), headers=headers).text)

    assert "Compare 2 models 4 images · about $0.16" in text  # 2 at $0.05, for the size, and 2 at $0.03
    assert "Sandbox Flux, Striped, 4 images together, about $0.16" in text
    assert "Striped about $0.03" not in text
    assert "Striped $0.03 1:1" in text


def test_new_says_a_price_that_is_not_known_and_what_is_over_budget(as_bob, bob, model, zebra):
    ImageModel.objects.filter(pk=model.pk).update(prices=PRICES)
    Allowance.objects.update_or_create(person=bob, month=budgets.this_month(), defaults={"cap": 1})

    text = words(as_bob.post(NEW, form(model, zebra, shape="1:1")).text)

    assert "together, about $0.05 and an unknown price, over budget" in text


def test_new_says_the_price_with_the_preset_that_one_is_obliged_to(as_bob, as_alice, alice, model, zebra):
    ImageModel.objects.filter(pk__in=[model.pk, zebra.pk]).update(prices=PRICES)
    facts = {"about": "", "settings": {"size": "512x512"}, "locked": ["size"], "suffix": "", "allowed": []}
    presets.add(administrator=alice, name="Small", **facts, obliges=["member"], is_on=True)
    ImageModel.objects.filter(pk=model.pk).update(accepts={"size": ["1024x1024", "512x512"]})

    bobs, alices = (
        words(page.post(NEW, form(model, zebra, shape="1:1"), headers=HTMX).text)
        for page in (as_bob, as_alice)
    )

    assert ("about $0.06" in bobs, "Drawn with the house preset Small." in bobs) == (True, True)
    assert ("about $0.08" in alices, "house preset" in alices) == (True, False)


def test_new_with_four_ticked_closes_the_others(as_bob, model, plain_model, zebra):
    more = [
        edit.add_model(relay=zebra.relay, model_id=f"m{number}", label=f"M{number}", accepts={})
        for number in range(2)
    ]

    response = as_bob.post(NEW, form(model, zebra, *more), headers=HTMX)

    assert "4 chosen: untick one to take another" in words(response.text)
    assert "Compare 4 models 4 images" in words(response.text)
    assert re.findall(r'value="([0-9a-f-]{36})" autocomplete="off" disabled', response.text) == [
        str(plain_model.pk)
    ]


def test_new_without_models_says_who_can_help(as_bob, db):
    assert "An administrator has to add a relay" in as_bob.get(NEW).text


@pytest.mark.parametrize("shared", [True, False])
def test_new_from_and_prompt_of_others_need_to_be_shared(as_charlie, bob, model, plain_model, zebra, shared):
    row = make_comparison(bob, [plain_model, zebra], text="A fjord", shared=shared)

    answers = [
        as_charlie.get(NEW, {"from": str(row.pk)}),
        as_charlie.get(NEW, {"prompt": str(row.prompt_id)}),
    ]

    assert [answer.status_code for answer in answers] == ([200, 200] if shared else [404, 404])
    if shared:
        assert all("A fjord</textarea>" in answer.text for answer in answers)
        assert ticked(answers[0]) == ["Plain", "Striped"]


def test_new_from_a_blind_comparison_does_not_tell_its_models(as_bob, bob, model, plain_model, zebra):
    row = make_comparison(bob, [plain_model, zebra], blind=True)

    assert ticked(as_bob.get(NEW, {"from": str(row.pk)})) == ["Plain", "Sandbox Flux"]


def test_new_lists_the_recent_comparisons_of_this_person(as_bob, bob, charlie, model, zebra):
    make_comparison(charlie, [model, zebra], text="Somebody else's")
    for number in range(7):
        make_comparison(bob, [model, zebra], text=f"Lake {number}", blind=number == 6)

    past = re.findall(r'<article class="earlier">.*?</article>', as_bob.get(NEW).text, re.DOTALL)

    assert len(past) == 6
    assert re.fullmatch(r"Lake 6 \d\d:\d\d 2 models names hidden", words(past[0]))
    assert re.fullmatch(r"Lake 5 \d\d:\d\d Sandbox Flux, Striped", words(past[1]))


# Starting


@pytest.mark.parametrize("htmx", [False, True])
def test_create_starts_one_generation_for_each_model_as_each_can(
    as_bob, bob, model, plain_model, zebra, htmx
):
    data = form(model, plain_model, zebra, n="3")

    response = as_bob.post(CREATE, data, headers=HTMX if htmx else {})

    row = Comparison.objects.get()
    assert (response.status_code, response["Location"]) == (303, at(row))
    assert {each.model: (each.settings, each.n) for each in row.generations.in_columns()} == {
        model: ({"size": "1792x1024"}, 3),
        plain_model: ({}, 2),
        zebra: ({"aspect_ratio": "16:9"}, 3),
    }
    assert (row.owner, row.blind, row.prompt.text) == (bob, False, "A lake")


def test_create_blind_draws_as_many_with_each(as_bob, model, plain_model):
    as_bob.post(CREATE, form(model, plain_model, n="4", blind="on"))

    row = Comparison.objects.get()
    assert row.blind
    assert [each.n for each in row.generations.all()] == [2, 2]


def test_create_twice_is_one_comparison(as_bob, model, zebra):
    data = form(model, zebra)

    answers = [as_bob.post(CREATE, data) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [at(Comparison.objects.get())] * 2
    assert Generation.objects.count() == 2


def test_create_same_id_with_other_content_is_409_and_can_be_sent_again(as_bob, model, zebra):
    data = form(model, zebra)
    as_bob.post(CREATE, data)

    response = as_bob.post(CREATE, data | {"prompt": "A fjord"})

    assert response.status_code == 409
    assert "already sent with other content" in response.text
    assert "A fjord</textarea>" in response.text
    assert data["submission_id"] not in response.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"models": []}, "Choose 2 to 4 models."),
        ({"prompt": " "}, "Write what you want to see."),
        ({"n": "0"}, "The count is a number from 1 to 10."),
    ],
)
def test_create_invalid_is_422_and_keeps_everything_typed(as_bob, model, zebra, changes, sentence):
    data = form(model, zebra, prompt="A fjord", n="7", shared="0", blind="on") | changes

    response = as_bob.post(CREATE, data)

    assert response.status_code == 422
    assert sentence in response.text
    assert f"{data['prompt'].strip()}</textarea>" in response.text.replace("> </", "></")
    assert ticked(response) == (["Sandbox Flux", "Striped"] if data["models"] else [])
    for name, value in (("shape", "16:9"), ("shared", "0")):
        assert re.search(rf'name="{name}" value="{value}" autocomplete="off" checked', response.text)
    assert re.search(rf'name="n"[^>]* value="{data["n"]}"', response.text)
    assert re.search(r'name="blind" autocomplete="off" checked', response.text)
    assert Comparison.objects.count() == 0


def test_create_over_the_cap_says_so_and_starts_nothing(as_bob, model, zebra, settings):
    settings.MONTHLY_IMAGES = 1

    response = as_bob.post(CREATE, form(model, zebra))

    assert response.status_code == 409
    assert "Only 1 of your 1 images are left this month, and this asks for 2. Ask for fewer." in response.text
    assert (Comparison.objects.count(), Generation.objects.count()) == (0, 0)


def test_create_with_a_paused_relay_says_so(as_bob, model, zebra):
    Relay.objects.filter(pk=zebra.relay_id).update(paused_at=timezone.now())

    response = as_bob.post(CREATE, form(model, zebra))

    assert response.status_code == 422
    assert "Striped cannot be used now: Zebra is paused." in response.text
    assert ticked(response) == ["Sandbox Flux", "Striped"]


# Side by side


def test_detail_shows_time_size_and_cost_of_each(as_bob, bob, model, zebra):
    row = make_comparison(bob, [model, zebra], settings={"aspect_ratio": "16:9"})
    first, second = finish(row, width=1360, height=768)
    sent = timezone.now()
    Generation.objects.filter(pk=first.pk).update(
        sent_at=sent, received_at=sent + timezone.timedelta(seconds=4.2), settings={"size": "1360x768"}
    )
    relay_request = {"generation": second, "attempt": 1, "dropped": ["style"], "cost": Decimal("0.04")}
    RelayRequest.objects.create(**relay_request)

    response = as_bob.get(at(row))

    assert columns(response) == [
        "Sandbox Flux Sandbox Time 4.2 s Size 1360×768 Pick this one Sandbox Flux",
        "Striped Zebra Asked 16:9 Size 1360×768 Left out style Cost $0.04 Pick this one Striped",
    ]
    assert "Pick the one you like best." in words(response.text)


def test_detail_says_that_a_shape_was_left_out(as_bob, bob, model, plain_model):
    row = make_comparison(bob, [model, plain_model])
    Generation.objects.filter(pk=row.generations.in_columns()[1].pk).update(settings={})

    told = columns(as_bob.get(at(row)))

    assert "Asked no shape: none of its own is like it" in told[1]
    assert "no shape" not in told[0]


def test_detail_fills_while_it_runs(as_bob, bob, model, zebra):
    row = make_comparison(bob, [model, zebra], state=State.SENT)

    whole = as_bob.get(at(row))
    assert whole.text.count("frame--waiting") == 2
    assert "0 of 2 models done." in words(whole.text)

    first = row.generations.in_columns()[0]
    make_image(bob, model, generation=first)
    Generation.objects.filter(pk=first.pk).move(State.SENT, to=State.DONE)
    changed = as_bob.get(at(row), headers=HTMX)

    assert changed.text.strip().startswith(f'<article class="comparison" id="comparison-{row.pk}"')
    assert changed.text.count("frame--waiting") == 1
    assert "1 of 2 models done." in words(changed.text)


def test_detail_failure_has_its_sentence_and_its_retry_answers_with_the_comparison(as_bob, bob, model, zebra):
    row = make_comparison(bob, [model, zebra], state=State.FAILED, **old("The relay failed (500)."))
    first = row.generations.in_columns()[0]

    told = columns(as_bob.get(at(row)))
    retried = as_bob.post(reverse("generations.retry", args=[first.pk]), headers=HTMX)

    assert all("The relay failed (500)." in each and "Try again" in each for each in told)
    assert (retried.status_code, retried["Location"]) == (303, f"{at(row)}#generation-{first.pk}")
    first.refresh_from_db()
    assert first.state == State.QUEUED


def test_generation_of_a_comparison_leads_to_it(as_bob, bob, model, zebra):
    row = make_comparison(bob, [model, zebra])
    first = row.generations.in_columns()[0]

    response = as_bob.get(reverse("generations.detail", args=[first.pk]))

    assert (response.status_code, response["Location"]) == (303, f"{at(row)}#generation-{first.pk}")


def test_detail_of_a_team_mate_shows_what_is_shared_and_no_buttons(as_charlie, bob, model, zebra):
    row = make_comparison(bob, [model, zebra], n=2)
    for _ in range(2):
        first, second = finish(row)
    first.images.update(shared=False)
    second.images.filter(index=1).update(shared=False)

    response = as_charlie.get(at(row))

    told = columns(response)
    assert "Not shared." in told[0]
    assert "Not shared" in told[1]
    assert "trash" not in response.text
    assert response.text.count("<img ") == 1
    assert "Pick" not in response.text
    assert "Bob, " in words(response.text)


def test_private_comparison_is_not_found_by_others(as_charlie, bob, model, zebra, refusals):
    row = make_comparison(bob, [model, zebra], shared=False)

    assert as_charlie.get(at(row)).status_code == 404
    assert [line["event"] for line in refusals] == ["security.authz_denied"]


@pytest.mark.parametrize("count", [2, 4])
def test_detail_asks_the_same_number_of_queries(as_bob, bob, model, zebra, count, django_assert_num_queries):
    row = make_comparison(bob, [model, zebra] * (count // 2), n=2)
    finish(row)

    # session, person; comparison with prompt and owner, generations with models; requests, slots, images; banner: none
    with django_assert_num_queries(7):
        as_bob.get(at(row))


@pytest.mark.parametrize("count", [1, 3])
def test_new_asks_the_same_number_of_queries(as_bob, bob, model, zebra, count, django_assert_num_queries):
    for _ in range(count):
        finish(make_comparison(bob, [model, zebra]))
    budgets.allowance(person=bob)

    # session, person, models, comparisons, their generations, requests, slots, images, allowance
    with django_assert_num_queries(9):
        as_bob.get(NEW)


# Blind


FOREIGN = [
    "Sandbox",
    "Flux",
    "sandbox-flux",
    "Striped",
    "striped",
    "Zebra",
    "trace-7",
    "image/png",
    "PNG",
    "4.2 s",
    "$",
]


@pytest.fixture
def blind(bob, model, zebra) -> Comparison:
    """A blind comparison with everything in its rows that would name a model."""
    row = make_comparison(bob, [model, zebra], blind=True, text="A calm fjord")
    sent = timezone.now()
    for each in finish(row):
        Generation.objects.filter(pk=each.pk).update(
            sent_at=sent,
            received_at=sent + timezone.timedelta(seconds=4.2),
            reason="handed_over",
            reason_values={"relay": "Zebra", "other": "Sandbox"},
            trace_id="trace-7",
            trail=[{"relay": "Zebra", "status": 401}],
        )
        facts = {"sent": {"model": "striped"}, "dropped": ["style"], "trace_id": "trace-7"}
        RelayRequest.objects.create(generation=each, model=zebra, attempt=1, slots=[0], cost=1, **facts)
    ImageModel.objects.update(usual_ms=4200)
    return row


def told_by(client: Client, row: Comparison) -> str:
    """Everything that pages, cards, facts and receipts say of a comparison, but not the list of models to choose."""
    image = row.generations.in_columns()[1].images.get()
    pages = [at(row), in_the_feed(row), reverse("images.detail", args=[image.pk]), reverse("prompts.index")]
    text = [client.get(page, headers=HTMX).text for page in [*pages, reverse("images.index")]]
    text += [client.get(page).text for page in [at(row), f"{reverse('images.receipt', args=[image.pk])}"]]
    return "\n".join(text)


def test_blind_names_no_model_anywhere_before_the_pick_and_all_after_it(as_bob, as_charlie, blind):
    before = [told_by(client, blind) for client in (as_bob, as_charlie)]
    as_bob.post(at(blind, "pick"), {"column": "2"})
    after = told_by(as_bob, blind)

    assert [[name for name in FOREIGN if name in text] for text in before] == [[], []]
    assert [
        name for name in ("Sandbox Flux", "Striped", "Zebra", "image/png", "4.2 s") if name not in after
    ] == []


def test_blind_feed_shows_letters(as_bob, blind):
    feed = as_bob.get("/").text.partition('id="feed"')[2]

    assert [name for name in FOREIGN if name in feed] == []
    assert "Model A" in words(feed)
    assert "Model B" in words(feed)


def test_blind_columns_are_letters_with_a_size_that_all_have(as_bob, blind):
    response = as_bob.get(at(blind))

    assert columns(response) == [
        "Model A Done Size 1024×1024 Pick this one A",
        "Model B Done Size 1024×1024 Pick this one B",
    ]
    assert "The names stay hidden until you pick one." in words(response.text)


def test_blind_size_that_differs_is_not_told(as_bob, blind):
    blind.generations.in_columns()[0].images.update(width=512)

    assert columns(as_bob.get(at(blind))) == ["Model A Done Pick this one A", "Model B Done Pick this one B"]


def test_blind_while_it_runs_shows_no_clock(as_bob, bob, model, zebra):
    ImageModel.objects.update(usual_ms=4200)
    row = make_comparison(bob, [model, zebra], blind=True, state=State.SENT)

    text = as_bob.get(at(row)).text

    assert "ticking-clock" not in text
    assert columns(as_bob.get(at(row))) == [
        f"Model {letter} Asking the relay Stop waiting (may be charged) {letter} 1" for letter in "AB"
    ]


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Reason("failed", status=500, tried=1, trace_id="req.7"), "The relay failed (500). Tried once."),
        (
            Reason("not_taken", param="aspect_ratio", value="16:9"),
            "The relay does not accept these settings.",
        ),
        (Reason("handed_over", relay="Zebra", other="Sandbox"), "0 of 1 images saved."),
        (Reason("old", text="Zebra failed."), "0 of 1 images saved."),
    ],
)
def test_blind_failure_is_told_without_its_relay(as_bob, bob, model, zebra, why, told):
    facts = {"reason": why.code, "reason_values": why.values, "trace_id": "req.7"}
    row = make_comparison(bob, [model, zebra], blind=True, state=State.FAILED, **facts)

    response = as_bob.get(at(row))

    assert "No model drew a picture. The names stay hidden until you pick one." in words(response.text)
    for each in columns(response):
        assert told in each
        assert "req.7" not in each


def test_blind_retry_of_a_paused_relay_does_not_name_it(as_bob, bob, model, zebra):
    row = make_comparison(bob, [zebra, model], blind=True, state=State.FAILED)
    Relay.objects.filter(pk=zebra.relay_id).update(paused_at=timezone.now())
    first = row.generations.in_columns()[0]

    response = as_bob.post(reverse("generations.retry", args=[first.pk]), headers=HTMX)

    assert response.status_code == 400
    assert "This model cannot be used now." in response.text
    assert "Zebra" not in response.text


def test_blind_settings_are_not_taken_over_into_the_composer(as_bob, bob, model, zebra):
    row = make_comparison(bob, [model, zebra], blind=True, settings={"aspect_ratio": "16:9"})

    text = as_bob.get("/", {"from": str(row.generations.first().pk)}).text

    assert "16:9" not in text.partition('id="feed"')[0]


# Picking


@pytest.mark.parametrize("htmx", [False, True])
def test_pick_marks_the_column_and_shows_the_names(as_bob, blind, htmx):
    response = as_bob.post(at(blind, "pick"), {"column": "2"}, headers=HTMX if htmx else {})

    blind.refresh_from_db()
    second = blind.generations.in_columns()[1]
    assert (response.status_code, response["Location"]) == (303, f"{at(blind)}#generation-{second.pk}")
    assert blind.picked == second
    page = as_bob.get(at(blind))
    told = columns(page)
    assert told[1].startswith("B Striped Picked Zebra Time 4.2 s")
    assert "Picked" not in told[0]
    assert "Pick this one" not in page.text
    assert "You picked B, Striped." in words(page.text)


def test_pick_twice_is_a_conflict(as_bob, blind):
    as_bob.post(at(blind, "pick"), {"column": "2"})

    response = as_bob.post(at(blind, "pick"), {"column": "1"})

    assert response.status_code == 409
    assert "You have already picked." in response.text


@pytest.mark.parametrize("column", ["", "0", "3", "5", "x"])
def test_pick_of_no_column_is_refused(as_bob, blind, column):
    response = as_bob.post(at(blind, "pick"), {"column": column})

    assert response.status_code == 400
    assert "Pick one of the columns." in response.text


def test_pick_by_a_team_mate_is_not_found(as_charlie, blind):
    assert as_charlie.post(at(blind, "pick"), {"column": "1"}).status_code == 404


# The feed


def test_index_shows_a_comparison_as_one_card_among_generations(as_bob, bob, model, zebra):
    older = make_generation(bob, model, text="Older")
    row = make_comparison(bob, [model, zebra], text="Compared")
    newer = make_generation(bob, model, text="Newer")

    text = as_bob.get("/").text

    shown = re.findall(r'<article class="run[^"]*" id="([^"]+)"', text)
    assert shown == [f"generation-{newer.pk}", f"comparison-{row.pk}", f"generation-{older.pk}"]
    assert at(row) in text


def test_index_pages_over_both_without_gap_or_repeat(as_bob, bob, model, zebra):
    rows: list[Any] = []
    for number in range(24):
        one = make_comparison(bob, [model, zebra]) if number % 3 else make_generation(bob, model)
        rows.append(one)

    shown, address = [], "/"
    while address:
        text = as_bob.get(address).text
        shown += re.findall(r'<article class="run[^"]*" id="\w+-([^"]+)"', text)
        older = re.search(r'href="(/\?before=[0-9a-f-]+)"', text)
        address = older[1] if older else ""

    assert sorted(shown) == sorted(str(row.pk) for row in rows)


@pytest.mark.parametrize("count", [2, 4])
def test_index_with_a_comparison_asks_the_same_number_of_queries(
    as_bob, bob, model, zebra, count, django_assert_num_queries
):
    for _ in range(count - 1):
        finish(make_comparison(bob, [model, zebra] * (count // 2)))
    budgets.allowance(person=bob)

    # session, person, generations, comparisons; generations of these, requests, slots, images;
    # grids, models, collections, allowance, presets
    with django_assert_num_queries(13):
        as_bob.get("/")
