"""Laws of `studio.words`: every code that is used has words, every code is used, and nobody reads sentences back."""

import ast
import string
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from studio.models import Generation, Relay
from studio.relays.dialects.base import Kind
from studio.words import SENTENCES, Reader, Reason
from studio.words.drawing import DAMAGE
from studio.words.readers import span
from studio.words.relays import KINDS

ROOT = Path(__file__).resolve().parent.parent / "studio"
FILES = sorted(path for path in ROOT.rglob("*.py") if "migrations" not in path.parts)
MADE_BY_MIGRATION = {"old"}
TABLES = {"OUTAGES", "NOT_SENT", "SILENT", "BY_KIND", "REFUSED", "TROUBLES", "USUAL", "UNSEARCHABLE"}
"""Dictionaries from something to a code."""

SAID = {"sentence", "trouble", "trouble_values", "pause_reason", "pause_values", "reason", "reason_values"}
CUTTING = {
    "startswith",
    "endswith",
    "partition",
    "rpartition",
    "split",
    "rsplit",
    "strip",
    "rstrip",
    "replace",
}


def _nodes(*kinds: type[ast.AST]) -> Iterator[Any]:
    trees = (ast.parse(path.read_bytes()) for path in FILES if "words" not in path.parts)
    return (node for tree in trees for node in ast.walk(tree) if isinstance(node, kinds))


def _strings(*nodes: ast.AST | None) -> set[str]:
    found = {
        each.value for node in nodes if node for each in ast.walk(node) if isinstance(each, ast.Constant)
    }
    return {each for each in found if isinstance(each, str)}


def _given() -> set[str]:
    """Return the codes that reasons are made of: literals, choices of two, and tables of codes."""
    codes: set[str] = set()
    for call in _nodes(ast.Call):
        if getattr(call.func, "id", "") == "Reason" and call.args:
            first = call.args[0]
            branches = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
            codes |= _strings(*(each for each in branches if isinstance(each, ast.Constant)))
    for assigned in _nodes(ast.Assign):
        if getattr(assigned.targets[0], "id", "") in TABLES:
            codes |= {
                code
                for each in ast.walk(assigned.value)
                if isinstance(each, ast.Dict)
                for code in _strings(*each.values)
            }
    return codes


def test_every_code_that_is_given_has_words():
    given = _given()

    assert len(given) > 40, "the test looks at the wrong place"
    assert given - set(SENTENCES) == set()


def test_every_sentence_is_used():
    written = _strings(*_nodes(ast.Constant))

    assert set(SENTENCES) - written - MADE_BY_MIGRATION == set()


def test_text_ends_as_it_should_and_names_its_values_plainly():
    for code, entry in SENTENCES.items():
        for text in entry.values() if isinstance(entry, dict) else [entry]:
            if isinstance(text, str):
                names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
                assert all(name.isidentifier() for name in names), code
                assert text.count("{wait}") <= 1, code


def test_no_stored_words_are_compared_or_cut():
    wrong = [
        f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_bytes()))
        if (isinstance(node, ast.Attribute) and node.attr in CUTTING and _is_said(node.value))
        or (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", "") in ("sub", "match", "search")
            and _says(node)
        )
    ]

    assert wrong == []


def _is_said(node: ast.AST) -> bool:
    """Say whether an expression is words: `row.why.said()`, `error.sentence`, `str(reason)`."""
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", "") in ("said", "say") or getattr(node.func, "id", "") == "said"
    return isinstance(node, ast.Attribute) and node.attr in SAID


def _says(call: ast.Call) -> bool:
    return any(_is_said(each) for each in call.args)


def test_no_table_keeps_a_sentence():
    """What rows say of themselves is codes, too short for a sentence, and values beside them."""
    for model, names in ((Generation, ("reason",)), (Relay, ("trouble", "pause_reason"))):
        for name in names:
            assert model._meta.get_field(name).max_length <= 40
    columns = {field.name for model in (Generation, Relay) for field in model._meta.fields}
    assert "sentence" not in columns


def test_reason_is_false_when_there_is_none_and_equal_by_its_values():
    assert (bool(Reason()), Reason().said(), Reason("busy", tried=3) == Reason("busy", tried=3)) == (
        False,
        "",
        True,
    )
    assert Reason("busy", tried=3) != Reason("busy", tried=4)


def test_say_nests_reasons_and_survives_json():
    why = Reason(
        "relay_was_paused", relay="R", why=Reason("in_a_row", why=Reason("own_words", text="No."), times=3)
    )

    assert why.said() == "R was paused. No. That was 3 times in a row."
    assert Reason(why.code, **why.values) == why


def test_say_for_a_blind_person_names_no_relay():
    told = {
        code: Reason(code, relay="Zebra", other="Zebra", model="Zebra", why="Zebra", text="Zebra")
        for code in SENTENCES
    }
    of_a_row = set(SENTENCES) & {"handed_over", "old", "waits_for_relay"}

    assert {code for code in of_a_row if "Zebra" in told[code].said(Reader.BLIND)} == set()
    assert all("Zebra" in told[code].said() for code in of_a_row)


def test_say_unknown_code_and_missing_values_do_not_fail():
    assert (Reason("of_tomorrow", n={1}).said(), Reason("busy").said()) == (
        "of_tomorrow",
        "The relay is still busy after … tries. Nothing was charged. Try again later.",
    )


def test_split_gives_the_wait_alone():
    why = Reason("busy_again", seconds=7, number=1, times=3)

    assert why.split() == ("The relay is busy. Trying again ", "in 7 s", " (1 of 3).")
    assert why.with_values(seconds=0).said() == "The relay is busy. Trying again now (1 of 3)."


def test_say_what_was_saved_before_the_failure():
    saved = {"saved": 1, "of": 3}

    assert Reason("key_refused", **saved).said() == (
        "1 of 3 images saved. The studio's relay key was refused. An administrator was told."
    )
    assert Reason("cancelled", **saved).said() == "Cancelled. 1 of 3 images had been drawn and are kept."


@pytest.mark.parametrize("state", DAMAGE)
def test_damage_counts_one_and_many(state: str):
    one, many = DAMAGE[state]

    assert one.lower().startswith(("one ", "the relay removed one"))
    assert "{}" in many


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 s"),
        (120, "120 s"),
        (121, "3 min"),
        (3600, "60 min"),
        (7200, "2 h"),
        (86_401, "25 h"),
        (260_000, "4 days"),
    ],
)
def test_span_is_written_in_the_unit_a_person_would_use(seconds: float, words: str):
    assert span(seconds) == words
    assert (
        Reason("busy_again", seconds=seconds, number=1, times=3)
        .said()
        .startswith(f"The relay is busy. Trying again in {words} (")
    )


def test_every_kind_of_failure_has_words():
    assert set(KINDS) == {*Kind, "empty", "studio", "closed"}
    assert not [words for words in KINDS.values() if "_" in words]


def test_no_two_rooms_have_words_for_one_code():
    rooms = [import_module(f"studio.words.{path.stem}") for path in (ROOT / "words").glob("[a-z]*.py")]
    codes = Counter(code for room in rooms for code in getattr(room, "SENTENCES", {}))

    assert [code for code, count in codes.items() if count > 1] == []
