"""The cheap look at a file before it is kept (SAFETY §3.1).

The look follows the structure of the file and checks its sums, as Pillow's `verify()` does, but runs no
decoder: a hostile file meets a decoder only in the darkroom's child process. The file is mapped, not read,
so that memory stays small whatever its size.
"""

import hashlib
import mmap
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

MAX_SIDE = 16_384
MAX_PIXELS = 50_000_000
MAX_PARTS = 50_000
"""Chunks or segments followed in one file; 40 MiB of IDAT chunks of 8 KiB are 5,120."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Colour type → bit depths that the PNG specification allows for it."""

JPEG_FRAMES = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive: the codings that browsers show."""
JPEG_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
JPEG_BARE = {0x01, *range(0xD0, 0xD8)}
"""Markers without a length behind them."""
JPEG_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

SVG = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?>\s+|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE svg[^>]*>)*+<svg[\s>]",
    re.IGNORECASE | re.DOTALL,
)
SVG_HEAD = 2048
"""Bytes in which an SVG drawing must have begun, behind whatever XML allows before it."""

type Size = tuple[int, int]


class UnusableImage(Exception):
    """Raised for a file that is not one whole PNG, JPEG or WebP picture of a sane size.

    `kind` tells what is merely not kept (gif, svg, animated, too_many_pixels) from what is damaged (unusable).
    """

    def __init__(self, reason: str, *, kind: str = "unusable") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


@dataclass(frozen=True)
class PictureFacts:
    """What a file says and is: its true type, its size in pixels and bytes, its SHA-256 in hexadecimal."""

    format: str
    media_type: str
    extension: str
    width: int
    height: int
    byte_size: int
    sha256: str


def look(path: Path) -> PictureFacts:
    """Return the facts of the picture, decided by its bytes alone, or raise UnusableImage."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _facts(data)
    except UnusableImage:
        raise
    except Exception as error:
        raise UnusableImage(f"could not be read ({type(error).__name__})") from error


def is_whole(path: Path) -> bool:
    """Say whether the file is a picture that could be kept, whatever its sender announced."""
    try:
        return bool(look(path))
    except UnusableImage:
        return False


def _facts(data: mmap.mmap) -> PictureFacts:
    """Follow the file in the way of its magic number, then add up what was found."""
    format_, media_type, extension, follow = _kind(data[:SVG_HEAD])
    width, height = follow(data)
    _check_size(width, height)
    sha256 = hashlib.sha256(data).hexdigest()
    return PictureFacts(format_, media_type, extension, width, height, len(data), sha256)


def _kind(head: bytes) -> tuple[str, str, str, Callable[[mmap.mmap], Size]]:
    if head.startswith(PNG_SIGNATURE):
        return "PNG", "image/png", "png", _follow_png
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG", "image/jpeg", "jpg", _follow_jpeg
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP", "image/webp", "webp", _follow_webp
    if head.startswith((b"GIF87a", b"GIF89a")):
        _refuse("a GIF", kind="gif")
    if SVG.search(head):
        _refuse("an SVG drawing", kind="svg")
    _refuse("not a PNG, JPEG or WebP file")


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        _refuse("has no pixels")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        _refuse(f"too many pixels ({width} x {height})", kind="too_many_pixels")


def _refuse(reason: str, *, kind: str = "unusable") -> NoReturn:
    raise UnusableImage(reason, kind=kind)


def _follow_png(data: mmap.mmap) -> Size:
    """Check every chunk's sum up to IEND; bytes behind IEND are kept but mean nothing."""
    names: set[bytes] = set()
    position = len(PNG_SIGNATURE)
    size = _png_header(data)
    for _ in range(MAX_PARTS):
        name, position = _png_chunk(data, position)
        names.add(name)
        if name == b"IEND":
            return size if b"IDAT" in names else _refuse("no picture inside")
        if name in (b"acTL", b"fcTL", b"fdAT"):
            _refuse("animated", kind="animated")
    _refuse("too many parts")


def _png_header(data: mmap.mmap) -> Size:
    """Read IHDR, which must come first, and refuse what the specification does not allow in it."""
    if data[8:16] != b"\x00\x00\x00\x0dIHDR" or len(data) < 33:
        _refuse("damaged header")
    depth, colour, compression, filtering, interlace = data[24:29]
    if depth not in PNG_DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        _refuse("damaged header")
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _png_chunk(data: mmap.mmap, position: int) -> tuple[bytes, int]:
    """Return the chunk's name and where the next one starts, once its sum is right."""
    name = data[position + 4 : position + 8]
    end = position + 8 + int.from_bytes(data[position : position + 4])
    if end + 4 > len(data):
        _refuse("cut off")
    if not name.isalpha():
        _refuse("damaged chunk")
    # Views of the map stay temporary: one that lives on in a frame would keep the map from closing.
    if zlib.crc32(memoryview(data)[position + 4 : end]) != int.from_bytes(data[end : end + 4]):
        _refuse("damaged: a checksum is wrong")
    return name, end + 4


def _follow_jpeg(data: mmap.mmap) -> Size:
    """Walk from marker to marker until the end of the picture; one frame, and at least one scan of it."""
    size: Size | None = None
    scans, position = 0, 2
    for _ in range(MAX_PARTS):
        marker, position = _jpeg_marker(data, position)
        if marker == 0xD9:
            return size if size and scans else _refuse("no picture inside")
        if marker in JPEG_BARE:
            continue
        start, position = position + 2, _jpeg_segment_end(data, position)
        if marker in JPEG_FRAMES | JPEG_OTHER_FRAMES:
            size = _jpeg_frame(data[start:position], marker, size)
        elif marker == 0xE2 and data[start : start + 4] == b"MPF\x00":
            _refuse("more than one picture inside")
        elif marker == 0xDA:
            scans, position = scans + 1, _jpeg_scan_end(data, position)
    _refuse("too many parts")


def _jpeg_marker(data: mmap.mmap, position: int) -> tuple[int, int]:
    """Return the marker here and the position behind it; any number of 0xFF may come before it."""
    if data[position : position + 1] != b"\xff":
        _refuse("cut off" if position >= len(data) else "damaged marker")
    while data[position : position + 1] == b"\xff":
        position += 1
    if position >= len(data):
        _refuse("cut off")
    return data[position], position + 1


def _jpeg_segment_end(data: mmap.mmap, position: int) -> int:
    length = int.from_bytes(data[position : position + 2])
    if length < 2:
        _refuse("damaged segment")
    return position + length


def _jpeg_frame(segment: bytes, marker: int, known: Size | None) -> Size:
    """Read the frame's header; a second one would let two readers see two different pictures."""
    if known or marker in JPEG_OTHER_FRAMES or len(segment) < 6:
        _refuse("a JPEG coding that browsers do not show")
    precision, components = segment[0], segment[5]
    if precision != 8 or components not in (1, 3, 4):
        _refuse("a JPEG coding that browsers do not show")
    return int.from_bytes(segment[3:5]), int.from_bytes(segment[1:3])


def _jpeg_scan_end(data: mmap.mmap, position: int) -> int:
    """Return where the next marker stands behind the compressed bytes of a scan."""
    found = JPEG_NEXT_MARKER.search(data, position)
    return found.start() if found else _refuse("cut off")


def _follow_webp(data: mmap.mmap) -> Size:
    """Walk the RIFF chunks; one still picture, whose size agrees with the canvas around it."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        _refuse("cut off")
    if data[12:16] not in (b"VP8 ", b"VP8L", b"VP8X"):
        _refuse("no picture inside")
    canvas: Size | None = None
    size: Size | None = None
    position = 12
    for _ in range(MAX_PARTS):
        if position >= end:
            return _webp_size(canvas, size)
        name, start, position = _webp_chunk(data, position, end)
        if name == b"VP8X":
            canvas = _webp_canvas(data[start : start + 10])
        elif name in (b"ANIM", b"ANMF"):
            _refuse("animated", kind="animated")
        elif name in (b"VP8 ", b"VP8L"):
            if size:
                _refuse("more than one picture inside")
            size = _webp_frame(name, data[start : min(start + 10, position)], position - start)
    _refuse("too many parts")


def _webp_chunk(data: mmap.mmap, position: int, end: int) -> tuple[bytes, int, int]:
    """Return the chunk's name, where its content starts and where the next chunk does."""
    length = int.from_bytes(data[position + 4 : position + 8], "little")
    start = position + 8
    if start + length > end:
        _refuse("cut off")
    return data[position : position + 4], start, start + length + length % 2


def _webp_canvas(content: bytes) -> Size:
    if len(content) < 10:
        _refuse("damaged header")
    if content[0] & 0x02:
        _refuse("animated", kind="animated")
    return int.from_bytes(content[4:7], "little") + 1, int.from_bytes(content[7:10], "little") + 1


def _webp_frame(name: bytes, content: bytes, length: int) -> Size:
    """Read the size from the head of a lossy (RFC 6386 §9.1) or lossless (RFC 9649 §3.4) picture."""
    if name == b"VP8 " and len(content) == 10 and content[3:6] == b"\x9d\x01\x2a":
        tag = int.from_bytes(content[:3], "little")
        key_frame, version, shown, first_part = not tag & 1, tag >> 1 & 7, tag >> 4 & 1, tag >> 5
        width, height = int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
        if key_frame and version <= 3 and shown and first_part < length:
            return width & 0x3FFF, height & 0x3FFF
    elif name == b"VP8L" and len(content) >= 5 and content[0] == 0x2F:
        bits = int.from_bytes(content[1:5], "little")
        if not bits >> 29:
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    _refuse("damaged header")


def _webp_size(canvas: Size | None, size: Size | None) -> Size:
    if not size:
        _refuse("no picture inside")
    if canvas and canvas != size:
        _refuse("damaged header")
    return size
