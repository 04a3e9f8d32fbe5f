"""Words in a file: other programs read them, and the picture is the same to the last pixel and byte."""

import zlib
from io import BytesIO

import pyexiv2
import pytest
from PIL import Image

from studio.media.inscriptions import Inscription, inscribed, read, sidecar

WORDS = Inscription('A müde 湖 & <b> "x"', "A lake", "2026-11-26T08:00:00+00:00", "Painter, Relay")
KINDS = [
    ("PNG", "image/png", "RGB", {}),
    ("PNG", "image/png", "RGBA", {}),
    ("JPEG", "image/jpeg", "RGB", {}),
    ("JPEG", "image/jpeg", "L", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
    ("WEBP", "image/webp", "RGB", {}),
    ("WEBP", "image/webp", "RGBA", {"lossless": True}),
    ("WEBP", "image/webp", "RGB", {"lossless": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}),
]


def picture(format_: str, mode: str = "RGB", **options) -> bytes:
    file, image = BytesIO(), Image.effect_noise((37, 21), 60).convert(mode)
    if mode == "RGBA":
        image.putalpha(120)
    image.save(file, format_, **options)
    return file.getvalue()


def with_words(data: bytes, media_type: str, words: Inscription = WORDS) -> bytes:
    file = BytesIO(data)
    pieces = inscribed(file, media_type, words)
    assert pieces is not None
    return b"".join(read(file, pieces))


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    image = Image.open(BytesIO(data))
    return image.mode, image.size, image.tobytes()


@pytest.mark.parametrize(("format_", "media_type", "mode", "options"), KINDS)
def test_inscribed_is_read_by_others_and_shows_the_same(format_, media_type, mode, options):
    before = picture(format_, mode, **options)

    after = with_words(before, media_type)

    with pyexiv2.ImageData(after) as image:
        xmp, iptc = image.read_xmp(), {} if format_ == "WEBP" else image.read_iptc()
    assert pixels(after) == pixels(before)
    assert xmp["Xmp.dc.description"] == {'lang="x-default"': WORDS.prompt}
    assert xmp["Xmp.iptc.AltTextAccessibility"] == {'lang="x-default"': "A lake"}
    assert xmp["Xmp.iptcExt.AISystemUsed"] == "Painter, Relay"
    assert iptc.get("Iptc.Application2.Caption", WORDS.prompt) == WORDS.prompt


def test_inscribed_png_has_the_prompt_as_text():
    after = with_words(picture("PNG"), "image/png")

    text = Image.open(BytesIO(after)).text
    assert (text["Description"], text["Software"], text["Source"]) == (
        WORDS.prompt,
        "Lightfast",
        "Painter, Relay",
    )


@pytest.mark.parametrize(("format_", "media_type", "mode", "options"), KINDS)
def test_inscribed_keeps_every_byte_that_was_there(format_, media_type, mode, options):
    before = picture(format_, mode, **options)
    file = BytesIO(before)

    pieces = inscribed(file, media_type, WORDS) or []

    kept = b"".join(before[piece.start : piece.stop] for piece in pieces if isinstance(piece, range))
    assert before.endswith(kept) if format_ == "WEBP" else kept == before


@pytest.mark.parametrize(("format_", "media_type"), [kind[:2] for kind in KINDS[::2]])
def test_inscribed_leaves_a_file_alone_that_has_xmp(format_, media_type):
    once = with_words(picture(format_), media_type)

    assert inscribed(BytesIO(once), media_type, WORDS) is None


def sealed(format_: str) -> bytes:
    """A picture with a box of C2PA, as its standard (2.1, A.3) places it; the box is empty."""
    data, box = picture(format_), b"jumb"
    if format_ == "PNG":
        chunk = b"caBX" + box
        return data[:33] + len(box).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) + data[33:]
    if format_ == "JPEG":
        return data[:2] + b"\xff\xff\xeb" + (2 + len(box)).to_bytes(2) + box + data[2:]
    whole = data[8:] + b"C2PA" + len(box).to_bytes(4, "little") + box
    return b"RIFF" + len(whole).to_bytes(4, "little") + whole


@pytest.mark.parametrize(
    ("format_", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_inscribed_leaves_a_file_alone_that_is_sealed(format_, media_type):
    assert inscribed(BytesIO(sealed(format_)), media_type, WORDS) is None


def test_inscribed_cuts_what_a_jpeg_cannot_hold():
    long = Inscription("&湖" * 30_000, "", "2026-11-26T08:00:00+00:00")

    after = with_words(picture("JPEG"), "image/jpeg", long)

    with pyexiv2.ImageData(after) as image:
        found = image.read_xmp()["Xmp.dc.description"]['lang="x-default"']
    assert (found[:2], len(found.encode()) <= 12_000) == ("&湖", True)


def test_inscribed_without_a_model_names_none():
    after = with_words(picture("PNG"), "image/png", Inscription("A lake", "", "2026-11-26T08:00:00+00:00"))

    assert b"AISystemUsed" not in after
    assert "Source" not in Image.open(BytesIO(after)).text


def test_sidecar_is_xmp_with_the_prompt():
    text = sidecar(WORDS).decode()

    assert text.startswith("<?xpacket")
    assert "A müde 湖 &amp; &lt;b&gt;" in text
