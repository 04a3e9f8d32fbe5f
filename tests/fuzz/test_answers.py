"""Whatever a relay answers ends in a class of RELAYS.md §2.8 or in pictures; nothing else is ever raised."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import strategies as st

from studio.relays import DIALECTS, open_relay
from studio.relays.answers.retry_after import WAIT_LIMIT
from studio.relays.answers.spool import write
from studio.relays.dialects.base import DrawRequest, Kind, PictureError, RelayError

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
STATUSES = [
    200,
    201,
    204,
    301,
    302,
    400,
    401,
    402,
    403,
    404,
    405,
    408,
    409,
    413,
    415,
    422,
    425,
    429,
    451,
    499,
]
STATUSES += [500, 501, 502, 503, 504, 520, 521, 524, 599]
WORDS = [
    "moderation_blocked", "content_policy_violation", "insufficient_quota", "rate_limit_exceeded", "model_not_found",
    "Bad Request", "invalid_value", "safety", "billing", "quota", "per minute", "unknown_parameter", "NaN",
    "", "0", "-1", "budget_exceeded", "key_model_access_denied", "invalid_api_key", "must be verified", "invalid model",
    "Incorrect API key", "insufficient balance", "not in your plan", "could not resolve provider", "success",
]  # fmt: skip
KEYS = [
    "data", "error", "url", "b64_json", "revised_prompt", "created", "message", "code", "type", "param", "status_code",
    "id", "trace_id", "error_id", "request_id", "detail", "loc", "msg", "metadata", "reasons", "retry_after_seconds",
    "success", "msg", "choices", "images", "image_url", "content", "usage", "cost", "finish_reason", "refusal", "model",
]  # fmt: skip
HEADERS = [
    "retry-after", "retry-after-ms", "x-ratelimit-reset-requests", "x-ratelimit-remaining-requests", "content-type",
    "x-ratelimit-reset", "x-request-id", "x-litellm-call-id", "x-ratelimit-reset-minute",
]  # fmt: skip
PAYLOADS = [
    PICTURE, f"data:image/png;base64,{PICTURE}", PICTURE.rstrip("="), PICTURE.replace("+", "-").replace("/", "_"),
    "\n".join(PICTURE), "data:image/png;base64", "data:,x", "A", "====", "https://example.com/a.png", "http://127.0.0.1/",
    "javascript:alert(1)", "//host", "https://user@host/", "ftp://x/", "data:text/html;base64,PGI+",
]  # fmt: skip

numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -1, 10**400, 2**63, 1e308, float("nan"), float("inf")])
)
words = st.one_of(st.sampled_from(WORDS + PAYLOADS), st.text(max_size=40))
leaves = st.one_of(st.none(), st.booleans(), numbers, words)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=8)), inner),
    ),
    max_leaves=12,
)
picture = st.fixed_dictionaries({}, optional={"url": words, "b64_json": words, "revised_prompt": leaves})
written = st.lists(st.sampled_from(PAYLOADS)).map(lambda urls: "A ".join(f"![image]({url})" for url in urls))
message = st.fixed_dictionaries(
    {},
    optional={
        "content": values | written,
        "images": st.lists(st.fixed_dictionaries({"image_url": picture | values})),
    },
)
likely = st.fixed_dictionaries(
    {},
    optional={
        "created": leaves,
        "data": st.lists(picture | values, max_size=6) | values,
        "choices": st.lists(st.fixed_dictionaries({"message": message | values}), max_size=2) | values,
        "error": st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS[6:20], values)) | values,
        "usage": st.fixed_dictionaries({"cost": leaves}) | values,
        "detail": values,
    },
)


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


DEEP = b"[" * 100_000 + b"]" * 100_000
LONG_NUMBER = b'{"created": ' + b"9" * 5000 + b', "data": []}'
TWICE = b'{"data": [], "data": [{"b64_json": "' + PICTURE.encode() + b'"}], "error": null, "error": {}}'
PAGE = b"<!doctype html><title>502 Bad Gateway</title><p>cloudflare"
pictures = st.lists(
    st.fixed_dictionaries({"b64_json": st.sampled_from(PAYLOADS)}, optional={"revised_prompt": leaves})
)
parts = st.lists(
    st.fixed_dictionaries({"image_url": st.fixed_dictionaries({"url": st.sampled_from(PAYLOADS)})})
)
good = st.one_of(
    st.fixed_dictionaries({"data": pictures}),
    st.fixed_dictionaries({"choices": parts.map(lambda images: [{"message": {"images": images}}])}),
)
whole = st.one_of(good, likely, values).map(_text)
bodies = st.one_of(
    whole,
    st.tuples(whole, st.integers(0, 200)).map(lambda cut: cut[0][: cut[1]]),
    st.tuples(whole, st.integers(0, 200), st.binary(max_size=4)).map(
        lambda t: t[0][: t[1]] + t[2] + t[0][t[1] :]
    ),
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"null", b"true", b"\xef\xbb\xbf{}", DEEP, LONG_NUMBER, TWICE, PAGE, b"data: {}\n\n"]
    ),
)
headers = st.dictionaries(st.sampled_from(HEADERS), words.filter(str.isprintable), max_size=4)
statuses = st.one_of(st.just(200), st.sampled_from(STATUSES), st.integers(100, 599))
answers = st.tuples(statuses, headers, bodies, st.sampled_from(sorted(DIALECTS)))


def test_any_answer_ends_in_a_class_or_in_pictures(tmp_path: Path, cases: int, seed: int, capsys):
    ends: Counter[str] = Counter()
    spool, draft = tmp_path / "answer.spool", tmp_path / "draft"

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(answers)
    def take(answer: tuple[int, dict[str, str], bytes, str]) -> None:
        status, said, body, dialect = answer
        relay = open_relay(dialect=dialect, base_url="https://relay.example/v1", api_key="key-0123456789")
        write(spool, head={"status": status, "headers": said}, chunks=[body], limit=2**20)
        pictures = []
        try:
            pictures = relay.read(DrawRequest(model="m", prompt="p", n=2), spool=spool)
        except RelayError as error:
            _check_error(error)
            ends[error.kind] += 1
        else:
            ends["pictures"] += 1
            assert len(pictures) > 0
            assert status < 300
        for each in pictures:
            assert is_storable(each.revised_prompt)
            if each.payload:
                _collect(relay, each, spool, draft, ends)
        assert is_storable(relay.raw(spool))
        cost = relay.used(spool).cost
        assert cost is None or 0 <= cost < 10**6

    take()

    with capsys.disabled():
        print(f"\n{cases} answers from seed {seed}: {dict(ends.most_common())}")
    assert ends.total() >= cases


def is_storable(text: str) -> bool:
    """Say whether both databases take the text and a page may show it: UTF-8, no control characters."""
    text.encode("utf-8")
    return not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)


def _check_error(error: RelayError) -> None:
    assert error.kind in set(Kind) - {Kind.NOT_SENT}
    for said in (error.message, error.code, error.param, error.trace_id):
        assert is_storable(said)
        assert len(said.encode()) <= 2048
    assert error.retry_after is None or 1 <= error.retry_after <= WAIT_LIMIT


def _collect(relay: Any, picture: Any, spool: Path, draft: Path, ends: Counter[str]) -> None:
    try:
        relay.collect(picture, spool=spool, into=draft)
        ends["payload decoded"] += 1
    except PictureError as error:
        ends[f"payload {error.rule}"] += 1
