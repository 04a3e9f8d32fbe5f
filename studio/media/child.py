"""The darkroom's child process: decodes a picture whole, under limits, and makes its thumbnails (SAFETY §3).

Run as a script in Python's isolated mode, it needs only Pillow and the standard library. The limits come as
JSON in the first argument. Then each line that comes in is a job and gets one line back: "developed",
"unusable" (the picture's fault) or "broken" (ours: a full disk, a file that is gone).
"""

import json
import os
import resource
import select
import signal
import sys
import time
import warnings
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.Image import Resampling, Transpose

FORMATS = (
    PngImagePlugin.PngImageFile.format,
    JpegImagePlugin.JpegImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
)
"""The only three decoders in use; imported by name, or Pillow would load all of its fifty."""

METHOD, QUALITY = 2, 80
"""WebP of 960², measured: method 2 takes 19 ms for 31 KB, 4 (Pillow's choice) 52 ms for 30 KB; both 38 dB."""

GAP = 1.5
"""How far above its goal a picture is brought by whole numbers first: 3 saves nothing from 960 to 320, 1.5 saves
half of the 5 ms; after WebP the two differ by 0.2 dB."""

AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux keeps a session's priority: with autogrouping on, `nice` counts only inside the child's own session."""

TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""EXIF orientation → what brings the picture upright."""

ORIENTATION = 0x0112
OPEN_FILES = 32
WRITTEN_BYTES = 64 * 1024 * 1024


def main() -> None:
    """Answer jobs until the parent is gone or none came for the idle time; either way the exit code is 0."""
    limits = json.loads(sys.argv[1])
    _confine(limits)
    Image.MAX_IMAGE_PIXELS = limits["pixels"]
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    _say({"ready": True})
    while select.select([sys.stdin], [], [], limits["idle"])[0] and (line := sys.stdin.readline()):
        _allow_seconds(limits["cpu"])
        _say(_answer(json.loads(line)))


def _confine(limits: dict[str, Any]) -> None:
    """Give up what a decoder never needs; the signals of a terminal or supervisor are for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _give_way(limits["nice"])
    os.umask(0o077)
    for name, value in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(name, (value, value))


def _give_way(nice: int) -> None:
    """Take a low priority within the session and, where Linux schedules by sessions, for the session as a whole."""
    os.nice(nice)
    for _ in range(10):
        try:
            AUTOGROUP.write_text(str(nice))
        except BlockingIOError:  # the kernel takes one such wish in a tenth of a second
            time.sleep(0.1)
        except OSError:
            return
        else:
            return


def _allow_seconds(seconds: int) -> None:
    """Move the soft CPU limit, counted in whole seconds, to `seconds` from now or a little more; over it kills."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    """Develop in memory and only then touch the disk, so that the two kinds of failure stay apart."""
    outputs = {int(side): Path(path) for side, path in job["outputs"].items()}
    try:
        with Path(job["path"]).open("rb") as file:
            answer, thumbnails = _tried(file, sides=sorted(outputs, reverse=True))
        for side, content in thumbnails.items():
            outputs[side].write_bytes(content)
    except OSError as error:
        return {"broken": str(error)}
    return answer


def _tried(file: BinaryIO, *, sides: list[int]) -> tuple[dict[str, Any], dict[int, bytes]]:
    """Return the answer and the thumbnails; whatever a decoder raises is the picture's fault."""
    try:
        facts, thumbnails = _develop(file, sides=sides)
    except Exception as error:
        return {"unusable": f"{type(error).__name__}: {error}"[:200]}, {}
    return {"developed": facts}, thumbnails


def _develop(file: BinaryIO, *, sides: list[int]) -> tuple[dict[str, Any], dict[int, bytes]]:
    """Return the size as shown and the tone, and a thumbnail for each long side, the longest first."""
    with Image.open(file, formats=FORMATS) as image:
        if image.format not in FORMATS or getattr(image, "n_frames", 1) != 1:
            raise ValueError("more than one picture inside")
        orientation, profile = _orientation(image), image.info.get("icc_profile")
        width, height = image.size[::-1] if orientation >= 5 else image.size
        image.draft(None, _fit(image.size, 2 * sides[0]))
        proof = _shrink(_plain(image), sides[0])
    proof = _upright(_to_srgb(proof, profile), orientation)
    thumbnails = {}
    for side in sides:
        proof = _shrink(proof, side)
        thumbnails[side] = _webp(proof)
    return {"width": width, "height": height, "tone": _tone(proof)}, thumbnails


def _orientation(image: Image.Image) -> int:
    """Return how a JPEG is turned, 1 to 8; damaged EXIF data means not at all, as in browsers."""
    if image.format != "JPEG":
        return 1
    exif = Image.Exif()
    with suppress(Exception):
        exif.load(image.info.get("exif", b""))
    value = exif.get(ORIENTATION, 1)
    return value if value in TURNS else 1


def _plain(image: Image.Image) -> Image.Image:
    """Decode the picture whole, as RGB, as CMYK, or as RGBA if one can see through some part of it."""
    image.load()
    if image.mode.startswith("I"):
        image = _eight_bits(image)
    if not image.has_transparency_data:
        return image if image.mode in ("RGB", "CMYK") else image.convert("RGB")
    image = image.convert("RGBA")
    opaque = image.getchannel("A").getextrema() == (255, 255)
    return image.convert("RGB") if opaque else image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a grey picture of 16 bits in 8; Pillow's own way makes all but the darkest part white."""
    grey = image.point(lambda value: value / 256).convert("L")
    grey.info.pop("transparency", None)
    return grey


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB; a profile that cannot be used is left out, as in browsers."""
    with suppress(Exception):
        if profile:
            mode = "RGB" if image.mode == "CMYK" else image.mode
            source, target = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    return image.convert("RGB") if image.mode == "CMYK" else image


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the size with its long side brought down to `side`; never a larger one, never 0."""
    scale = min(1, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrink(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    return image.resize(_fit(image.size, side), Resampling.BICUBIC, reducing_gap=GAP)


def _webp(image: Image.Image) -> bytes:
    """Encode without metadata: Pillow's WebP writer adds none that it is not handed."""
    buffer = BytesIO()
    image.save(buffer, "WEBP", method=METHOD, quality=QUALITY)
    return buffer.getvalue()


def _tone(image: Image.Image) -> str:
    """Return the average of 64 fields as #rrggbb; the colourful and the opaque ones count for more."""
    fields = image.convert("RGBA").resize((8, 8), Resampling.BOX)
    total, sums = 0.0, [0.0, 0.0, 0.0]
    for red, green, blue, alpha in zip(*[iter(fields.tobytes())] * 4, strict=True):
        weight = alpha * (32 + max(red, green, blue) - min(red, green, blue))
        total += weight
        sums = [sums[0] + weight * red, sums[1] + weight * green, sums[2] + weight * blue]
    return "#" + "".join(f"{round(part / total) if total else 128:02x}" for part in sums)


if __name__ == "__main__":
    main()
