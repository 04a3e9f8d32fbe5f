"""Unpacks a PNG's pixels with ISA-L before Pillow reads it: half of a PNG's decoding time is zlib's inflate.

The picture stays the same PNG with its pixels stored plainly, so Pillow judges it as ever. Anything unusual is
left as it is.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

try:
    from isal import isal_zlib
except ImportError:  # a machine for which there is no such wheel: slower, nothing else
    IS_THERE = False
else:
    IS_THERE = True

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values in a pixel by PNG's colour type."""

LIMIT = 64 * 1024 * 1024
"""Bytes of pixels that are unpacked ahead: what is larger would be in memory three times."""

STORED = 65_535
"""The longest plain block that the packing format knows."""


@dataclass(frozen=True)
class Parts:
    """A PNG in three: what stands before the packed pixels, those, and what comes after them."""

    head: bytes
    packed: bytes
    tail: bytes


def unpacked(png: bytes) -> bytes:
    """Return the same picture as a PNG that is quick to decode, or just these bytes if that cannot be done."""
    if not IS_THERE or not png.startswith(SIGNATURE):
        return png
    try:
        size, parts = _size(png), _parts(png)
        pixels = _pixels(parts.packed, size) if size and parts else None
    except (struct.error, isal_zlib.IsalError):  # type: ignore[misc]  # its stubs call it a function
        return png
    return _png(parts, pixels) if parts and pixels else png


def _size(png: bytes) -> int:
    """Return how many bytes the pixels of this PNG are; 0 for one that is too large or interlaced."""
    length, kind, width, height, bits, colour, *_, interlaced = struct.unpack_from(">I4sIIBBBBB", png, 8)
    if (length, kind, interlaced) != (13, b"IHDR", 0) or colour not in CHANNELS:
        return 0
    size: int = height * (1 + (width * bits * CHANNELS[colour] + 7) // 8)
    return size if size <= LIMIT else 0


def _parts(png: bytes) -> Parts | None:
    """Cut the file before and after its packed pixels, which must stand in one row."""
    places = [(kind, start, end) for kind, start, end in _chunks(png)]
    packed = [number for number, (kind, _, _) in enumerate(places) if kind == b"IDAT"]
    if not packed or packed[-1] - packed[0] != len(packed) - 1:
        return None
    chunks = places[packed[0] : packed[-1] + 1]
    pixels = b"".join(png[start + 8 : end - 4] for _, start, end in chunks)
    return Parts(png[: chunks[0][1]], pixels, png[chunks[-1][2] :])


def _chunks(png: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's kind, start and end."""
    position = len(SIGNATURE)
    while position < len(png):
        length, kind = struct.unpack_from(">I4s", png, position)
        yield kind, position, position + length + 12
        position += length + 12


def _pixels(packed: bytes, size: int) -> bytes | None:
    """Unpack no more than there should be; a stream that holds more, or less, is for Pillow to judge."""
    stream = isal_zlib.decompressobj()
    pixels: bytes = stream.decompress(packed, size + 1)
    return pixels if len(pixels) == size and stream.eof else None


def _png(parts: Parts, pixels: bytes) -> bytes:
    packed = b"".join(_stored(pixels))
    check = isal_zlib.crc32(packed, isal_zlib.crc32(b"IDAT"))
    chunk = struct.pack(">I", len(packed)), b"IDAT", packed, struct.pack(">I", check)
    return b"".join((parts.head, *chunk, parts.tail))


def _stored(pixels: bytes) -> Iterator[bytes]:
    """Yield a zlib stream that holds the pixels as they are (RFC 1951, 3.2.4)."""
    yield b"\x78\x01"
    for start in range(0, len(pixels), STORED):
        block = pixels[start : start + STORED]
        yield struct.pack("<BHH", start + STORED >= len(pixels), len(block), len(block) ^ 0xFFFF)
        yield block
    yield struct.pack(">I", isal_zlib.adler32(pixels))
