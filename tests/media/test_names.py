from uuid import UUID

import pytest

from studio.media import names

TOKEN = "0123456789abcdef" * 2
GENERATION = UUID("7b0c1f2e-0000-4000-8000-00000000000a")


def test_original_of_a_slot_is_always_the_same_key():
    key = names.original(TOKEN, GENERATION, 3, "png")

    assert key == f"originals/{TOKEN}/{GENERATION}/3.png"


def test_thumbnail_of_a_slot_says_its_side():
    key = names.thumbnail(TOKEN, GENERATION, 0, 320)

    assert key == f"thumbnails/{TOKEN}/{GENERATION}/0-320.webp"


@pytest.mark.parametrize("token", ["", "short", TOKEN.upper(), TOKEN + "0", "../" + TOKEN[3:], TOKEN + "\n"])
def test_original_with_a_token_that_is_none_is_refused(token):
    with pytest.raises(ValueError, match="32 hexadecimal"):
        names.original(token, GENERATION, 0, "png")


@pytest.mark.parametrize("generation", ["a prompt", "../../etc", 7])
def test_original_with_a_persons_text_is_refused(generation):
    with pytest.raises(ValueError, match="UUID"):
        names.original(TOKEN, generation, 0, "png")


@pytest.mark.parametrize("extension", ["svg", "html", "PNG", "png/../x", ""])
def test_original_with_another_extension_is_refused(extension):
    with pytest.raises(ValueError, match="extension"):
        names.original(TOKEN, GENERATION, 0, extension)


def test_original_with_a_negative_index_is_refused():
    with pytest.raises(ValueError, match="starts at 0"):
        names.original(TOKEN, GENERATION, -1, "png")


def test_thumbnail_of_another_side_is_refused():
    with pytest.raises(ValueError, match="640"):
        names.thumbnail(TOKEN, GENERATION, 0, 640)
