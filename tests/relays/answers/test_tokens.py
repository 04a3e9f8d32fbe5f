from typing import Any

import pytest

from studio.relays.answers.tokens import tokens


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        (
            {
                "input_tokens": 50,
                "output_tokens": 272,
                "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
            },
            {"text": 10, "image": 40, "output": 272},
        ),
        ({"prompt_tokens": 7, "completion_tokens": 1290}, {"text": 7, "image": 0, "output": 1290}),
        (
            {"input_tokens": 5, "output_tokens": 1, "input_tokens_details": {"image_tokens": 9}},
            {"text": 0, "image": 5, "output": 1},
        ),
        (
            {"input_tokens": 5, "output_tokens": 1, "input_tokens_details": "?"},
            {"text": 5, "image": 0, "output": 1},
        ),
        ({"input_tokens": 5}, {}),
        ({"input_tokens": -5, "output_tokens": 1}, {}),
        ({"input_tokens": True, "output_tokens": 1}, {}),
        ({"input_tokens": 5, "output_tokens": 10**9}, {}),
        ({"input_tokens": 5, "output_tokens": "1"}, {}),
    ],
)
def test_tokens_of_an_answer_are_both_sides_or_nothing(usage: dict[str, Any], found: dict[str, int]):
    assert tokens(usage) == found
