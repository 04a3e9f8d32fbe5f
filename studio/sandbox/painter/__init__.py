"""A painter without an AI: it looks up the words of a prompt and paints what they name.

What it understands is in `lexicon`; `words` reads a prompt into a brief; `scenes` composes; `finish` gives the medium.
"""

import io

from PIL import Image

from studio.sandbox.painter import finish, png, scenes
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import palette
from studio.sandbox.painter.words import describe, read

__all__ = ["describe", "paint"]

COARSE = {"low": 0.5}


def paint(
    prompt: str,
    *,
    width: int,
    height: int,
    seed: int,
    quality: str = "",
    negative_prompt: str = "",
    format: str = "png",
) -> bytes:
    """Return the encoded picture of a prompt (PNG, or "jpeg" or "webp").

    The same arguments give the same bytes; another seed composes the same things anew. `negative_prompt` names what
    to leave out. Quality "low" paints at half the size and enlarges. A square of 1024 pixels takes at most 250 ms of
    one core (tests/bench/bench_painter.py).
    """
    brief = read(prompt, negative_prompt=negative_prompt)
    scale = min(finish.SCALES.get(brief.medium, 1.0), COARSE.get(quality, 1.0))
    canvas = Canvas(max(int(width * scale), 32), max(int(height * scale), 32), brief, palette(brief), seed)
    scenes.compose(canvas)
    image = finish.finished(canvas, width, height)
    finish.label(image)
    return _encoded(image, format)


def _encoded(image: Image.Image, format: str) -> bytes:
    """Return the picture's bytes."""
    if format == "png":
        return png.encoded(image)
    out = io.BytesIO()
    image.save(out, format.upper(), quality=90)
    return out.getvalue()
