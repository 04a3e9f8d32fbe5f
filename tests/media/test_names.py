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


PK = UUID("7b0c1f2e-0000-7000-8000-000000abc123")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("A red fox in the snow", "A red fox in the snow abc123.png"),
        ("  Füchse,\n\tzwei.  ", "Füchse, zwei abc123.png"),
        ("红色狐狸", "红色狐狸 abc123.png"),
        ("../../etc/passwd", "etc passwd abc123.png"),
        (r"C:\Windows\con.exe", "C Windows con exe abc123.png"),
        ('a "quoted" <b>?*|name', "a quoted b name abc123.png"),
        ("-rf ~", "rf abc123.png"),
        ("", "lightfast abc123.png"),
        ("\u202egnp.exe", "gnp exe abc123.png"),  # it would read backwards
        ("a\x00b\r\nSet-Cookie: x=1", "a b Set-Cookie x=1 abc123.png"),
        ("%2e%2e%2f", "2e 2e 2f abc123.png"),
        (
            "one two " * 40,
            f"{'one two ' * 10}abc123.png",
        ),
        ("x" * 500, f"{'x' * 80} abc123.png"),
    ],
)
def test_t19_download_is_called_by_its_prompt_and_nothing_in_it_acts(words, name):
    assert names.download(words, PK, "png") == name
