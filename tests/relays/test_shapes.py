"""What relays write is shown to administrators: without keys, in one line, not too long."""

import pytest

from studio.relays.shapes import Kind, RelayError, mask, paragraph, plain
from tests.relays.conftest import KEY


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bad key {KEY}!", "Bad key sk-…wxyz!"),
        ("Incorrect API key provided: sk-proj-abcdef_ghi-1234.", "Incorrect API key provided: sk-…1234."),
        ("Authorization: Bearer abc.def.ghijkl", "Authorization: Bearer …ijkl"),
        ("a task-force asked for risk-free sketches", "a task-force asked for risk-free sketches"),
        ("", ""),
    ],
)
def test_mask_keys_are_cut_to_their_ends(text: str, shown: str) -> None:
    assert mask(text, KEY) == shown


def test_mask_opaque_key_is_found_wherever_it_stands() -> None:
    assert mask("https://x/?k=Zq9opaqueopaque77&b", "Zq9opaqueopaque77") == "https://x/?k=Zq9…ue77&b"
    assert mask("k=short1", "short1") == "k=…"


def test_plain_text_is_one_short_line() -> None:
    assert plain(" a\r\n\x00b\x1b[0m\u202ec\u2028d ") == "a b [0m c d"
    assert plain("é" * 5_000) == "é" * 1_024
    assert plain("\ud800", 10) == "?"


def test_paragraph_keeps_lines() -> None:
    assert paragraph(" a\n\tb\x00\u202e\x1b ") == "a\n\tb"


def test_relay_error_says_what_matters() -> None:
    assert str(RelayError(Kind.AUTH, status=401, code="x", message="y")) == "auth: 401 x y"
