"""The medium: what turns a clean picture into a photograph, a watercolour, an oil painting, a print or a drawing."""

from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from studio.sandbox.painter import drawn, noise, printed, wet
from studio.sandbox.painter.canvas import Canvas
from studio.sandbox.painter.colour import hexed

LABEL = "Sandbox: no AI"

type Finish = Callable[[Canvas], None]

# Media that dissolve fine detail anyway are composed at a part of the size.
SCALES = {
    "watercolour": 0.5,
    "ink": 0.5,
    "oil": 0.5,
    "pixelart": 0.25,
    "stainedglass": 0.5,
    "pastel_chalk": 0.5,
    "woodblock": 0.7,
}
BEFORE = ("oil", "pixelart")  # they enlarge the picture themselves


def finished(canvas: Canvas, width: int, height: int) -> Image.Image:
    """Return the sheet in its medium and tone, at the size asked for."""
    medium = canvas.brief.medium
    if medium not in BEFORE and (canvas.width, canvas.height) != (width, height):
        canvas.enlarge(width, height)
    FINISHES.get(medium, digital)(canvas)
    _tone(canvas)
    image = canvas.image()
    if image.size != (width, height):
        image = image.resize(
            (width, height), Image.Resampling.NEAREST if medium == "pixelart" else Image.Resampling.BICUBIC
        )
    return image


def _tone(canvas: Canvas) -> None:
    tones = canvas.brief.tones
    if "mono" in tones:
        canvas.pixels[:] = wet.luminance(canvas.pixels)
    elif "sepia" in tones:
        light = wet.luminance(canvas.pixels)
        dark, pale = hexed("#2a1a0e"), hexed("#f4e4c4")
        for channel in range(3):
            canvas.pixels[channel] = dark[channel] + (pale[channel] - dark[channel]) * light


def digital(canvas: Canvas) -> None:
    """Leave the picture as it is, with a breath of grain against banding."""
    _grain(canvas, 0.009)


def photo(canvas: Canvas) -> None:
    """Expose a film: light that blooms, a curve, darker corners, grain."""
    small = canvas.image().reduce(4).filter(ImageFilter.GaussianBlur(canvas.unit / 160))
    soft = np.moveaxis(np.asarray(small, np.float32) / np.float32(255), 2, 0)
    bloom = (soft - np.float32(0.55)).clip(0, 1) * np.float32(0.42)
    for channel in range(3):
        part = canvas.pixels[channel]
        part += (1 - part) * noise.stretched(bloom[channel], canvas.width, canvas.height)
        part += np.float32(0.55) * part * (1 - part) * (part - np.float32(0.46))
    canvas.pixels *= _vignette(canvas, 0.42)
    canvas.pixels[2] += np.float32(0.035) - canvas.pixels[2] * np.float32(0.07)
    _grain(canvas, 0.020)


def _vignette(canvas: Canvas, strength: float) -> np.ndarray:
    rows, columns = np.mgrid[-1:1:64j, -1:1:64j].astype(np.float32)
    fall = 1 - np.float32(strength) * ((rows**2 + columns**2) / 2).clip(0, 1) ** 1.4
    return noise.stretched(fall.astype(np.float32), canvas.width, canvas.height)


def _grain(canvas: Canvas, strength: float) -> None:
    canvas.pixels += noise.tiled(noise.grain(), canvas.width, canvas.height) * np.float32(strength)


def pixel_art(canvas: Canvas) -> None:
    """Leave few pixels and few colours."""
    canvas.load(printed.pixelated(canvas.image(), side=max(canvas.unit // 2, 32)))


FINISHES: dict[str, Finish] = {
    "photo": photo,
    "watercolour": wet.watercolour,
    "ink": wet.ink_wash,
    "oil": wet.oil,
    "pixelart": pixel_art,
    "pencil": drawn.pencil,
    "lineart": drawn.engraving,
    "pastel_chalk": drawn.chalk,
    "flat": printed.poster,
    "woodblock": printed.woodblock,
    "stainedglass": printed.stained_glass,
}


def label(image: Image.Image) -> None:
    """Write into a corner that no AI drew this."""
    size = max(round(min(image.size) * 0.0145), 9)
    font = _font(size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(LABEL))
    width, height, pad = right - left, bottom - top, round(size * 0.55)
    x, y = image.width - width - 2 * pad - size // 2, image.height - height - 2 * pad - size // 2
    corner = image.crop((x, y, x + width + 2 * pad, y + height + 2 * pad))
    bright = float(np.asarray(corner.convert("L").resize((4, 2))).mean()) > 128
    plate = Image.new("RGB", corner.size, "white" if bright else "black")
    corner = Image.blend(corner, plate, 0.32)
    text = ImageDraw.Draw(corner)
    text.text((pad - left, pad - top), LABEL, font=font, fill=(40, 40, 44) if bright else (232, 232, 228))
    image.paste(corner, (x, y), _rounded(corner.size))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@cache
def _rounded(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", (size[0] * 3, size[1] * 3), 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 3 - 1, size[1] * 3 - 1), radius=size[1], fill=255)
    return mask.reduce(3)
