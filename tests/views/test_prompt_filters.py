"""The filters of the gallery over the prompts: what is asked of pictures is asked of those that came of a prompt."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from studio.models import Favourite, Gallery, Generation, Hue, Image, Outline, Prompt, Sort, State
from studio.search import prompts as search
from studio.search.asked import Asked
from studio.services import tags as tag_services
from tests.factories import make_comparison, make_generation, make_image
from tests.views.test_prompts import history, texts


def chips(response) -> dict[str, str]:
    """What is asked for, and the address without it."""
    found = re.findall(r'<a class="chip" href="([^"]*)">\s*<span dir="auto">(.*?)</span>', response.text)
    return {label: url.replace("&amp;", "&") for url, label in found}


@pytest.fixture
def drawn(bob, charlie, model, plain_model):
    """One prompt of which each filter finds it alone, and one that has nothing of it."""
    image = make_image(charlie, plain_model, text="A wide blue lake", width=1536, hue=Hue.BLUE, rating=500)
    make_image(bob, model, text="A square fox", hue=Hue.RED)
    Favourite.objects.create(image=image, person=bob)
    Generation.objects.filter(pk=image.generation_id).update(cost=50_000, cost_unit="USD")
    tag_services.add(images=[image.pk], person=charlie, names=["water"])
    return image


FILTERS = {
    "person": lambda image: {"person": image.owner_id},
    "model": lambda image: {"model": image.model_id},
    "shape": lambda image: {"shape": Outline.LANDSCAPE},
    "colour": lambda image: {"colour": "blue"},
    "mine": lambda image: {"liked": "mine"},
    "anyone": lambda image: {"liked": "anyone"},
    "stars": lambda image: {"stars": 5},
    "tag": lambda image: {"tag": "water"},
    "cost": lambda image: {"cost": "-0.05 USD"},
    "words": lambda image: {"q": "wide", "colour": "blue"},
}
WAYS = {"near": (2000, 600), "far": (0, 0)}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch) -> str:
    """Both ways of looking: row by row, and by an index."""
    names = ("LOOKED_THROUGH", "PICTURES_LOOKED_THROUGH")
    for name, rows in zip(names, WAYS[request.param], strict=True):
        monkeypatch.setattr(search, name, rows)
    return request.param


@pytest.mark.parametrize("name", FILTERS)
def test_index_with_a_filter_finds_the_prompt_of_such_a_picture(as_bob, drawn, name: str, way: str):
    found = as_bob.get(history(**FILTERS[name](drawn)))

    assert texts(found) == ["A wide blue lake"]
    assert len(chips(found)) == 1


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"person", "cost"}))
@pytest.mark.parametrize("hidden", ["shared", "trashed_at", "held_at", "removed_at"])
def test_index_with_a_filter_tells_nothing_of_what_the_team_does_not_see(
    as_bob, drawn, name: str, hidden: str, way: str
):
    """The prompt stays, as another picture of it is seen; what is not seen answers no filter."""
    other = make_image(drawn.owner, drawn.generation.model, generation=drawn.generation)
    Image.objects.filter(pk=other.pk).update(model=None)
    value = False if hidden == "shared" else timezone.now()
    Image.objects.filter(pk=drawn.pk).update(**{hidden: value})

    assert "A wide blue lake" not in texts(as_bob.get(history(**FILTERS[name](drawn))))


def test_index_with_a_model_tells_nothing_of_a_blind_comparison(as_bob, charlie, model, plain_model, way):
    compared = make_comparison(charlie, [model, plain_model], blind=True, text="A blind taste")
    for run in compared.generations.all():
        make_image(charlie, run.model, generation=run)

    assert texts(as_bob.get(history(model=model.pk))) == []

    type(compared).objects.update(picked_at=timezone.now())

    assert texts(as_bob.get(history(model=model.pk))) == ["A blind taste"]


def test_index_from_a_day_to_a_day_goes_by_the_last_run(as_bob, bob, model, way):
    for days in (9, 5, 1):
        make_generation(bob, model, text=f"{days} days ago", state=State.DONE)
        at = timezone.now() - timedelta(days=days)
        Prompt.objects.filter(text=f"{days} days ago").update(shared_at=at)
    day = timezone.localdate() - timedelta(days=5)

    assert texts(as_bob.get(history(since=day, until=day))) == ["5 days ago"]


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("q", ["lake", "la", '"a lake"', "lake -red", "bob", "-red", "zebra"])
def test_page_finds_the_same_either_way_in_each_order(bob, charlie, model, monkeypatch, sort: Sort, q: str):
    for number in range(12):
        text = f"{'a red' if number % 3 else 'A'} {'lake' if number % 2 else 'Lakeside'} {number}"
        make_generation([bob, charlie][number % 2], model, text=text, state=State.DONE)
        Prompt.objects.filter(text=text).update(team_used=number % 4, team_rated=number % 5)
    asked = Asked(view=Gallery.TEAM, words=q)

    found = []
    for looked in (0, 3, 100):
        monkeypatch.setattr(search, "LOOKED_THROUGH", looked)
        after, walked = None, []
        while rows := search.page(asked, bob, sort, 2, after=after):
            walked += [row.text for row in rows]
            after = (rows[-1].place, rows[-1].pk)
        found.append(walked)

    assert found[0] == found[1] == found[2]
    assert len(found[0]) == len(set(found[0]))
    assert bool(found[0]) == (q != "zebra")


def test_index_chips_take_themselves_off_and_keep_the_rest(as_bob, drawn):
    response = as_bob.get(history(q="lake", colour="blue", stars=5, sort="used"))

    assert chips(response) == {
        "blue": "/prompts/?sort=used&view=team&q=lake&stars=5",
        "5 stars": "/prompts/?sort=used&view=team&q=lake&colour=blue",
    }


def test_index_sends_an_operator_on_to_its_filter(as_bob, charlie):
    response = as_bob.get(history(q="person:charlie lake"))

    assert response.url == f"/prompts/?view=team&q=lake&person={charlie.pk}"


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"q": "x" * 201}, {"stars": 9}])
def test_index_asked_for_nonsense_says_so_beside_the_field(as_bob, query):
    response = as_bob.get(history(**query))

    assert response.status_code == 422
    assert 'action="/prompts/"' in response.text


@pytest.mark.parametrize("name", ["prompts.index", "searches.prompts"])
def test_view_that_only_the_gallery_has_is_not_found(as_bob, name: str):
    assert as_bob.get(reverse(name, query={"view": "trash"})).status_code == 404


def test_search_page_leads_back_to_the_prompts(as_bob):
    text = as_bob.get(reverse("searches.prompts", query={"q": "lake"})).text

    assert 'href="/prompts/?view=team&amp;q=lake">Prompts</a>' in text
    assert "Saved searches" not in text
