"""One rule of visibility (PRODUCT §3.7): what is taken back is taken back everywhere."""

import hashlib
import re

import pytest
from django.urls import reverse

from studio.errors import StudioError
from studio.media.inspect import PictureFacts
from studio.models import AuditEntry, Comparison, Favourite, Generation, History, Image, Prompt, State
from studio.relays.dialects.base import Picture
from studio.services import images, sharing
from studio.services.drawing import rows
from tests.factories import make_comparison, make_generation, make_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(bob, model) -> Generation:
    """A shared run of two pictures, with words and a setting that nobody else uses."""
    row = make_generation(
        bob, model, text="A secret tower", n=2, state=State.DONE, settings={"style": "unheard-of"}
    )
    for _ in range(2):
        make_image(bob, model, generation=row)
    return row


def pictures(row: Generation) -> list[Image]:
    return list(Image.objects.filter(generation=row).order_by("index"))


def share(image: Image, shared: bool) -> None:
    sharing.share_image(image=image, person=image.owner, shared=shared)


def seen_by(person) -> tuple[int, int, int, int]:
    """How many generations, prompts, prompts of the team's history and images a person may see."""
    return (
        Generation.objects.visible_to(person).count(),
        Prompt.objects.visible_to(person).count(),
        Prompt.objects.in_history(History.TEAM, person).count(),
        Image.objects.visible_to(person).count(),
    )


def test_picture_that_is_taken_out_is_hidden_and_the_rest_stays(run, charlie):
    share(pictures(run)[0], False)

    assert seen_by(charlie) == (1, 1, 1, 1)


def test_last_picture_taken_out_takes_the_run_and_its_prompt_back(run, charlie, bob):
    for image in pictures(run):
        share(image, False)

    assert seen_by(charlie) == (0, 0, 0, 0)
    assert seen_by(bob) == (1, 1, 0, 2)


def test_last_picture_taken_out_takes_back_what_is_in_the_trash_too(run, charlie, bob):
    first, second = pictures(run)
    images.trash(images=[first.pk], person=bob, trashed=True)

    share(second, False)
    images.trash(images=[first.pk], person=bob, trashed=False)

    assert seen_by(charlie) == (0, 0, 0, 0)


def test_picture_put_back_shows_its_run_and_prompt_and_no_other_picture(run, charlie):
    first, second = pictures(run)
    for image in (first, second):
        share(image, False)

    share(second, True)

    assert seen_by(charlie) == (1, 1, 1, 1)
    assert Image.objects.visible_to(charlie).get() == second


@pytest.mark.parametrize("shared", [True, False])
def test_run_is_shared_and_taken_back_as_a_whole(run, bob, charlie, shared):
    sharing.share_generation(generation=run, person=bob, shared=shared)

    assert seen_by(charlie) == ((1, 1, 1, 2) if shared else (0, 0, 0, 0))
    word = "shared" if shared else "private"
    assert AuditEntry.objects.filter(subject=str(run.pk), action=f"generation.{word}").count() == 1


def test_prompt_stays_while_another_run_of_it_is_shared(run, bob, charlie, model):
    make_generation(bob, model, text=run.prompt.text)

    sharing.share_generation(generation=run, person=bob, shared=False)

    assert seen_by(charlie) == (1, 1, 1, 0)


def test_picture_that_comes_after_its_run_was_taken_back_is_private(bob, charlie, model):
    claimed = make_generation(bob, model, state=State.RECEIVED)
    sharing.share_generation(generation=claimed, person=bob, shared=False)
    facts = PictureFacts("PNG", "image/png", "png", 5, 4, 3, "s" * 64)

    rows.commit(claimed, 0, "a/b", facts, Picture(index=0))  # its worker knows the row as it was

    assert Image.objects.get().shared is False
    assert seen_by(charlie) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["trashed_at", "held_at", "removed_at"])
def test_trash_review_and_removal_keep_a_picture_from_the_team_each_alone(run, bob, charlie, name):
    Image.objects.filter(pk=pictures(run)[0].pk).update(**{name: "2026-11-01T00:00Z"})

    assert Image.objects.visible_to(charlie).count() == 1
    assert Image.objects.visible_to(bob).count() == (1 if name == "removed_at" else 2)


def test_restore_from_the_trash_lifts_no_review(run, bob, charlie):
    image = pictures(run)[0]
    Image.objects.filter(pk=image.pk).update(held_at="2026-11-01T00:00Z")
    images.trash(images=[image.pk], person=bob, trashed=True)

    images.trash(images=[image.pk], person=bob, trashed=False)

    assert image not in Image.objects.visible_to(charlie)


@pytest.mark.parametrize("act", [sharing.share_image, sharing.share_generation], ids=lambda act: act.__name__)
def test_another_persons_run_is_refused(run, charlie, act):
    row = {"share_image": {"image": pictures(run)[0]}, "share_generation": {"generation": run}}

    with pytest.raises(StudioError) as refused:
        act(person=charlie, shared=False, **row[act.__name__])

    assert refused.value.code == "not_yours"
    assert not AuditEntry.objects.filter(actor=charlie).exists()


# Everywhere: what was taken back is on no page, in no count, in no file (PRODUCT §3.7)


def addresses(run: Generation) -> list[str]:
    """Every address by which a team mate could reach this run."""
    own = [
        reverse("generations.detail", args=[run.pk]),
        reverse("live.index", query={"c": f"g{run.pk.hex}.9.0."}),
    ]
    for image in pictures(run):
        own += [
            reverse(name, args=[image.pk]) for name in ("images.detail", "images.receipt", "media.original")
        ]
    lists = [
        reverse("images.index", query={"view": view}) for view in ("mine", "team", "favourites", "trash")
    ]
    lists += [reverse("prompts.index", query={"view": view}) for view in History.values]
    lists += [reverse("prompts.index", query={"q": "secret tower"}), reverse("generations.index")]
    lists += [reverse("comparisons.new"), reverse("comparisons.new", query={"prompt": run.prompt_id})]
    asked = [{"from": run.pk}, {"prompt": run.prompt_id}]
    return own + lists + [reverse("generations.index", query=query) for query in asked]


def test_run_whose_pictures_are_all_private_leaves_nothing_to_the_team(run, as_charlie, charlie):
    for image in pictures(run):
        Favourite.objects.create(person=charlie, image=image)
    told = re.compile("A secret tower|Bob|unheard-of|" + "|".join(image.sha256 for image in pictures(run)))
    before = [path for path in addresses(run) if told.search(_body(as_charlie, path))]

    for image in pictures(run):
        share(image, False)

    after = [path for path in addresses(run) if told.search(_body(as_charlie, path).replace(path, ""))]
    assert len(before) > 8
    assert after == []


def _body(client, path: str) -> str:
    response = client.get(path)
    if response.streaming:
        return hashlib.sha256(b"".join(response.streaming_content)).hexdigest()
    return response.content.decode()


def test_column_of_a_comparison_that_was_taken_back_is_not_shown(
    bob, charlie, as_charlie, model, plain_model
):
    row = make_comparison(bob, [model, plain_model])
    first, _second = row.generations.in_columns()
    for each in row.generations.in_columns():
        make_image(bob, each.model, generation=each)

    sharing.share_generation(generation=first, person=bob, shared=False)

    page = as_charlie.get(reverse("comparisons.detail", args=[row.pk])).text
    again = as_charlie.get(reverse("comparisons.new", query={"from": row.pk})).text
    assert (str(first.pk) in page, model.label in page, plain_model.label in page) == (False, False, True)
    assert re.findall(r'value="([\w-]{36})"[^>]* checked', again) == [str(plain_model.pk)]


def test_comparison_is_taken_back_with_its_last_column(bob, charlie, model, plain_model):
    row = make_comparison(bob, [model, plain_model])

    for each in row.generations.all():
        sharing.share_generation(generation=each, person=bob, shared=False)

    assert not Comparison.objects.visible_to(charlie).exists()
    assert Prompt.objects.get().shared_at is None


# Many at once


def flags(*rows: Generation) -> list[tuple[bool, bool, list[bool]]]:
    """Of each run: whether it is shared, its prompt is, and which of its pictures are."""
    found = Generation.objects.filter(pk__in=[row.pk for row in rows]).select_related("prompt").order_by("pk")
    return [
        (row.shared, bool(row.prompt.shared_at), [each.shared for each in pictures(row)]) for row in found
    ]


def test_share_images_takes_back_the_runs_that_have_none_left(run, bob, model):
    other = make_image(bob, model, text="Another").generation
    gone = [pictures(run)[0].pk, pictures(other)[0].pk]

    changed = sharing.share_images(images=gone, person=bob, shared=False)

    assert sorted(changed) == sorted(gone)
    assert flags(run, other) == [(True, True, [False, True]), (False, False, [False])]


def test_share_images_shows_those_and_no_other_of_a_private_run(run, bob):
    sharing.share_generation(generation=run, person=bob, shared=False)
    one = pictures(run)[1].pk

    changed = sharing.share_images(images=[one], person=bob, shared=True)

    assert (changed, flags(run)) == ([one], [(True, True, [False, True])])


def test_share_images_leaves_alone_what_is_anothers_or_withheld(run, bob, charlie, model):
    other = make_image(charlie, model, text="Another")
    sharing.withhold(prompt=run.prompt_id, removed=False)

    taken = sharing.share_images(images=[other.pk], person=bob, shared=False)
    shown = sharing.share_images(images=[each.pk for each in pictures(run)], person=bob, shared=True)

    assert (taken, shown) == ([], [])
    assert flags(run, other.generation) == [(False, False, [True, True]), (True, True, [True])]


def test_share_images_costs_the_same_for_one_and_for_three_runs(bob, model, django_assert_num_queries):
    for count in (1, 3):
        rows = [make_image(bob, model, text=f"{count} {n}").pk for n in range(count)]
        with django_assert_num_queries(14):
            sharing.share_images(images=rows, person=bob, shared=False)


def test_share_images_has_new_ones_wait_for_a_moderator_where_the_team_wants_that(run, bob, settings):
    settings.REVIEW_PICTURES = "everybody"
    sharing.share_generation(generation=run, person=bob, shared=False)

    sharing.share_images(images=[each.pk for each in pictures(run)], person=bob, shared=True)

    assert [each.held_at is not None for each in pictures(run)] == [True, True]
