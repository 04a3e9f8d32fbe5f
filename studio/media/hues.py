"""The colour of a picture that a person would name."""

from collections import Counter
from collections.abc import Iterable
from colorsys import rgb_to_hls

HUES = (
    "red",
    "orange",
    "yellow",
    "green",
    "teal",
    "blue",
    "purple",
    "pink",
    "brown",
    "black",
    "grey",
    "white",
)

WHEEL = [
    (15, "red"),
    (42, "orange"),
    (68, "yellow"),
    (160, "green"),
    (195, "teal"),
    (255, "blue"),
    (290, "purple"),
    (340, "pink"),
    (360, "red"),
]
"""Where a colour ends on the wheel, in degrees, and its name."""

Field = tuple[int, int, int, int]


def hue_of(fields: Iterable[Field]) -> str:
    """Return the name of the colour that most of the fields have; a colourful one counts for more than a grey one."""
    votes: Counter[str] = Counter()
    for red, green, blue, alpha in fields:
        name = name_of(red, green, blue)
        votes[name] += alpha * (48 + max(red, green, blue) - min(red, green, blue))
    return votes.most_common(1)[0][0]


def name_of(red: int, green: int, blue: int) -> str:
    """Return what a person would call this colour."""
    turn, light, _ = rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = max(red, green, blue) - min(red, green, blue)
    if light < 0.12:
        return "black"
    if light > 0.93:
        return "white"
    if chroma < 26:
        return "grey"
    name = next(name for end, name in WHEEL if turn * 360 <= end)
    return "brown" if name in ("orange", "red") and light < 0.42 and chroma < 130 else name
