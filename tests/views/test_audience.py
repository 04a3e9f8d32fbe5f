"""Who sees what one makes next: the installation decides first, then the last choice; private begets private."""

import re
import uuid

import pytest
from django.urls import reverse

from studio.models import Generation, State
from studio.services import grids
from studio.services.grids import GridOrder
from tests.factories import make_comparison, make_generation

HTMX = {"HX-Request": "true"}
AUDIENCE = reverse("accounts.audience")


def starts(response) -> str:
    """Return how the form stands: "team" or "private"."""
    [value] = re.findall(r'name="shared" value="([01])"[^>]* checked', response.text)
    return {"1": "team", "0": "private"}[value]


def order(model, **changes):
    return {
        "submission_id": str(uuid.uuid4()),
        "model": str(model.pk),
        "prompt": "A lake",
        "n": "1",
    } | changes


@pytest.mark.parametrize(("default", "word"), [(True, "team"), (False, "private")])
@pytest.mark.parametrize("page", ["generations.index", "comparisons.new"])
def test_first_form_stands_as_the_installation_says(
    as_bob, model, plain_model, settings, default, word, page
):
    settings.DEFAULT_SHARED = default

    assert starts(as_bob.get(reverse(page))) == word


@pytest.mark.parametrize("page", ["generations.index", "comparisons.new", "generations.composer"])
def test_choice_is_remembered_at_the_next_visit(as_bob, model, plain_model, page):
    answer = as_bob.post(AUDIENCE, {"shared": "0"}, headers=HTMX)

    assert answer.status_code == 204
    assert starts(as_bob.get(reverse(page))) == "private"


def test_choice_survives_another_model_and_a_generation(as_bob, model, plain_model):
    as_bob.post(AUDIENCE, {"shared": "0"})
    as_bob.post(reverse("generations.composer"), order(plain_model, shared="0"), headers=HTMX)
    as_bob.post(reverse("generations.create"), order(plain_model, shared="0"))

    assert Generation.objects.get().shared is False
    assert starts(as_bob.get("/")) == "private"


def test_generation_sent_for_the_team_is_the_last_choice(as_bob, model):
    as_bob.post(AUDIENCE, {"shared": "0"})
    as_bob.post(reverse("generations.create"), order(model, shared="1"))

    assert starts(as_bob.get("/")) == "team"


def test_comparison_sent_is_the_last_choice(as_bob, model, plain_model):
    rivals = order(model, models=[str(model.pk), str(plain_model.pk)], shared="0")
    as_bob.post(reverse("comparisons.create"), rivals)

    assert starts(as_bob.get("/")) == "private"


@pytest.mark.parametrize("query", ["from", "remix", "prompt"])
@pytest.mark.parametrize(
    ("chosen", "run", "word"), [("1", "team", "team"), ("1", "private", "private"), ("0", "team", "private")]
)
def test_what_comes_from_a_private_run_starts_private(as_bob, bob, model, query, chosen, run, word):
    as_bob.post(AUDIENCE, {"shared": chosen})
    row = make_generation(bob, model, shared=run == "team", state=State.DONE)

    response = as_bob.get("/", {query: str(row.prompt_id if query == "prompt" else row.pk)})

    assert starts(response) == word


@pytest.mark.parametrize("query", ["from", "prompt"])
def test_comparison_that_comes_from_a_private_one_starts_private(as_bob, bob, model, plain_model, query):
    row = make_comparison(bob, [model, plain_model], shared=False)

    key = row.prompt_id if query == "prompt" else row.pk
    assert starts(as_bob.get(reverse("comparisons.new"), {query: str(key)})) == "private"


@pytest.mark.parametrize("query", ["from", "prompt"])
def test_grid_that_comes_from_a_private_one_starts_private(as_bob, bob, model, query):
    wish = GridOrder(models=[model], text="A lake, {light: dawn|dusk}", shared=False)
    row = grids.start(person=bob, submission_id=uuid.uuid4(), wish=wish)

    key = row.cells.first().prompt_id if query == "prompt" else row.pk
    assert starts(as_bob.get(reverse("grids.new"), {query: str(key)})) == "private"


def test_remix_takes_everything_but_the_seed(as_bob, bob, model):
    settings = {"size": "1792x1024", "seed": 41, "style": "vivid"}
    row = make_generation(bob, model, text="A fjord", settings=settings, state=State.DONE)

    used, remixed = (as_bob.get("/", {query: str(row.pk)}).text for query in ("from", "remix"))

    assert ('value="41"' in used, 'value="41"' in remixed) == (True, False)
    for text in (used, remixed):
        assert "A fjord</textarea>" in text
        assert re.search(r'value="1792x1024"[^>]* checked', text)


def test_audience_of_nonsense_changes_nothing(as_bob, bob, model):
    assert as_bob.post(AUDIENCE, {"shared": "2"}).status_code == 400
    bob.refresh_from_db()
    assert bob.last_choice == {}
