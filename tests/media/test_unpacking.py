"""A PNG is unpacked ahead only where the result is the same picture; everything else is left as it came."""

import io
import zlib

import pytest
from PIL import Image

from studio.media import unpacking
from tests.media import naughty

pytestmark = pytest.mark.skipif(not unpacking.IS_THERE, reason="no ISA-L for this machine")


def pixels(png: bytes) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(png)) as image:
        return image.mode, image.tobytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_unpacked_is_the_same_picture_in_every_mode(mode):
    png = naughty.png(301, 77, mode=mode)

    plain = unpacking.unpacked(png)

    assert len(plain) > len(png)
    assert pixels(plain) == pixels(png)


def test_unpacked_16_bits_and_a_see_through_palette_stay_themselves():
    for png in (naughty.grey_16_bit_png(), naughty.see_through_palette_png()):
        assert pixels(unpacking.unpacked(png)) == pixels(png)


def test_unpacked_a_picture_of_many_chunks_and_blocks_is_the_same_picture():
    png = naughty.noisy_png(512)

    plain = unpacking.unpacked(png)

    assert plain.count(b"IDAT") < png.count(b"IDAT")
    assert pixels(plain) == pixels(png)
    assert zlib.crc32(b"IDAT" + plain[plain.index(b"IDAT") + 4 : -16]) == int.from_bytes(
        plain[-16:-12], "big"
    )


def test_unpacked_keeps_what_stands_before_and_after_the_pixels():
    png = naughty.encoded(naughty.scene(), "PNG", icc_profile=b"a profile", exif=b"Exif\0\0II*\0")

    plain = unpacking.unpacked(png)

    cut = png.index(b"IDAT") - 4
    assert plain[:cut] == png[:cut]
    assert plain.endswith(png[-12:])


@pytest.mark.parametrize(
    "make",
    [
        naughty.jpeg,
        naughty.webp,
        lambda: naughty.encoded(naughty.scene(), "PNG")[:60],
        lambda: unpacking.SIGNATURE,
        lambda: b"",
        naughty.broken_sum_png,
        naughty.wrong_pixels_png,
        lambda: naughty.bare_png(60_000, 60_000),
        lambda: naughty.bare_png(0, 48),
        lambda: naughty.bare_png(64, 48),
        lambda: naughty.bare_png(64, 48, rows=bytes(49 * 193)),
    ],
)
def test_t08_unpacked_leaves_the_unusual_as_it_is(make):
    content = make()

    assert unpacking.unpacked(content) == content


def test_t08_unpacked_a_bomb_stops_at_the_size_its_header_says(monkeypatch):
    bomb = naughty.bare_png(64, 48, rows=bytes(300_000_000))
    asked = []

    class Stream:
        eof = False

        def decompress(self, packed: bytes, most: int) -> bytes:
            asked.append(most)
            return b""

    monkeypatch.setattr(unpacking.isal_zlib, "decompressobj", Stream)
    unpacking.unpacked(bomb)

    assert asked == [48 * 193 + 1]
