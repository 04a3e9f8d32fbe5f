"""The fields of saved prompts."""

import pytest

from studio.placeholders import Placeholder, fields_of, filled


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("A lake", []),
        ("{subject} at dawn", [("subject", ())]),
        ("{Style: oil | ink|} of {a thing}, {style}", [("style", ("oil", "ink")), ("a thing", ())]),
        ("{style} or {style:oil|ink}", [("style", ("oil", "ink"))]),
        ("{{subject}} {} {1} {a,b} {x:}", []),
    ],
)  # fmt: skip
def test_fields_of_are_names_in_braces_with_or_without_choices(text, fields):
    assert fields_of(text) == [Placeholder(*field) for field in fields]


def test_filled_puts_each_value_everywhere_and_leaves_the_rest():
    text = "{subject}, {style:oil|ink}; {Subject} again {{subject}} {mood}"

    assert (
        filled(text, {"subject": " a {fox} ", "style": "ink"})
        == "a {fox}, ink; a {fox} again {{subject}} {mood}"
    )
