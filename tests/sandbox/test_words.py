"""How the painter reads a prompt."""

import pytest

from studio.sandbox.painter.words import describe, read


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("A watercolor painting of a mountain lake at dawn", "land"),
        ("a city skyline at night", "city"),
        ("red poppies in a field", "meadow"),
        ("cherry blossom branch", "blossom"),
        ("a red rose", "bloom"),
        ("portrait of a woman", "portrait"),
        ("a woman by the sea", "land"),
        ("a cup of coffee", "still"),
        ("a black cat", "beast"),
        ("a cat in a forest", "land"),
        ("saturn and its rings", "space"),
        ("a whale under the sea", "underwater"),
        ("synthwave sun", "synthwave"),
        ("geometric composition in red", "abstract"),
        ("the silence of numbers", "abstract"),
        ("", "abstract"),
    ],
)
def test_read_prompt_finds_the_scene(prompt, scene) -> None:
    assert read(prompt).scene == scene


@pytest.mark.parametrize(
    ("prompt", "medium"),
    [
        ("oil painting of a sea", "oil"),
        ("a watercolour lake", "watercolour"),
        ("ink wash mountains", "ink"),
        ("pixel-art castle", "pixelart"),
        ("35mm photo of a forest", "photo"),
        ("pencil sketch of a cat", "pencil"),
        ("ukiyo-e wave", "woodblock"),
        ("a lake", ""),
    ],
)
def test_read_prompt_finds_the_medium(prompt, medium) -> None:
    assert read(prompt).medium == medium


def test_read_colour_before_a_thing_belongs_to_it() -> None:
    brief = read("mountains in teal, one red sun")

    assert (brief.colours, brief.accent("sun"), brief.accent("mountain")) == (("teal",), "red", "")


@pytest.mark.parametrize("prompt", ["mountains, no sun", "mountains without sun"])
def test_read_negated_word_is_left_out(prompt) -> None:
    brief = read(prompt)

    assert (brief.has("sun"), brief.has("no sun")) == (False, True)


def test_read_negative_prompt_takes_things_out() -> None:
    brief = read("a boat on a lake in the mist", negative_prompt="boats, fog")

    assert (brief.has("boat"), brief.has("lake"), brief.has("mist")) == (False, True, False)


def test_read_plural_is_the_same_thing() -> None:
    assert read("three wolves and two foxes").things == read("a wolf and a fox").things


def test_describe_says_what_will_be_painted() -> None:
    assert describe("oil painting of a red sun over the sea at dusk") == (
        "oil, land scene, sea, red sun, dusk (sandbox: no AI)"
    )
