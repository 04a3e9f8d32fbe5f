"""Writes words into a picture's file, and nothing else: not a byte of what the relay delivered is changed or decoded.

The library (exiv2) only ever meets an empty picture of ours: it writes XMP and IPTC into that, and what it wrote is put
into the delivered file in pieces. A file that says already where it comes from (C2PA, XMP) is left alone: one byte more
would break its seal, so its words go into a file beside it.
"""

import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import pyexiv2
from PIL import Image, PngImagePlugin

from studio.media.inspect import MAX_PARTS, PNG_SIGNATURE

BLOCK = 256 * 1024
LONGEST = 12_000
"""Bytes of a prompt in XMP: a JPEG's segment holds 65,533, and XML writes some letters as five."""

IPTC_LONGEST = 2_000
"""Bytes of a caption (IPTC IIM 4.2, 2:120)."""

MADE_BY_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP_IN_PNG = b"XML:com.adobe.xmp\0"
XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"

type Piece = bytes | range
"""Bytes of ours, or a stretch of the file."""

_one_at_a_time = threading.Lock()
pyexiv2.set_log_level(4)


@dataclass(frozen=True)
class Inscription:
    """What is written into a file: the prompt, words for who cannot see it, who drew it (if that may be told), when."""

    prompt: str
    alt: str
    made_at: str
    made_with: str = ""


def sidecar(inscription: Inscription) -> bytes:
    """Return the words as an XMP file of their own."""
    return _xmp_of(_written("PNG", inscription))


def inscribed(file: IO[bytes], media_type: str, inscription: Inscription) -> list[Piece] | None:
    """Return the file with the words in it, in pieces; None for one that is to be left as it is."""
    return _WAYS[media_type](file, inscription)


def whole(file: IO[bytes]) -> list[Piece]:
    """Return the file as it is, in one piece."""
    return [range(_size(file))]


def read(file: IO[bytes], pieces: list[Piece]) -> Iterator[bytes]:
    """Yield the bytes of the pieces, in blocks."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        file.seek(piece.start)
        left = len(piece)
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block


# PNG: https://www.w3.org/TR/png-3/


def _png(file: IO[bytes], inscription: Inscription) -> list[Piece] | None:
    chunks = list(_png_chunks(file))
    end = chunks[-1][2]
    if any(name == b"caBX" or head.startswith(XMP_IN_PNG) for name, head, _ in chunks):
        return None
    texts = {"Description": inscription.prompt, "Software": "Lightfast", "Creation Time": inscription.made_at}
    if inscription.made_with:
        texts["Source"] = inscription.made_with
    ours = b"".join(_png_text(name, text) for name, text in texts.items())
    carrier = BytesIO(_written("PNG", inscription))
    for name, _, stop in list(_png_chunks(carrier)):
        if name in (b"iTXt", b"zTXt"):
            ours += _png_whole(carrier, stop)
    return [range(33), ours, range(33, end), range(end, _size(file))]


def _png_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield each chunk's name, the first bytes of what it holds, and where it ends."""
    position = len(PNG_SIGNATURE)
    for _ in range(MAX_PARTS):
        file.seek(position)
        head = file.read(8 + len(XMP_IN_PNG))
        position += 12 + int.from_bytes(head[:4])
        yield head[4:8], head[8:], position
        if head[4:8] in (b"IEND", b""):
            return


def _png_whole(carrier: BytesIO, stop: int) -> bytes:
    """Return the chunk of ours that ends there."""
    data, start = carrier.getvalue(), len(PNG_SIGNATURE)
    while (end := start + 12 + int.from_bytes(data[start : start + 4])) < stop:
        start = end
    return data[start:stop]


def _png_text(keyword: str, text: str) -> bytes:
    """Return a chunk of text in any script; long ones are compressed."""
    plain = text.encode()
    body = keyword.encode() + (
        b"\0\0\0\0\0" + plain if len(plain) < 1000 else b"\0\1\0\0\0" + zlib.compress(plain)
    )
    return len(body).to_bytes(4) + b"iTXt" + body + zlib.crc32(b"iTXt" + body).to_bytes(4)


# JPEG: ITU T.81, Annex B; behind the markers of JFIF and Exif, which come first


def _jpeg(file: IO[bytes], inscription: Inscription) -> list[Piece] | None:
    place, new = 2, {0xE1, 0xED}
    for marker, head, start, stop in _jpeg_segments(file):
        if marker == 0xEB or head.startswith(XMP_IN_JPEG):  # JUMBF, which holds C2PA
            return None
        new.discard(0xED if marker == 0xED else 0)  # its own IPTC stays
        if start == place and (marker == 0xE0 or head.startswith(b"Exif")):
            place = stop
    carrier = _written("JPEG", inscription)
    ours = b"".join(
        carrier[start:stop] for marker, _, start, stop in _jpeg_segments(BytesIO(carrier)) if marker in new
    )
    return [range(place), ours, range(place, _size(file))]


def _jpeg_segments(file: IO[bytes]) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield each segment before the picture: its marker, the first bytes of what it holds, its start and its end."""
    position = 2
    for _ in range(MAX_PARTS):
        file.seek(position)
        head = file.read(4 + len(XMP_IN_JPEG))
        if head[:2] == b"\xff\xff":  # any number of them may come before a marker
            position += 1
            continue
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return
        stop = position + 2 + int.from_bytes(head[2:4])
        yield head[1], head[4:], position, stop
        position = stop


# WebP: RFC 9649 §2.7; XMP comes last, and a flag at the front says that it is there


def _webp(file: IO[bytes], inscription: Inscription) -> list[Piece] | None:
    chunks = list(_webp_chunks(file))
    if any(name in (b"C2PA", b"XMP ") for name, *_ in chunks):
        return None
    carrier = BytesIO(_written("WEBP", inscription))
    ours = b"".join(
        carrier.getvalue()[start:stop] for name, _, start, stop in _webp_chunks(carrier) if name == b"XMP "
    )
    first, head, start, stop = chunks[0]
    front = head[:10] if first == b"VP8X" else _webp_front(first, head)
    front = bytes([front[0] | 0x04]) + front[1:]
    body = range(stop if first == b"VP8X" else start, chunks[-1][3])
    extended = b"VP8X" + (10).to_bytes(4, "little") + front
    size = 4 + len(extended) + len(body) + len(ours)
    return [b"RIFF" + size.to_bytes(4, "little") + b"WEBP" + extended, body, ours]


def _webp_front(name: bytes, head: bytes) -> bytes:
    """Return what VP8X says of a picture that came without: whether it has clear places, and its size less one."""
    if name == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        clear, width, height = bits >> 28 & 1, bits & 0x3FFF, bits >> 14 & 0x3FFF
    else:
        sides = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        clear, width, height = 0, *(side - 1 for side in sides)
    return bytes([clear << 4, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")


def _webp_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes, int, int]]:
    """Yield each chunk's name, the first bytes of what it holds, its start and its end."""
    file.seek(0)
    end = 8 + int.from_bytes(file.read(8)[4:], "little")
    position = 12
    while position < end:
        file.seek(position)
        head = file.read(18)
        length = int.from_bytes(head[4:8], "little")
        stop = position + 8 + length + length % 2
        yield head[:4], head[8:], position, stop
        position = stop


_WAYS = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp}


# The library, and the empty picture it writes into


def _empty(format_: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (1, 1)).save(file, format_)
    return file.getvalue()


_CARRIERS = {format_: _empty(format_) for format_ in ("PNG", "JPEG", "WEBP")}


def _written(format_: str, inscription: Inscription) -> bytes:
    """Return an empty picture in which the library has written the words."""
    prompt, alt = (_cut(text, LONGEST) for text in (inscription.prompt, inscription.alt))
    xmp = {
        "Xmp.dc.description": {'lang="x-default"': prompt},
        "Xmp.iptc.AltTextAccessibility": {'lang="x-default"': _cut(alt, IPTC_LONGEST)},
        "Xmp.iptcExt.DigitalSourceType": MADE_BY_AI,
        "Xmp.xmp.CreatorTool": "Lightfast",
        "Xmp.xmp.CreateDate": inscription.made_at,
    }
    if inscription.made_with:
        xmp["Xmp.iptcExt.AISystemUsed"] = inscription.made_with
    with _one_at_a_time, pyexiv2.ImageData(_CARRIERS[format_]) as image:
        image.modify_xmp(xmp)
        if format_ != "WEBP":  # WebP has no place for it
            iptc = {"Iptc.Envelope.CharacterSet": "\x1b%G", "Iptc.Application2.Program": "Lightfast"}
            image.modify_iptc(iptc | {"Iptc.Application2.Caption": _cut(prompt, IPTC_LONGEST)})
        return bytes(image.get_bytes())


def _xmp_of(png: bytes) -> bytes:
    opened = Image.open(BytesIO(png))
    assert isinstance(opened, PngImagePlugin.PngImageFile)
    return opened.info["xmp"] if isinstance(opened.info.get("xmp"), bytes) else b""


def _cut(text: str, most: int) -> str:
    """Return as much of a text as fits into so many bytes; no letter is cut in two."""
    return text.encode()[:most].decode(errors="ignore")


def _size(file: IO[bytes]) -> int:
    return file.seek(0, 2)
