"""What assistants are told: within the person's rights and budget, and nothing of what is another's alone."""

import json

import pytest

from studio.api import tools
from studio.api.waiting import told
from studio.errors import Forbidden, OverBudget, StudioError
from studio.models import Allowance, Generation, State
from studio.services import budgets, images, tokens
from tests.factories import make_comparison, make_generation, make_image

pytestmark = pytest.mark.django_db
TINY = b"picture"


def pictures_of(shown: tools.ToolAnswer) -> set[str]:
    return {row["image"] for row in shown.facts["images"]}


@pytest.mark.parametrize("words", ["", "secret"])
def test_find_images_shows_ones_own_and_the_teams_and_never_what_is_private(words, token, charlie, model):
    mine = make_image(token.person, model, text="My secret lake", shared=False)
    theirs = make_image(charlie, model, text="Their secret lake", shared=False)
    open_one = make_image(charlie, model, text="No secret lake", shared=True)

    own = tools.find_images(token, words=words, view="mine")
    team = tools.find_images(token, words=words, view="team")

    assert pictures_of(own) == {str(mine.pk)}
    assert pictures_of(team) == {str(open_one.pk)}
    assert str(theirs.pk) not in json.dumps([own.facts, team.facts])


def test_find_prompts_never_says_what_is_private(token, charlie, model):
    make_generation(charlie, model, text="Their secret lake", shared=False)
    make_generation(charlie, model, text="A lake for all", shared=True)

    said = tools.find_prompts(token, words="lake", view="team").facts["prompts"]

    assert [row["prompt"] for row in said] == ["A lake for all"]


def test_look_shows_ones_own_run_and_shared_pictures_and_says_of_others_that_nothing_is_there(
    token, charlie, model
):
    mine = make_image(token.person, model, content=TINY, shared=False, developed=False)
    hidden = make_image(charlie, model, shared=False)
    shared = make_image(charlie, model, shared=True)

    run = tools.look(token, str(mine.generation_id))

    assert pictures_of(run) == {str(mine.pk)}
    assert run.images == [(TINY, mine.media_type)]
    assert tools.look(token, str(shared.pk)).facts["image"] == str(shared.pk)
    for pk in (hidden.pk, hidden.generation_id, shared.generation_id):
        with pytest.raises(StudioError, match="Nothing is at"):
            tools.look(token, str(pk))


def test_look_names_no_model_of_a_blind_comparison_and_shows_nothing_from_the_trash(token, model):
    row = make_comparison(token.person, [model, model], blind=True).generations.first()
    image = make_image(token.person, model, generation=row, content=TINY)

    assert model.model_id not in json.dumps(tools.look(token, str(row.pk)).facts)

    images.trash(images=[image.pk], person=token.person)

    assert tools.look(token, str(row.pk)).images == []


def test_draw_asks_for_a_generation_of_the_person_and_tells_what_came(token, model, monkeypatch):
    monkeypatch.setattr(tools, "PATIENCE", 0.0)

    shown = told(tools.draw(token, prompt="A lake", model=model.model_id, n=2, size=None))

    row = Generation.objects.get()
    assert (row.owner, row.n, shown.facts["status"]) == (token.person, 2, "queued")
    assert shown.facts["generation"] == str(row.pk)


def test_draw_over_budget_or_by_a_reading_token_draws_nothing(token, model, bob):
    reader, _ = tokens.make(person=bob, name="Reader", scope="read")
    with pytest.raises(Forbidden):
        told(tools.draw(reader, prompt="A lake"))

    budgets.allowance(person=bob)
    Allowance.objects.update(cap=0)
    with pytest.raises(OverBudget):
        told(tools.draw(token, prompt="A lake"))

    assert Generation.objects.count() == 0


def test_models_lists_those_that_the_person_may_use(token, model):
    assert [row["model"] for row in tools.models(token).facts["models"]] == [model.model_id]

    model.least_role = "administrator"
    model.save()

    assert tools.models(token).facts["models"] == []


def test_look_says_why_a_run_failed(token, model):
    row = make_generation(token.person, model, state=State.REFUSED, reason="refused_by_relay")

    shown = tools.look(token, str(row.pk))

    assert (shown.facts["status"], bool(shown.facts["why"])) == ("failed", True)


def test_draw_that_an_assistant_leaves_gives_its_pictures_to_the_next_one_like_it(token, model):
    wanted = {"prompt": "A lake", "model": model.model_id}
    story = tools.draw(token, **wanted)
    next(story)
    story.close()

    again = tools.draw(token, **wanted)
    next(again)

    assert Generation.objects.count() == 1
