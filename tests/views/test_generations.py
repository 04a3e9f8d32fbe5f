"""Create: composer, feed, cards, and what their owner does with them."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from studio.models import Generation, ImageModel, Slot, SlotState, State
from studio.services import budgets
from tests.factories import make_generation, make_image
from tests.said import busy, old

HTMX = {"HX-Request": "true"}


def form(model, **changes: Any) -> dict[str, Any]:
    data = {"submission_id": str(uuid.uuid4()), "model": str(model.pk), "prompt": "A lake at dawn", "n": "2"}
    return data | changes


def post(client: Client, data: dict[str, Any], *, htmx: bool = True):
    return client.post(reverse("generations.create"), data, headers=HTMX if htmx else {})


def act(client: Client, name: str, row: Generation, *, htmx: bool = True):
    return client.post(reverse(f"generations.{name}", args=[row.pk]), headers=HTMX if htmx else {})


def cards(response) -> list[str]:
    return re.findall(r'<article class="run" id="generation-([0-9a-f-]+)"', response.text)


def submission_ids(response) -> list[str]:
    return re.findall(r'name="submission_id" value="([^"]+)"', response.text)


# The page


def test_index_empty_says_what_belongs_here(as_bob, model):
    response = as_bob.get(reverse("generations.index"))

    assert response.status_code == 200
    assert "Your pictures appear here" in response.text
    assert 'id="composer"' in response.text


def test_index_without_models_tells_members_to_wait_and_administrators_what_to_do(as_bob, as_alice):
    member, administrator = as_bob.get("/"), as_alice.get("/")

    assert "An administrator has to add a relay" in member.text
    assert "Open administration" in administrator.text
    assert 'id="composer"' not in member.text


def test_index_shows_ones_own_generations_newest_first(as_bob, bob, charlie, model):
    rows = [make_generation(bob, model, text=f"Lake {number}") for number in range(3)]
    make_generation(charlie, model, text="Somebody else's lake")

    response = as_bob.get("/")

    assert cards(response) == [str(row.pk) for row in reversed(rows)]
    assert "Somebody else" not in response.text


def test_index_pages_by_key_without_gap_or_repeat(as_bob, bob, model):
    rows = [make_generation(bob, model, state=State.DONE) for _ in range(25)]

    shown, address = [], "/"
    while address:
        response = as_bob.get(address)
        shown += cards(response)
        older = re.search(r'href="(/\?before=[0-9a-f-]+)"', response.text)
        address = older[1] if older else ""

    assert shown == [str(row.pk) for row in reversed(rows)]


def test_index_older_page_by_htmx_is_a_fragment(as_bob, bob, model):
    rows = [make_generation(bob, model) for _ in range(2)]

    response = as_bob.get("/", {"before": str(rows[1].pk)}, headers=HTMX)

    assert cards(response) == [str(rows[0].pk)]
    assert "<html" not in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_bob, bob, model, count, django_assert_num_queries):
    for _ in range(count):
        make_generation(bob, model, n=2)
        make_image(bob, model)
    budgets.allowance(person=bob)

    # Also: comparisons, grids, models and those of one name, collections and presets; when it begins, where somebody is
    # ahead.
    with django_assert_num_queries(14 + (count > 1)):
        as_bob.get("/")


@pytest.mark.parametrize("page", ["/", "/gallery/", "generation"])
def test_heart_without_javascript_is_pressed(page, bob, model):
    image = make_image(bob, model)
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    own = reverse("generations.detail", args=[image.generation_id])

    text = client.get(own if page == "generation" else page).text
    heart = re.search(rf'<button [^>]*id="favourite-{image.pk}"[^>]*>', text)[0]
    button = dict(re.findall(r'(\w+)="([^"]*)"', heart))
    form = re.search(rf'<form id="{button["form"]}" method="post"[^>]*>.*?</form>', text)[0]
    sent = dict(re.findall(r'name="(\w+)" value="(\w+)"', form)) | {button["name"]: button["value"]}
    response = client.post(button["formaction"], sent)

    assert response.status_code == 303
    assert image.favourites.filter(person=bob).exists()


def test_index_from_fills_in_everything(as_bob, bob, model):
    wanted = {"size": "1792x1024", "seed": 42}
    row = make_generation(bob, model, text="Fjord & fog", n=3, settings=wanted, state=State.DONE)

    text = as_bob.get("/", {"from": str(row.pk)}).text

    assert "Fjord &amp; fog</textarea>" in text
    assert re.search(r'value="1792x1024"[^>]* checked', text)
    assert re.search(r'name="seed" value="42"', text)
    assert re.search(r'name="n"[^>]* value="3"', text)


def test_index_prompt_and_from_of_others_need_to_be_shared(as_charlie, bob, model):
    shared = make_generation(bob, model, text="For all", state=State.DONE)
    private = make_generation(bob, model, text="For me", shared=False, state=State.DONE)

    for name, pick in (("from", lambda row: row.pk), ("prompt", lambda row: row.prompt_id)):
        assert "For all</textarea>" in as_charlie.get("/", {name: str(pick(shared))}).text
        assert as_charlie.get("/", {name: str(pick(private))}).status_code == 404
    assert as_charlie.get("/", {"from": "nonsense"}).status_code == 404


def test_index_add_takes_our_own_phrases_only(as_bob, model):
    assert "oil painting</textarea>" in as_bob.get("/", {"add": "oil painting"}).text
    assert "buy this</textarea>" not in as_bob.get("/", {"add": "buy this"}).text


def test_index_needs_a_session(client, db):
    plain = client.get("/")
    htmx = client.get("/", headers=HTMX)

    assert (plain.status_code, plain.url) == (302, f"{reverse('account_login')}?next=/")
    assert (htmx.status_code, htmx["HX-Redirect"]) == (401, reverse("account_login"))


# The composer


@pytest.mark.parametrize("method", ["get", "post"])
def test_composer_for_another_model_keeps_what_fits_and_names_the_rest(as_bob, model, plain_model, method):
    wanted = {"model": str(plain_model.pk), "prompt": "Kept", "size": "1024x1024", "seed": "4", "n": "2"}

    response = getattr(as_bob, method)(reverse("generations.composer"), wanted, headers=HTMX)

    assert response.status_code == 200
    assert response.text.strip().startswith('<form class="composer" id="composer"')
    assert "Kept</textarea>" in response.text
    assert "<li>seed 4: Plain takes none</li>" in response.text
    assert 'name="seed"' not in response.text
    assert f'max="{plain_model.max_n}" value="2"' in response.text


def test_composer_without_htmx_is_the_whole_page(as_bob, model, plain_model):
    response = as_bob.post(reverse("generations.composer"), {"model": str(plain_model.pk), "prompt": "Kept"})

    assert "<html" in response.text
    assert "Kept</textarea>" in response.text
    assert Generation.objects.count() == 0


# Starting


def test_create_by_htmx_answers_with_the_card_and_a_new_submission_id(as_bob, bob, model):
    data = form(model, size="1792x1024")

    response = post(as_bob, data)

    row = Generation.objects.get()
    assert response.status_code == 200
    assert cards(response) == [str(row.pk)]
    assert (row.owner, row.n, row.settings, row.shared) == (bob, 2, {"size": "1792x1024"}, True)
    assert response.text.count("frame--waiting") == 2
    assert "--ratio:1.75" in response.text
    [fresh] = submission_ids(response)
    assert fresh != data["submission_id"]
    assert f'id="submission-id" name="submission_id" value="{fresh}" hx-swap-oob="true"' in response.text
    assert "998 images" in response.text
    assert 'id="composer"' not in response.text


def test_create_after_the_composer_told_of_errors_clears_them(as_bob, model):
    told = post(as_bob, form(model, prompt=""))
    assert 'name="tells" value="1"' in told.text

    response = post(as_bob, form(model, tells="1"))

    composer = response.text[response.text.index('id="composer"') :]
    assert 'hx-swap-oob="outerMorph"' in composer
    assert "A lake at dawn</textarea>" in composer
    assert 'name="tells"' not in composer


def test_create_plain_redirects_to_the_feed(as_bob, model):
    response = post(as_bob, form(model), htmx=False)

    assert (response.status_code, response.url) == (303, "/")
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_create_twice_is_one_generation_row_38(as_bob, model, htmx):
    data = form(model)
    post(as_bob, data)

    again = post(as_bob, data, htmx=htmx)

    row = Generation.objects.get()
    if htmx:
        assert again["HX-Reswap"] == "none"
        assert cards(again) == []
        assert "Already started" in again.text
        assert reverse("generations.detail", args=[row.pk]) in again.text
    else:
        assert (again.status_code, again.url) == (303, "/")


def test_create_same_id_with_other_content_is_409_and_keeps_the_text(as_bob, model):
    data = form(model)
    post(as_bob, data)

    response = post(as_bob, data | {"prompt": "Something else"})

    assert response.status_code == 409
    assert "Something else</textarea>" in response.text
    assert "already sent with other content" in response.text
    assert submission_ids(response) != [data["submission_id"]]
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_create_invalid_is_422_and_keeps_everything_typed(as_bob, model, htmx):
    data = form(model, seed="-5", negative_prompt="blur", size="1024x1792", n="7", shared="0")

    response = post(as_bob, data, htmx=htmx)

    assert response.status_code == 422
    assert "Seed is a number from 0 to 2,147,483,647." in response.text
    assert "A lake at dawn</textarea>" in response.text
    assert "blur</textarea>" in response.text
    assert re.search(r'value="1024x1792"[^>]* checked', response.text)
    assert re.search(r'name="shared" value="0"[^>]* checked', response.text)
    assert re.search(r'name="n"[^>]* value="7"', response.text)
    assert re.search(r'id="more" [^>]* checked', response.text)
    assert ("<html" in response.text) is not htmx
    if htmx:
        assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#composer", "outerMorph")
    assert Generation.objects.count() == 0


def test_create_over_the_cap_says_so_at_the_form(as_bob, bob, model, settings):
    settings.MONTHLY_IMAGES = 1

    response = post(as_bob, form(model))

    assert response.status_code == 409
    assert "Only 1 of your 1 images are left this month. Ask for fewer." in response.text
    assert "A lake at dawn</textarea>" in response.text


def test_create_with_a_full_queue_is_429(as_bob, bob, model, settings):
    settings.QUEUE_PER_PERSON = 2
    make_generation(bob, model, n=2)

    response = post(as_bob, form(model))

    assert response.status_code == 429
    assert "You already have 2 images waiting." in response.text


def test_create_with_a_disabled_model_is_422(as_bob, model, plain_model):
    ImageModel.objects.filter(pk=plain_model.pk).update(enabled=False)

    response = post(as_bob, form(plain_model))

    assert response.status_code == 422
    assert "This model cannot be used now. Choose another one." in response.text


def test_create_hostile_text_is_shown_as_text(as_bob, model):
    response = post(as_bob, form(model, prompt="<img src=x onerror=alert(1)>{{7*7}}</textarea>"))

    assert response.status_code == 200
    assert "<img src=x" not in response.text
    assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}&lt;/textarea&gt;" in response.text


def test_create_without_a_token_is_refused(bob, model):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    response = post(client, form(model), htmx=False)

    assert response.status_code == 403
    assert "This form has expired. Reload and try again." in response.text
    assert Generation.objects.count() == 0


# Cards


def card(client: Client, row: Generation):
    """Ask as a page does that shows a version there never was."""
    return client.get(reverse("live.index"), {"c": f"g{row.pk.hex}.-1.0.none"}, headers=HTMX)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.HELD, "Waiting for a moderator"),
        (State.CLAIMED, "Starting"),
        (State.SENT, "Asking the relay"),
        (State.RECEIVED, "Saving 1 of 4"),
    ],
)
def test_card_says_where_it_stands(as_bob, bob, model, state, words):
    row = make_generation(bob, model, n=4, state=state)

    text = card(as_bob, row).text

    assert words in text
    assert f'name="c" value="g{row.pk.hex}.0.' in text
    assert text.count("frame--waiting") == 4


def test_card_fills_frames_in_order_while_saving(as_bob, bob, model):
    row = make_generation(bob, model, n=4, state=State.RECEIVED)
    image = make_image(bob, model, generation=row, developed=False)

    text = card(as_bob, row).text

    assert "Saving 2 of 4" in text
    assert text.index(reverse("images.detail", args=[image.pk])) < text.index("frame--waiting")
    assert text.count("frame--waiting") == 3


def test_card_waiting_for_its_next_try_says_what_the_relay_said(as_bob, bob, model):
    sentence = "The relay is busy. Trying again in 7 s (1 of 3)."
    row = make_generation(bob, model, **busy(), not_before=timezone.now())

    assert sentence in card(as_bob, row).text


def test_card_done_stops_asking(as_bob, bob, model):
    """Its originals are in the browser: thumbnails are for the next time it is opened."""
    row = make_generation(bob, model, state=State.DONE)
    make_image(bob, model, generation=row, developed=False)

    assert 'name="c"' not in card(as_bob, row).text


def test_card_trashed_picture_is_not_shown(as_bob, bob, model):
    row = make_generation(bob, model, n=2, state=State.DONE)
    make_image(bob, model, generation=row)
    gone = make_image(bob, model, generation=row, trashed_at=timezone.now())

    text = card(as_bob, row).text

    assert str(gone.pk) not in text
    assert "In the trash" in text
    assert "Retry" not in text


@pytest.mark.parametrize(
    ("state", "button"),
    [
        (State.UNKNOWN, "Try again (may cost again)"),
        (State.FAILED, "Try again"),
        (State.BROKEN, "Try again (may cost again)"),
        (State.REFUSED, "Edit prompt"),
    ],
)
def test_card_in_trouble_says_so_and_offers_one_thing(as_bob, bob, model, state, button):
    row = make_generation(bob, model, n=2, state=state, **old("That went wrong."), trace_id="req_8f21c")

    text = card(as_bob, row).text

    assert "That went wrong." in text
    assert f">{button}</" in text
    assert ">Dismiss</" in text
    assert 'data-copy="req_8f21c"' in text
    assert 'name="c"' not in text


def test_card_with_missing_pictures_says_why_and_offers_to_retry_them(as_bob, bob, model):
    row = make_generation(bob, model, n=3, state=State.DONE, **old("1 of 3 images saved."))
    make_image(bob, model, generation=row)
    Slot.objects.filter(generation=row, index=1).update(state=SlotState.EXPIRED)

    text = card(as_bob, row).text

    assert "Removed by the relay before it could be saved" in text
    assert "Retry 2 missing" in text


def test_acts_of_others_are_not_found(as_charlie, bob, model):
    row = make_generation(bob, model)

    acts = ("cancellation", "retry", "closure", "share")
    assert [act(as_charlie, name, row).status_code for name in acts] == [404] * 4


@pytest.mark.parametrize("state", [State.QUEUED, State.FAILED, State.DONE])
def test_detail_of_a_shared_run_opens_for_the_team_without_buttons(as_charlie, bob, model, state):
    row = make_generation(bob, model, text="A lake for all", state=state)

    text = as_charlie.get(reverse("generations.detail", args=[row.pk])).text

    assert "A lake for all" in text
    assert row.is_active or re.search(r"<strong>\s*Bob,", text)
    assert '<form method="post"' not in text[text.index('id="main"') :]


def test_detail_is_a_page_with_the_card(as_bob, bob, model):
    row = make_generation(bob, model, text="A lake of one's own")

    response = as_bob.get(reverse("generations.detail", args=[row.pk]))

    assert cards(response) == [str(row.pk)]
    assert "<title>A lake of one&#x27;s own – Lightfast</title>" in response.text


# Acts


@pytest.mark.parametrize("htmx", [True, False])
def test_cancellation_of_a_waiting_one_cancels(as_bob, bob, model, htmx):
    row = make_generation(bob, model)

    response = act(as_bob, "cancellation", row, htmx=htmx)

    row.refresh_from_db()
    assert row.state == State.CANCELLED
    if htmx:
        assert "Cancelled. Nothing was charged." in response.text
    else:
        assert (response.status_code, response.url) == (303, f"/#generation-{row.pk}")


def test_cancellation_while_the_relay_draws_is_a_sentence(as_bob, bob, model):
    row = make_generation(bob, model, state=State.SENT)

    response = act(as_bob, "cancellation", row)

    assert response.status_code == 409
    assert "The relay is already drawing." in response.text
    assert 'hx-swap-oob="innerHTML:#toasts"' in response.text


@pytest.mark.parametrize("htmx", [True, False])
def test_retry_asks_again(as_bob, bob, model, htmx):
    row = make_generation(bob, model, state=State.FAILED)

    response = act(as_bob, "retry", row, htmx=htmx)

    row.refresh_from_db()
    assert (row.state, row.round) == (State.QUEUED, 2)
    assert response.status_code == (200 if htmx else 303)


@pytest.mark.parametrize("htmx", [True, False])
def test_closure_makes_trouble_quiet(as_bob, bob, model, htmx):
    row = make_generation(bob, model, state=State.UNKNOWN, **old("We lost contact."))

    response = act(as_bob, "closure", row, htmx=htmx)

    row.refresh_from_db()
    assert row.closed
    if htmx:
        assert "note--quiet" in response.text
        assert "We lost contact." in response.text
    else:
        assert response.status_code == 303


def test_healthz_answers_without_a_session(client, db):
    response = client.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok")


def test_not_found_is_a_page_in_words(as_bob):
    response = as_bob.get("/nothing/here/")

    assert response.status_code == 404
    assert "There is nothing here, or it is not yours to see." in response.text


# Already made


def made(bob, model, **fields):
    row = make_generation(bob, model, text="A lake at dawn", settings={}, state=State.DONE, **fields)
    return make_image(bob, model, generation=row, content=None)


@pytest.mark.parametrize("htmx", [True, False])
def test_create_of_what_is_there_shows_it_first_and_draws_nothing(as_bob, bob, model, htmx):
    image = made(bob, model)

    response = post(as_bob, form(model), htmx=htmx)

    assert response.status_code == 409
    assert "Already made: the same words with the same settings." in response.text
    assert reverse("images.detail", args=[image.pk]) in response.text
    assert "A lake at dawn</textarea>" in response.text
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("htmx", [True, False])
def test_create_again_anyway_draws_it(as_bob, bob, model, htmx):
    made(bob, model)
    [token] = re.findall(r'name="again" value="([^"]+)"', post(as_bob, form(model)).text)

    response = post(as_bob, form(model, again=token, tells="1"), htmx=htmx)

    assert response.status_code == (200 if htmx else 303)
    assert Generation.objects.count() == 2
    if htmx:  # it is not asked a second time
        assert re.findall(r'type="hidden" name="again" value="([^"]+)"', response.text) == [token]


def test_create_the_same_submission_twice_is_no_repeat(as_bob, bob, model):
    data = form(model)
    post(as_bob, data)
    row = Generation.objects.get()
    make_image(bob, model, generation=row, content=None)

    response = post(as_bob, data)

    assert (response.status_code, Generation.objects.count()) == (200, 1)
    assert "Already started" in response.text
