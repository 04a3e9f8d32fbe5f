import hashlib
import io
import time
import warnings
from pathlib import Path

import pytest
from PIL import Image

from studio.media.inspect import PictureFacts, UnusableImage, look
from tests.media import naughty

FORMATS = ["PNG", "JPEG", "WEBP"]
GOOD = {
    "png": naughty.png(),
    "png with alpha": naughty.png(mode="RGBA"),
    "png of 1 bit": naughty.png(mode="1"),
    "png of 16 bits": naughty.grey_16_bit_png(),
    "png with a palette": naughty.see_through_palette_png(),
    "png with a profile": naughty.profiled_png(),
    "jpeg": naughty.jpeg(),
    "jpeg progressive": naughty.jpeg(progressive=True),
    "jpeg grey": naughty.jpeg(mode="L"),
    "jpeg cmyk": naughty.jpeg(mode="CMYK"),
    "jpeg with restarts": naughty.jpeg(restart_marker_rows=1),
    "jpeg with exif": naughty.turned_jpeg(6),
    "webp": naughty.webp(),
    "webp lossless": naughty.webp(lossless=True),
    "webp with alpha": naughty.webp(mode="RGBA"),
    "webp with exif": naughty.webp(exif=b"Exif\0\0II*\0"),
}


@pytest.fixture
def saved(tmp_path):
    """Return a function that puts bytes into a file whose name says nothing."""

    def save(content: bytes) -> Path:
        path = tmp_path / "part"
        path.write_bytes(content)
        return path

    return save


def refusal(path: Path) -> str:
    with pytest.raises(UnusableImage) as caught:
        look(path)
    return caught.value.reason


def test_look_at_a_png_tells_its_facts(saved):
    content = naughty.png(64, 48)

    facts = look(saved(content))

    sha256 = hashlib.sha256(content).hexdigest()
    assert facts == PictureFacts("PNG", "image/png", "png", 64, 48, len(content), sha256)


def test_look_at_a_jpeg_tells_its_facts(saved):
    content = naughty.jpeg(64, 48)

    facts = look(saved(content))

    sha256 = hashlib.sha256(content).hexdigest()
    assert facts == PictureFacts("JPEG", "image/jpeg", "jpg", 64, 48, len(content), sha256)


def test_look_at_a_webp_tells_its_facts(saved):
    content = naughty.webp(64, 48)

    facts = look(saved(content))

    sha256 = hashlib.sha256(content).hexdigest()
    assert facts == PictureFacts("WEBP", "image/webp", "webp", 64, 48, len(content), sha256)


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_look_at_every_kind_of_good_file_agrees_with_pillow(saved, content):
    facts = look(saved(content))

    with Image.open(io.BytesIO(content)) as image:
        assert (facts.format, facts.width, facts.height) == (image.format, *image.size)


@pytest.mark.parametrize("make", [naughty.html, naughty.pdf, naughty.tiff])
def test_t07_look_at_another_type_refuses_it(saved, make):
    assert refusal(saved(make())) == "not a PNG, JPEG or WebP file"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (naughty.gif(), "gif"),
        (b"GIF87a", "gif"),
        (naughty.svg(), "svg"),
        (b"\xef\xbb\xbf \n<!-- a --><!-- b -->\n<SVG\n>", "svg"),
        (b"<html><svg></svg></html>", "unusable"),
        (b"<!--" * 500 + b"-->" * 500, "unusable"),
        (naughty.apng(), "animated"),
        (naughty.animated_webp(), "animated"),
        (naughty.png()[:-20], "unusable"),
        (b"", "unusable"),
    ],
)
def test_look_tells_what_is_not_kept_from_what_is_damaged(saved, content: bytes, kind: str):
    with pytest.raises(UnusableImage) as caught:
        look(saved(content))

    assert caught.value.kind == kind


@pytest.mark.parametrize("make", [naughty.apng, naughty.animated_webp])
def test_t07_look_at_an_animation_refuses_it(saved, make):
    assert refusal(saved(make())) == "animated"


def test_t08_look_at_ten_thousand_frames_refuses_at_the_first(saved):
    frames = naughty.chunk(b"fcTL", bytes(26)) * 10_000
    content = naughty.png()
    start = time.thread_time()

    reason = refusal(saved(content[:33] + frames + content[33:]))

    assert reason == "animated"
    assert time.thread_time() - start < 2


def test_t07_look_at_a_jpeg_with_two_pictures_refuses_it(saved):
    assert refusal(saved(naughty.mpo())) == "more than one picture inside"


def test_t07_look_at_a_png_with_a_script_behind_it_sees_a_png(saved):
    facts = look(saved(naughty.polyglot_png()))

    assert (facts.media_type, facts.byte_size) == ("image/png", len(naughty.polyglot_png()))


def test_t07_look_at_a_page_behind_a_png_signature_refuses_it(saved):
    assert refusal(saved(b"\x89PNG\r\n\x1a\n" + naughty.html())) == "damaged header"


@pytest.mark.parametrize(
    "content",
    [
        naughty.bare_png(60_000, 60_000),
        naughty.bare_png(16_385, 1),
        naughty.bare_png(1, 2**31 - 1),
        naughty.bare_png(10_000, 5_001, depth=1, colour=0),
        naughty.resized_jpeg(60_000, 60_000),
        naughty.resized_webp(16_383, 16_383),
    ],
)
def test_t08_look_at_a_giant_refuses_it_unopened(saved, content):
    assert refusal(saved(content)).startswith("too many pixels")


def test_look_at_the_largest_allowed_size_takes_it(saved):
    facts = look(saved(naughty.bare_png(10_000, 5_000)))

    assert facts.width * facts.height == 50_000_000


@pytest.mark.parametrize(
    "content",
    [
        naughty.bare_png(0, 48),
        naughty.bare_png(64, 0),
        naughty.resized_jpeg(0, 48),
        naughty.resized_webp(0, 0),
    ],
)
def test_t08_look_at_a_picture_without_pixels_refuses_it(saved, content):
    assert refusal(saved(content)) == "has no pixels"


def test_t08_look_at_a_broken_sum_refuses_it(saved):
    assert refusal(saved(naughty.broken_sum_png())) == "damaged: a checksum is wrong"


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_look_at_a_file_cut_anywhere_refuses_it(saved, content):
    for end in [*range(0, len(content), max(1, len(content) // 97)), len(content) - 1]:
        assert refusal(saved(content[:end]))


def test_look_at_an_empty_file_refuses_it(saved):
    assert refusal(saved(b"")) == "could not be read (ValueError)"


def test_look_at_no_file_refuses_it(tmp_path):
    assert refusal(tmp_path / "missing") == "could not be read (FileNotFoundError)"


def test_look_at_a_png_of_too_many_chunks_refuses_it(saved):
    assert refusal(saved(naughty.many_chunks_png(50_001))) == "too many parts"


@pytest.mark.parametrize(("depth", "colour"), [(3, 0), (16, 3), (1, 2), (8, 5), (0, 0), (4, 6)])
def test_look_at_a_png_header_outside_the_specification_refuses_it(saved, depth, colour):
    assert refusal(saved(naughty.bare_png(64, 48, depth=depth, colour=colour))) == "damaged header"


def test_look_at_a_jpeg_with_two_frame_headers_refuses_it(saved):
    content = naughty.jpeg()
    at = content.index(b"\xff\xc0")
    frame = content[at : at + 19]

    reason = refusal(saved(content[:at] + frame + content[at:]))

    assert reason == "a JPEG coding that browsers do not show"


def test_look_at_a_webp_whose_canvas_differs_refuses_it(saved):
    content = bytearray(naughty.webp(mode="RGBA", exif=b"Exif\0\0II*\0"))
    content[24] ^= 1

    assert refusal(saved(bytes(content))) == "damaged header"


def test_look_at_a_webp_that_says_it_moves_refuses_it(saved):
    content = bytearray(naughty.webp(mode="RGBA", exif=b"Exif\0\0II*\0"))
    content[20] |= 0x02

    assert refusal(saved(bytes(content))) == "animated"


@pytest.mark.parametrize("name", [name for name in GOOD if not name.startswith("jpeg")])
def test_look_at_mutants_takes_only_what_pillow_would_verify(saved, name):
    taken = 0
    for content in naughty.mutants(GOOD[name], count=150):
        facts = look_or_none(saved(content))
        taken += facts is not None
        assert facts is None or pillow_says(content) == (facts.format, facts.width, facts.height)

    assert taken < 110


@pytest.mark.parametrize("name", [name for name in GOOD if name.startswith("jpeg")])
def test_look_at_jpeg_mutants_never_sees_another_size_than_pillow(saved, name):
    for content in naughty.mutants(GOOD[name], count=150):
        facts = look_or_none(saved(content))
        seen = facts and pillow_says(content)
        assert not seen or seen == (facts.format, facts.width, facts.height)


def look_or_none(path: Path) -> PictureFacts | None:
    try:
        return look(path)
    except UnusableImage:
        return None


def pillow_says(content: bytes) -> tuple[str, int, int] | None:
    """Return the type and size by Pillow's header and sums, or None where it sees no picture."""
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(io.BytesIO(content), formats=FORMATS) as image,
        ):
            image.verify()
            return image.format, *image.size
    except (OSError, SyntaxError, ValueError):
        return None
