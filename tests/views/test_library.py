"""The library's pages."""

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from studio.models import Generation, SavedPrompt, State
from studio.services import library
from tests.factories import make_generation, make_image

HTMX = {"HX-Request": "true"}


@pytest.fixture
def saved(bob) -> SavedPrompt:
    return library.save(
        person=bob, title="Alpine lake", text="A {subject} at dawn, {style:oil|ink}", tags="lake", shared=True
    )


def titles(response) -> list[str]:
    return re.findall(r"<b>(.*?)</b>", response.text)


def to(name: str, row: SavedPrompt, *more) -> str:
    return reverse(f"library.{name}", args=[row.pk, *more])


def test_index_shows_ones_own_and_the_teams(as_charlie, bob, charlie, saved):
    library.save(person=bob, title="Hidden", text="A secret")
    library.save(person=charlie, title="Own", text="Mine")

    assert titles(as_charlie.get(reverse("library.index"))) == ["Own", "Alpine lake"]
    assert titles(as_charlie.get(reverse("library.index"), {"view": "mine"})) == ["Own"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "dawn"}, 1),
        ({"q": "alpine lake"}, 1),
        ({"q": "-ink"}, 0),
        ({"tag": "lake"}, 1),
        ({"tag": "lak"}, 0),
    ],
)
def test_index_finds_by_title_text_and_tag(as_charlie, saved, query, found):
    assert len(titles(as_charlie.get(reverse("library.index"), query))) == found


def test_index_counts_only_uses_that_the_person_may_see(as_bob, as_charlie, charlie, model, saved):
    for shared in (True, False):
        make_generation(charlie, model, text=f"A fox {shared}", shared=shared, saved=saved.current)

    assert "used 2 times" in as_charlie.get(reverse("library.index")).text
    assert "used 1 time<" in as_bob.get(reverse("library.index")).text


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_bob, bob, model, count, django_assert_num_queries):
    for number in range(count):
        image = make_image(bob, model, text=f"A lake {number}")
        library.save(person=bob, title=f"Lake {number}", text="A lake", example=image)

    with django_assert_num_queries(4):  # session, person, saved prompts, examples
        response = as_bob.get(reverse("library.index"))

    assert len(titles(response)) == count


def test_detail_has_an_input_for_each_field(as_charlie, saved):
    text = as_charlie.get(to("detail", saved)).text

    assert re.findall(r'name="field-(\d)"', text) == ["0", "1"]
    assert re.findall(r"<option>(.*?)</option>", text) == ["oil", "ink"]


@pytest.mark.parametrize("where", ["detail", "version", "removal"])
def test_page_of_anothers_private_one_is_not_found(as_charlie, bob, where):
    hidden = library.save(person=bob, title="Hidden", text="A secret")

    assert as_charlie.get(to(where, hidden, *([1] if where == "version" else []))).status_code == 404


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_use_fills_the_prompt_and_remembers_the_version(as_charlie, model, saved, headers):
    version = saved.current
    sent = {"fill": version.pk, "field-0": "red fox", "field-1": "ink"}

    text = as_charlie.post(reverse("generations.composer"), sent, headers=headers).text

    assert "A red fox at dawn, ink</textarea>" in text
    assert f'name="saved" value="{version.pk}"' in text


def test_use_of_anothers_private_one_is_not_found(as_charlie, bob, model):
    hidden = library.save(person=bob, title="Hidden", text="A secret")

    assert as_charlie.post(reverse("generations.composer"), {"fill": hidden.current.pk}).status_code == 404


def test_history_says_which_saved_prompt_it_began_with(as_charlie, charlie, model, saved):
    make_generation(charlie, model, text="A fox at dawn, ink", saved=saved.current, state=State.DONE)

    assert "from “Alpine lake” in the library, v1" in as_charlie.get(reverse("prompts.index")).text
    assert Generation.objects.get().saved.saved == saved


def test_suggestions_offer_what_the_person_may_use(as_charlie, bob, saved):
    library.save(person=bob, title="Alpine secret", text="A secret")

    text = as_charlie.get(reverse("library.suggestions"), {"find": "alpine"}).text

    assert re.findall(r"<b[^>]*>(.*?)</b>", text) == ["Alpine lake"]
    assert f'name="{saved.current.pk}-field-0"' in text


@pytest.mark.parametrize("kind", ["prompt", "image"])
def test_new_from_what_another_keeps_is_like_one_that_never_was(kind, as_charlie, bob, model):
    image = make_image(bob, model, text="A secret lake", shared=False)
    pk = image.generation.prompt_id if kind == "prompt" else image.pk

    opened, never = (as_charlie.get(reverse("library.new"), {kind: each}) for each in (pk, uuid4()))

    assert "A secret lake" not in opened.text
    assert opened.status_code == never.status_code


def test_new_begins_with_a_prompt_and_keeps_what_was_typed(as_charlie, bob, model):
    prompt = make_generation(bob, model, text="A lake at dawn").prompt
    page = reverse("library.new")

    opened = as_charlie.get(page, {"prompt": prompt.pk}).text
    wrong = as_charlie.post(page, {"title": "", "text": "Kept words"})
    right = as_charlie.post(page, {"title": "Lake", "text": "A lake", "shared": "on", "why": "good"})

    assert "A lake at dawn</textarea>" in opened
    assert (wrong.status_code, "Kept words" in wrong.text, "Give it a title." in wrong.text) == (
        422,
        True,
        True,
    )
    assert right.status_code == 302 or right.status_code == 303
    assert SavedPrompt.objects.get().versions.get().why == "good"


def test_revision_of_an_old_version_is_refused_and_kept_to_send_again(as_charlie, bob, saved):
    library.revise(saved=saved, person=bob, text="Changed meanwhile", seen=1)

    response = as_charlie.post(to("revision", saved), {"text": "My words", "seen": "1"})

    assert response.status_code == 409
    assert "My words</textarea>" in response.text


def test_version_shows_the_difference_and_goes_back(as_charlie, bob, saved):
    library.revise(saved=saved, person=bob, text="A {subject} at night", seen=1)

    page = as_charlie.get(to("version", saved, 1)).text
    as_charlie.post(to("version", saved, 1), {"seen": "2", "why": "it was better"})
    saved.refresh_from_db()

    assert "<del>dawn, {style:oil|ink}</del><ins>night</ins>" in page
    assert (saved.number, saved.text) == (3, "A {subject} at dawn, {style:oil|ink}")


def test_transfer_takes_a_file_and_says_what_came_of_it(as_charlie, saved):
    taken = as_charlie.get(reverse("library.export"), {"format": "csv"}).getvalue()
    SavedPrompt.objects.all().delete()

    response = as_charlie.post(
        reverse("library.transfer"), {"file": SimpleUploadedFile("x.csv", taken)}, follow=True
    )

    assert "1 new, 0 with a new version, 0 as they were." in response.text
    assert titles(response) == ["Alpine lake"]


def test_export_holds_nothing_private_of_others(as_charlie, bob, saved):
    library.save(person=bob, title="Hidden", text="A secret")

    assert "A secret" not in as_charlie.get(reverse("library.export"), {"format": "json"}).text


def test_t19_page_shows_markup_as_text(as_charlie, bob):
    row = library.save(person=bob, title="<img src=x>", text="<b>{<i>}</b> {{7*7}}", shared=True)

    text = as_charlie.get(to("detail", row)).text

    assert "<img src=x>" not in text
    assert "{{7*7}}" in text
