"""Sizes as the sandbox's relays understand them; written anew, for it checks what the studio sends."""

import re

STEP, LONGEST, AREA, STEEPEST = 16, 3840, 3840 * 2160, 3
"""What OpenAI writes of gpt-image-2: sides in steps of 16, at most 3840, 1:3 to 3:1, no more than 8.3 megapixels."""

_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")


def sides_of(text: str) -> tuple[int, int] | None:
    """Return width and height in pixels; None for "auto" and whatever else is no size."""
    found = _SIZE.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def is_free(width: int, height: int) -> bool:
    """Say whether a model of free sizes draws this one."""
    in_steps = width % STEP == height % STEP == 0
    short, long = sorted((width, height))
    return in_steps and long <= min(LONGEST, short * STEEPEST) and width * height <= AREA
