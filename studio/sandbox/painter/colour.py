"""Colours: named hues, moods of the day, and a brief's palette, mixed in OKLab so that nothing turns muddy."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, radians, sin

import numpy as np

from studio.sandbox.painter.words import Brief

type Colour = np.ndarray
"""Three float32 values, sRGB, 0 to 1."""

# Hue words: lightness and chroma of a clean sample, and its hue in degrees (OKLCH).
HUES: dict[str, tuple[float, float, float]] = {
    "red": (0.56, 0.20, 26),
    "orange": (0.72, 0.17, 55),
    "gold": (0.79, 0.14, 82),
    "yellow": (0.88, 0.16, 98),
    "lime": (0.84, 0.19, 122),
    "green": (0.60, 0.12, 150),
    "teal": (0.60, 0.10, 192),
    "cyan": (0.80, 0.11, 208),
    "blue": (0.52, 0.15, 258),
    "violet": (0.50, 0.17, 298),
    "magenta": (0.60, 0.24, 340),
    "pink": (0.78, 0.12, 3),
    "brown": (0.44, 0.07, 55),
    "white": (0.96, 0.01, 90),
    "black": (0.22, 0.01, 270),
    "grey": (0.62, 0.01, 260),
}
NEUTRAL = ("white", "black", "grey")


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The light of a picture: sky from top to horizon, land from far to near, and what shines."""

    sky: tuple[Colour, ...]
    far: Colour
    near: Colour
    sun: Colour
    glow: Colour
    dark: bool = False  # night: stars, lit windows, a moon instead of a sun


def hexed(text: str) -> Colour:
    """Return the colour of "#rrggbb"."""
    return np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)], np.float32) / np.float32(255)


def to_lab(colour: Colour) -> np.ndarray:
    """Return OKLab of sRGB (channels first)."""
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.tensordot(_TO_LAB, np.cbrt(np.tensordot(_TO_LMS, linear, 1)), 1)


def to_rgb(lab: np.ndarray) -> Colour:
    """Return sRGB of OKLab (channels first), clipped into gamut."""
    linear = np.tensordot(_FROM_LMS, np.tensordot(_FROM_LAB, lab, 1) ** 3, 1).clip(0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(
        np.float32
    )


_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)


def lch(lightness: float, chroma: float, hue: float) -> Colour:
    """Return the sRGB colour of OKLCH (hue in degrees)."""
    return to_rgb(np.array([lightness, chroma * cos(radians(hue)), chroma * sin(radians(hue))]))


def named(word: str) -> Colour:
    """Return a clean sample of a colour word."""
    return lch(*HUES[word])


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two, `share` of the way to the second."""
    lab = to_lab(first)
    return to_rgb(lab + (to_lab(second) - lab) * share)


def gradient(stops: tuple[Colour, ...], positions: np.ndarray) -> np.ndarray:
    """Return (3, n) colours along evenly spread stops for n positions from 0 to 1."""
    labs = np.stack([to_lab(stop) for stop in stops])
    at = np.linspace(0, 1, len(stops))
    return to_rgb(np.stack([np.interp(positions, at, labs[:, channel]) for channel in range(3)]))


def shifted(colour: Colour, *, light: float = 0, chroma: float = 1, hue: float = 0) -> Colour:
    """Return the colour a bit lighter (or darker), with its chroma multiplied and its hue turned by degrees."""
    lightness, a, b = to_lab(colour)
    turned = complex(a, b) * chroma * complex(cos(radians(hue)), sin(radians(hue)))
    return to_rgb(np.array([min(max(lightness + light, 0), 1), turned.real, turned.imag]))


def _mood(sky: str, far: str, near: str, sun: str, glow: str, *, dark: bool = False) -> Palette:
    stops = tuple(hexed(stop) for stop in sky.split())
    return Palette(sky=stops, far=hexed(far), near=hexed(near), sun=hexed(sun), glow=hexed(glow), dark=dark)


MOODS: dict[str, Palette] = {
    "dawn": _mood("#5873a6 #9a93bd #d9a6ae #f6bf9c", "#a392bb", "#292c45", "#fff3da", "#ffd9b0"),
    "day": _mood("#3d86cc #76b2e2 #b9dcec #e6f2ee", "#9cc0c6", "#1f4a3f", "#fffdf2", "#fff6d8"),
    "golden": _mood("#7c8fa6 #d8b98c #f7ce84 #ffe3a3", "#d7a066", "#43271f", "#fff8d8", "#ffe29a"),
    "sunset": _mood("#33326e #8a4380 #e0606a #ffab62", "#93507e", "#1c1429", "#ffe3a1", "#ff9a5a"),
    "dusk": _mood("#211d4a #54295f #943a66 #d9666a", "#653a6c", "#110e1e", "#ffd8b4", "#e0686c"),
    "bluehour": _mood(
        "#0d1a3c #24427a #5f83bb #efc3a6", "#4a6699", "#0a1224", "#fff0dc", "#f6c9a4", dark=True
    ),
    "night": _mood("#050a1f #0d1942 #1b3163 #33507f", "#2a4076", "#04070f", "#f1f2ff", "#8fa6dd", dark=True),
    "mist": _mood("#b4c8bf #c4d5c9 #d6e2d3 #e6ecdf", "#aec6b6", "#1d3a30", "#fffdf0", "#f8f6e2"),
    "storm": _mood("#2f3b4b #54646f #84949a #bcc4bd", "#6f8590", "#101c24", "#eef0ea", "#c9cfcb"),
    "winter": _mood("#7f9fc0 #abc4d8 #d5e1e8 #f4efe8", "#b7c6d8", "#33455f", "#fffaf0", "#fff0dc"),
    "autumn": _mood("#8fa9b5 #c9c6ae #efcf9b #f9d9a2", "#d6965e", "#48200f", "#fff6dc", "#ffdca0"),
    "spring": _mood("#8dc3e8 #bfdeea #e9ece0 #fbe2df", "#a9c9a8", "#2f6043", "#fffdf0", "#fff0e0"),
    "neon": _mood("#0a0524 #2b0c5a #7a1884 #ff3f98", "#45207f", "#080514", "#ffd166", "#ff4fa0", dark=True),
    "ink": _mood("#e6e3d9 #e9e6dd #ecebe2 #efede5", "#b9bcba", "#15171b", "#f7f5ee", "#f2efe6"),
    "sand": _mood("#d9ba92 #e8cba0 #f2dbb4 #f8e6c6", "#dfae7c", "#7d3c20", "#fffaec", "#fff0cf"),
    "rosy": _mood("#6f86b8 #b59cc0 #eab4b4 #fbd8c0", "#b79cb4", "#3a2a3c", "#fff4e6", "#ffd8c4"),
}
ROOMY = ("dawn", "golden", "day", "dusk", "mist", "sunset", "rosy")


def palette(brief: Brief) -> Palette:
    """Return the palette of a brief: its mood, then its colour words, then its tone words."""
    made = MOODS[mood(brief)]
    others = [name for name in brief.moods if MOODS[name] is not made]
    if others and not made.dark and not MOODS[others[0]].dark:
        made = _blended(made, MOODS[others[0]], 0.28)
    if brief.colours:
        made = _tinted(made, brief.colours)
    return _toned(made, brief.tones)


def mood(brief: Brief) -> str:
    """Return the mood's name; a prompt that names none gets one of its own that suits what it shows."""
    if brief.has("moon") and not {"day", "dawn", "dusk", "sunset", "neon"} & set(brief.moods):
        return "night"
    if brief.medium == "ink":
        return "ink"
    if brief.moods:
        order = ("night", "neon")
        return next((name for name in order if name in brief.moods), brief.moods[0])
    if brief.has("candle", "lamp"):
        return "night"
    if brief.has("desert", "canyon", "pyramid"):
        return ("sand", "golden", "sunset")[brief.key % 3]
    if brief.has("forest", "birch"):
        return ("mist", "golden", "dawn", "day")[brief.key % 4]
    return ROOMY[brief.key % len(ROOMY)]


def _over(made: Palette, change: Callable[[Colour, float], Colour]) -> Palette:
    sky = tuple(change(stop, index / max(len(made.sky) - 1, 1)) for index, stop in enumerate(made.sky))
    return replace(
        made,
        sky=sky,
        far=change(made.far, 0.6),
        near=change(made.near, 0.2),
        glow=change(made.glow, 0.9),
        sun=change(made.sun, 1.0),
    )


def _blended(first: Palette, second: Palette, share: float) -> Palette:
    sky = tuple(mix(one, two, share) for one, two in zip(first.sky, second.sky, strict=True))
    return replace(
        first,
        sky=sky,
        far=mix(first.far, second.far, share),
        near=mix(first.near, second.near, share),
        sun=mix(first.sun, second.sun, share),
        glow=mix(first.glow, second.glow, share),
    )


def _tinted(made: Palette, words: tuple[str, ...]) -> Palette:
    """Return the palette turned towards the colour words: the first rules sky and land, the last the horizon."""

    def change(colour: Colour, place: float) -> Colour:
        word = words[min(int(place * len(words)), len(words) - 1)]
        light, chroma, hue = HUES[word]
        lab = to_lab(colour)
        own = float(np.hypot(lab[1], lab[2]))
        strength = 0.35 if place == 1.0 else 1.0
        lightness = float(lab[0]) + (light - 0.6) * 0.35 * strength * (1 - abs(float(lab[0]) - 0.5))
        aim = lch(lightness, (0.35 * own + 0.62 * chroma) if word not in NEUTRAL else 0.2 * own, hue)
        return mix(colour, aim, 0.9 * strength)

    return _over(made, change)


def _toned(made: Palette, tones: frozenset[str]) -> Palette:
    light = sum(_TONES[tone][0] for tone in tones & _TONES.keys())
    chroma = float(np.prod([_TONES[tone][1] for tone in tones & _TONES.keys()]))
    return _over(made, lambda colour, _: shifted(colour, light=light, chroma=chroma))


# Per tone word: how much lighter, and the factor of the chroma.
_TONES = {
    "muted": (0.0, 0.72),
    "pastel": (0.08, 0.75),
    "vivid": (0.0, 1.3),
    "dark": (-0.10, 1.0),
    "light": (0.05, 1.0),
    "mono": (0.0, 0.0),
}
