"""The sentences and pauses of SAFETY §6 that no answer of a test relay brings about by itself."""

from typing import Any

import pytest

from studio.relays.dialects.base import Kind, RelayError
from studio.services.drawing.outcomes import OUTCOMES, RetryRule, is_ours, wait_for

ASKED: dict[str, Any] = {
    "size": "4096x4096",
    "aspect_ratio": "21:9",
    "image_size": "4K",
    "output_format": "webp",
    "steps": 200,
    "negative_prompt": "No people, " * 20,
}


OURS = "The relay does not accept the studio's request. Nothing was charged. An administrator was told."


def _again(kind: Kind) -> RetryRule:
    again = OUTCOMES[kind].again
    assert again
    return again


@pytest.mark.parametrize(
    ("param", "sentence"),
    [
        ("size", "The relay does not accept size 4096x4096. Choose another size."),
        ("aspect_ratio", "The relay does not accept aspect ratio 21:9. Choose another aspect ratio."),
        ("image_size", "The relay does not accept resolution 4K. Choose another resolution."),
        ("output_format", "The relay does not accept format webp. Choose another format."),
        ("steps", "The relay does not accept steps 200. Choose another value."),
        ("negative_prompt", "The relay does not accept this negative prompt. Change it and try again."),
        ("n", "The relay does not accept this number of images. Choose another number."),
        ("prompt", "The relay does not accept this prompt. Change it and try again."),
        ("quality", OURS),
        ("<b>size</b>", OURS),
        ("", "The relay does not accept these settings. Change them and try again."),
    ],
)
def test_row_12_invalid_names_the_setting_and_the_value_that_was_asked_for(param: str, sentence: str):
    error = RelayError(Kind.INVALID, status=400, param=param, message="<b>Pay here</b>", trace_id="req-7")

    assert OUTCOMES[Kind.INVALID].why(error, 1, ASKED).said() == sentence


@pytest.mark.parametrize(
    ("status", "asked", "sentence"),
    [
        (400, {}, OURS),
        (415, ASKED, OURS),
        (
            409,
            {},
            "The relay says that this collides with another request (409). Nothing was charged. Try again later.",
        ),
        (413, {}, "The request was too large for the relay (413). Nothing was charged. Shorten the prompt."),
        (
            451,
            {},
            "The relay may not draw this for legal reasons (451). Nothing was charged. Change the prompt.",
        ),
    ],
)
def test_row_12_invalid_speaks_of_settings_only_where_one_was_chosen(status: int, asked, sentence: str):
    error = RelayError(Kind.INVALID, status=status)

    assert OUTCOMES[Kind.INVALID].why(error, 1, asked).said() == sentence
    assert is_ours(error, asked) == (sentence == OURS)


@pytest.mark.parametrize(
    ("kind", "tries", "shortest", "longest"),
    [
        (Kind.RATE_LIMITED, 0, 5, 5),
        (Kind.RATE_LIMITED, 1, 20, 20),
        (Kind.RATE_LIMITED, 2, 60, 60),
        (Kind.NOT_SENT, 0, 0.5, 1),
        (Kind.NOT_SENT, 1, 2.5, 5),
        (Kind.NOT_SENT, 2, 12.5, 25),
        (Kind.TRANSIENT, 0, 0.5, 2),
        (Kind.TRANSIENT, 1, 0.5, 8),
    ],
)
def test_wait_for_ours_lies_between_shortest_and_longest(kind: Kind, tries: int, shortest, longest):
    waits = [wait_for(_again(kind), tries=tries, asked=None) for _ in range(500)]

    assert shortest <= min(waits)
    assert max(waits) <= longest
    assert max(waits) - min(waits) >= (longest - shortest) * 0.8


@pytest.mark.parametrize(("asked", "waits"), [(1, 1), (7, 7), (119.5, 119.5), (3600, 3600)])
def test_row_13_wait_for_what_the_relay_asks_is_never_undercut(asked: float, waits: float):
    assert wait_for(_again(Kind.RATE_LIMITED), tries=0, asked=asked) == waits
