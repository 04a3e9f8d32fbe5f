"""Makers of picture files, good and hostile, as bytes; each file is what its name says and nothing else."""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms

SCRIPT = b"<script>alert(document.domain)</script>"


def scene(width: int = 64, height: int = 48, *, mode: str = "RGB") -> Image.Image:
    """Return a picture with a gradient in each direction, so that turning or cutting it shows."""
    across = np.linspace(0, 255, width)[None, :].repeat(height, 0)
    down = np.linspace(0, 255, height)[:, None].repeat(width, 1)
    pixels = np.stack([across, down, 128 + 0 * down], axis=2).astype("uint8")
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def png(width: int = 64, height: int = 48, *, mode: str = "RGB", **options: object) -> bytes:
    return encoded(scene(width, height, mode=mode), "PNG", **options)


def jpeg(width: int = 64, height: int = 48, *, mode: str = "RGB", **options: object) -> bytes:
    return encoded(scene(width, height, mode=mode), "JPEG", **options)


def webp(width: int = 64, height: int = 48, *, mode: str = "RGB", **options: object) -> bytes:
    return encoded(scene(width, height, mode=mode), "WEBP", **options)


def noisy_png(side: int = 1024, *, spread: float = 3.0) -> bytes:
    """Return a PNG of the size that relays send: 1.6 MB for 1024 pixels."""
    waves = np.sin(np.linspace(0, 9, side))[None, :, None] * np.cos(np.linspace(0, 7, side))[:, None, None]
    noise = np.random.default_rng(7).normal(0, spread, (side, side, 3))
    pixels = np.clip(128 + 100 * waves + noise, 0, 255).astype("uint8")
    return encoded(Image.fromarray(pixels), "PNG")


def grey_16_bit_png(width: int = 64, height: int = 48) -> bytes:
    """Return a grey PNG of 16 bits that runs from black to white."""
    row = np.linspace(0, 65535, width).astype("uint16")
    return encoded(Image.fromarray(row[None, :].repeat(height, 0)), "PNG")


def see_through_palette_png() -> bytes:
    """Return a palette PNG whose first colour cannot be seen."""
    image = Image.new("P", (64, 48), 1)
    image.putpalette([0, 0, 0, 200, 30, 30])
    image.paste(0, (0, 0, 32, 48))
    return encoded(image, "PNG", transparency=0)


def turned_jpeg(orientation: int, width: int = 64, height: int = 48) -> bytes:
    """Return a JPEG that says in EXIF how to turn it, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0)}
    return jpeg(width, height, exif=exif.tobytes())


def profiled_png(description: str = "sRGB") -> bytes:
    """Return a PNG with a colour profile that Pillow can make ("sRGB" or "LAB")."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(description))
    return png(icc_profile=profile.tobytes())


def swapped_profile_png() -> bytes:
    """Return a red PNG whose colour profile says that red is green and green is red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * profile[131], 12)}
    red, green = table[b"rXYZ"], table[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return encoded(Image.new("RGB", (64, 48), (255, 0, 0)), "PNG", icc_profile=bytes(profile))


def apng(frames: int = 3) -> bytes:
    rest = [scene(64, 48).rotate(90 * turn) for turn in range(1, frames)]
    return encoded(scene(), "PNG", save_all=True, append_images=rest, default_image=False)


def animated_webp() -> bytes:
    return encoded(scene(), "WEBP", save_all=True, append_images=[scene().rotate(90)])


def mpo() -> bytes:
    """Return a JPEG that holds a second picture."""
    return encoded(scene(), "MPO", save_all=True, append_images=[scene().rotate(90)])


def gif() -> bytes:
    return encoded(scene(), "GIF")


def tiff() -> bytes:
    return encoded(scene(), "TIFF")


def svg() -> bytes:
    return (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        + SCRIPT
        + b"</svg>"
    )


def html() -> bytes:
    return b"<!doctype html><title>x</title>" + SCRIPT


def pdf() -> bytes:
    return encoded(scene(), "PDF")


def polyglot_png() -> bytes:
    """Return a whole PNG with a script behind its end."""
    return png() + SCRIPT


def chunk(name: bytes, content: bytes) -> bytes:
    """Return one PNG chunk with its right sum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bare_png(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    """Return a PNG that claims a size; its compressed bytes are whatever the caller gives, all sums right."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def heavy_png(side: int = 7000) -> bytes:
    """Return a small file, within the limits of the look, that takes seconds to decode."""
    stride = bytes([4]) + bytes(side * 4)
    return bare_png(side, side, colour=6, rows=stride * side)


def broken_sum_png() -> bytes:
    """Return a PNG with one bit flipped in the middle of its pixels."""
    content = bytearray(png())
    content[content.index(b"IDAT") + 20] ^= 1
    return bytes(content)


def wrong_pixels_png() -> bytes:
    """Return a PNG whose sums are all right and whose compressed pixels are garbage."""
    head = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", b"\x78\x9cnonsense")
        + chunk(b"IEND", b"")
    )


def many_chunks_png(count: int) -> bytes:
    content = png()
    at = content.index(b"IDAT") - 4
    return content[:at] + chunk(b"tEXt", b"a\0b") * count + content[at:]


def resized_jpeg(width: int, height: int) -> bytes:
    """Return a JPEG whose header claims another size."""
    content = bytearray(jpeg())
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def resized_webp(width: int, height: int) -> bytes:
    """Return a lossy WebP whose header claims another size, at most 16383 on a side."""
    content = bytearray(webp())
    at = content.index(b"\x9d\x01\x2a")
    content[at + 3 : at + 7] = struct.pack("<HH", width, height)
    return bytes(content)


def mutants(content: bytes, *, count: int, seed: int = 1) -> Iterator[bytes]:
    """Yield damaged copies: bytes changed, pieces cut out, doubled or moved to the end."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        start, end = sorted(int(at) for at in random.integers(0, len(content), 2))
        match int(random.integers(0, 5)):
            case 0:
                yield content[:start] + random.bytes(1) + content[start + 1 :]
            case 1:
                yield content[:start] + random.bytes(min(end - start, 64)) + content[end:]
            case 2:
                yield content[:start] + content[end:]
            case 3:
                yield content[:end] + content[start:]
            case _:
                yield content[:start]
