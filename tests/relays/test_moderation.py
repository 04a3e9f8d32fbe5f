"""What an outside classifier answers, and what of it can be used."""

import pytest

from studio.relays.moderation import Unjudged, ask, read


@pytest.mark.parametrize(
    ("first", "scores"),
    [
        ({"category_scores": {"violence": 0.9, "hate": 0}}, {"violence": 0.9, "hate": 0.0}),
        ({"categories": {"violence": True, "hate": False}}, {"violence": 1.0, "hate": 0.0}),
        ({"categories": {"hate": True}, "category_scores": {"hate": 0.2}}, {"hate": 0.2}),
        ({"category_scores": {"a": "high", "b": None, "c": 0.5, "d": float("nan")}}, {"c": 0.5}),
        ({"category_scores": {"x" * 900: 1}}, {"x" * 60: 1.0}),
    ],
)
def test_read_takes_scores_and_where_there_are_none_flags(first, scores):
    assert read({"results": [first]}) == scores


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "yes",
        {},
        {"results": []},
        {"results": [3]},
        {"results": [{"category_scores": []}]},
        {"results": {}},
    ],
)
def test_read_of_anything_else_judges_nothing(answer):
    with pytest.raises(Unjudged):
        read(answer)


@pytest.mark.parametrize(
    ("base_url", "key", "code"),
    [
        ("http://169.254.169.254/v1", "key", "forbidden_address"),
        ("http://127.0.0.1:9/v1", "key", "forbidden_address"),
        ("https://example.com/v1", "", "unusable_key"),
        ("https://example.com/v1", "ké", "unusable_key"),
    ],
)
def test_ask_what_may_not_be_called_is_not_called(base_url, key, code):
    with pytest.raises(Unjudged) as refused:
        ask(base_url=base_url, api_key=key, model="", text="A lake", seconds=1)

    assert refused.value.code == code
