"""Fault words: what is read from a prompt, and what each of them does to the answer."""

import io
import json
import time
from base64 import b64decode

import pytest
from PIL import Image

from studio.sandbox import faults, ledger, store


def test_split_prompt_with_words_returns_them_and_the_rest() -> None:
    ordered, prompt = faults.split("a [429] lake  [Two of Four]")

    assert ordered.words == {"429", "two of four"}
    assert prompt == "a lake"


def test_split_plain_brackets_stay() -> None:
    ordered, prompt = faults.split("a [red] lake [418]")

    assert ordered.words == frozenset()
    assert prompt == "a [red] lake [418]"


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [("[slow]", 20), ("[slow 5]", 5), ("[slow 0.5 s]", 0.5), ("[slow 9999]", 600), ("[hang]", 700)],
)
def test_split_timed_word_returns_seconds_within_the_limit(prompt: str, seconds: float) -> None:
    ordered, _ = faults.split(prompt)

    assert list(ordered.seconds.values()) == [seconds]


@pytest.mark.parametrize(("prompt", "count"), [("", 4), ("[two of four]", 2), ("[one extra]", 5)])
def test_count_four_asked_returns_what_was_ordered(prompt: str, count: int) -> None:
    ordered, _ = faults.split(prompt)

    assert ordered.count(4) == count


def test_count_half_of_one_is_one() -> None:
    ordered, _ = faults.split("[two of four]")

    assert ordered.count(1) == 1


@pytest.mark.parametrize(
    ("word", "status", "routeway", "openai"),
    [
        ("401", 401, "invalid_api_key", "invalid_api_key"),
        ("402", 402, "insufficient_balance", "insufficient_quota"),
        ("429", 429, "rate_limit", "rate_limit_exceeded"),
        ("500", 500, "error_500", None),
        ("503", 503, "error_503", None),
        ("504", 504, "error_504", None),
        ("refuse", 400, "content_policy_violation", "moderation_blocked"),
    ],
)
def test_generations_error_word_answers_in_the_dialect(ask, word, status, routeway, openai) -> None:
    answers = {dialect: ask(dialect, prompt=f"a lake [{word}]") for dialect in ("routeway", "openai")}

    assert {dialect: made.status for dialect, made in answers.items()} == {
        "routeway": status,
        "openai": status,
    }
    assert answers["routeway"].json["error"]["code"] == routeway
    assert answers["openai"].json["error"]["code"] == openai


def test_generations_429_says_when_to_come_back(ask) -> None:
    assert ask("routeway", prompt="[429]").headers["Retry-After"] == "2"
    assert ask("openai", prompt="[429]").headers["retry-after-ms"] == "2000"


def test_generations_503_does_not_say_when_to_come_back(ask) -> None:
    assert "Retry-After" not in ask("routeway", prompt="[503]").headers


def test_generations_500_once_fails_only_the_first_time(ask) -> None:
    statuses = [ask("routeway", prompt="a lake [500 once]").status for _ in range(3)]

    assert statuses == [500, 200, 200]


def test_generations_500_once_keeps_bodies_apart(ask) -> None:
    ask("routeway", prompt="a lake [500 once]")

    assert ask("routeway", prompt="a sea [500 once]").status == 500


def test_generations_empty_answers_no_pictures(ask) -> None:
    made = ask("routeway", prompt="[empty]")

    assert (made.status, made.json["data"]) == (200, [])


def test_generations_two_of_four_answers_two(ask) -> None:
    assert len(ask("routeway", prompt="a lake [two of four]", n=4).json["data"]) == 2


def test_generations_one_extra_answers_more_than_asked(ask) -> None:
    assert len(ask("routeway", prompt="a lake [one extra]", n=1).json["data"]) == 2


def test_generations_broken_image_damages_the_last_picture_only(ask) -> None:
    data = ask("routeway", prompt="a lake [broken image]", n=2, response_format="b64_json").json["data"]
    whole, broken = (Image.open(io.BytesIO(b64decode(row["b64_json"]))) for row in data)

    whole.load()
    with pytest.raises((OSError, SyntaxError), match=r"(?i)broken|truncated|unrecognized"):
        broken.load()


def test_generations_expired_url_answers_403_at_once(ask, client) -> None:
    url = ask("routeway", prompt="a lake [expired url]").json["data"][0]["url"]

    assert client.get(url).status_code == 403


def test_generations_late_url_answers_404_before_it_answers_the_picture(ask, client, monkeypatch) -> None:
    monkeypatch.setattr(store, "LATE_SECONDS", 0.3)
    url = ask("routeway", prompt="a lake [late url]").json["data"][0]["url"]

    first = client.get(url).status_code
    time.sleep(0.35)
    second = client.get(url)
    picture = second.getvalue()  # to its end, where the client closes it without a look at the database

    assert (first, second.status_code) == (404, 200)
    assert picture.startswith(b"\x89PNG")


@pytest.mark.parametrize(("word", "start"), [("gif", b"GIF89a"), ("svg", b"<svg ")])
def test_generations_other_kind_of_file_comes_last(ask, word, start) -> None:
    rows = ask("routeway", prompt=f"a lake [{word}]", n=2, response_format="b64_json").json["data"]
    first, last = (b64decode(row["b64_json"]) for row in rows)

    assert first.startswith(b"\x89PNG")
    assert last.startswith(start)


def test_generations_cut_end_sends_all_and_promises_more(ask) -> None:
    made = ask("routeway", prompt="a lake [cut end]")

    assert len(made.json["data"]) == 1
    assert len(made.content) < int(made.headers["Content-Length"])


def test_generations_slow_answers_later(ask) -> None:
    start = time.monotonic()
    made = ask("routeway", prompt="[slow 0.3] [empty]")

    assert made.status == 200
    assert time.monotonic() - start >= 0.3


@pytest.mark.parametrize("word", ["drop", "drip 1", "hang 0"])
def test_generations_cut_answer_promises_more_than_it_sends(ask, word) -> None:
    made = ask("routeway", prompt=f"[{word}]")

    assert made.status == 200
    assert len(made.content) < int(made.headers["Content-Length"])


def test_generations_html_is_a_page(ask) -> None:
    made = ask("openai", prompt="[html]")

    assert (made.status, made.headers["Content-Type"], made.json) == (200, "text/html; charset=utf-8", None)


def test_generations_not_json_is_called_json(ask) -> None:
    made = ask("openai", prompt="[not json]")

    assert (made.status, made.headers["Content-Type"], made.json) == (200, "application/json", None)


def test_generations_failed_request_is_in_the_ledger(ask) -> None:
    ask("routeway", prompt="a lake [500]", n=3)

    (line,) = ledger.read()
    assert (line["n"], line["pictures"], line["faults"]) == (3, [], ["500"])


def test_module_docstring_lists_every_word() -> None:
    words = [*faults.PLAIN, *faults.TIMED]

    assert [word for word in words if f"`[{word}" not in (faults.__doc__ or "")] == []


def test_damage_keeps_the_beginning() -> None:
    data = bytes(range(256)) * 8

    assert faults.damage(data)[:64] == data[:64]
    assert json.dumps(len(faults.damage(data))) == "1536"


def test_401_once_lets_another_dialect_draw_the_same_prompt(ask):
    statuses = [ask(dialect, prompt="a lake [401 once]").status for dialect in ("routeway", "openai")]

    assert statuses == [401, 200]
