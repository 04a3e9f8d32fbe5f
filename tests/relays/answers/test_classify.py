"""The table of RELAYS.md §2.8, row by row, with bodies as relays write them."""

import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from studio.relays import DIALECTS
from studio.relays.answers.classify import classify, trace_id
from studio.relays.answers.retry_after import retry_after
from studio.relays.dialects.base import Kind, RelayError
from tests.relays.conftest import draw, hurried

Save = Callable[..., Path]


def error(status: int, body: dict[str, Any] | None = None, **more: Any) -> RelayError:
    return classify(status, headers=more.pop("headers", {}), body=body or {}, **more)


def said(message: str = "", **rest: Any) -> dict[str, Any]:
    return {"error": {"message": message, **rest}}


OPENAI_RATE = (
    "Rate limit reached for gpt-image-1: Limit 5 / min. Please try again in 12s. You can increase your rate limit by "
    "adding a payment method to your account at https://platform.openai.com/account/billing."
)
TABLE: list[tuple[Kind, int, dict[str, Any] | None]] = [
    (Kind.OUT_OF_FUNDS, 402, None),
    (Kind.OUT_OF_FUNDS, 402, said("content policy")),
    (
        Kind.OUT_OF_FUNDS,
        429,
        said("You exceeded your current quota", type="insufficient_quota", code="insufficient_quota"),
    ),
    (Kind.OUT_OF_FUNDS, 429, said("Insufficient balance", type="rate_limit_error", code="rate_limit")),
    (Kind.OUT_OF_FUNDS, 429, said("Your credit is used up")),
    (Kind.OUT_OF_FUNDS, 403, said("用户额度不足", code="insufficient_user_quota", type="new_api_error")),
    (Kind.OUT_OF_FUNDS, 403, said("Billing is not set up")),
    (Kind.OUT_OF_FUNDS, 400, said("Billing hard limit has been reached", code="billing_hard_limit_reached")),
    (Kind.OUT_OF_FUNDS, 200, said("Insufficient credits", code=402)),
    (
        Kind.OUT_OF_FUNDS,
        422,
        said(
            "Budget has been exceeded! Current cost: 0.2, Max budget: 0.1", type="budget_exceeded", code="422"
        ),
    ),
    (
        Kind.OUT_OF_FUNDS,
        429,
        said("ExceededTokenBudget: Current spend for token: 2.1; Max Budget for Token: 2.0", code="429"),
    ),
    (Kind.OUT_OF_FUNDS, 400, said("Budget has been exceeded! Current cost: 2, Max budget: 1")),
    (Kind.OUT_OF_FUNDS, 400, said("Your credit balance is too low. Please purchase credits.")),
    (Kind.OUT_OF_FUNDS, 422, said("You are out of credits")),
    (Kind.OUT_OF_FUNDS, 200, {"success": False, "message": "insufficient balance", "data": None}),
    (
        Kind.BLOCKED,
        400,
        said("Your request was rejected", code="moderation_blocked", type="image_generation_user_error"),
    ),
    (Kind.BLOCKED, 400, said("Rejected", code="content_policy_violation")),
    (Kind.BLOCKED, 400, said("Your request was rejected as a result of our safety system.")),
    (Kind.BLOCKED, 400, said("Prompt rejected by content policy", param="prompt")),
    (Kind.BLOCKED, 403, said("Input was flagged", code=403, metadata={"reasons": ["violence"]})),
    (Kind.BLOCKED, 422, said("The prompt violates our usage policy")),
    (Kind.BLOCKED, 502, said("Provider refused: content_policy_violation")),
    (Kind.BLOCKED, 200, said("safety", code="moderation_blocked")),
    (Kind.RATE_LIMITED, 429, None),
    (Kind.RATE_LIMITED, 429, said(OPENAI_RATE, type="requests", code="rate_limit_exceeded")),
    (Kind.RATE_LIMITED, 429, said("Quota exceeded: 10 requests per minute")),
    (Kind.RATE_LIMITED, 429, said("Slow down", code="rate_limit", type="rate_limit_error")),
    (Kind.AUTH, 401, None),
    (Kind.AUTH, 401, said("Incorrect API key provided", code="invalid_api_key")),
    (Kind.AUTH, 403, said("Key is disabled")),
    (Kind.AUTH, 403, said("Forbidden")),
    (Kind.AUTH, 400, said("Incorrect API key provided: sk-…. You can obtain an API key from the console.")),
    (Kind.AUTH, 400, said("API key not valid. Please pass a valid API key.", status="INVALID_ARGUMENT")),
    (Kind.AUTH, 400, said("Bad request", code="invalid_api_key")),
    (
        Kind.AUTH,
        401,
        said("Authentication Error, Invalid proxy server token passed", type="token_not_found_in_db"),
    ),
    (Kind.AUTH, 403, said("Access denied: invalid API key")),
    (Kind.AUTH, 403, said("This key has been revoked. Choose a plan to create another one.")),
    (Kind.NOT_OPEN, 403, said("Model not in plan")),
    (
        Kind.NOT_OPEN,
        403,
        said(
            "Your organization must be verified to use the model `gpt-image-1`.", type="invalid_request_error"
        ),
    ),
    (Kind.NOT_OPEN, 400, said("Your organization must be verified to use the model `gpt-image-1`.")),
    (
        Kind.NOT_OPEN,
        401,
        said(
            "key not allowed to access model. Tried to access flux",
            type="key_model_access_denied",
            param="model",
        ),
    ),
    (
        Kind.NOT_OPEN,
        403,
        said("key can only access models=['a']", type="key_model_access_denied", param="model"),
    ),
    (Kind.NOT_OPEN, 403, said("Project `p` does not have access to model `x`", code="model_not_found")),
    (Kind.NOT_OPEN, 400, said("This model is not included in your plan")),
    (Kind.NOT_OPEN, 403, said("该令牌无权访问模型 gpt-image-1", type="new_api_error")),
    (Kind.NOT_OPEN, 403, said("Access denied")),
    (Kind.AUTH, 403, said("Key disabled. See https://relay.example/billing")),
    (Kind.MODEL_GONE, 404, said("The model `flux-9` does not exist", code="model_not_found")),
    (Kind.MODEL_GONE, 404, said("No such thing: flux-1-schnell")),
    (Kind.MODEL_GONE, 400, said("gone", code="model_not_found")),
    (Kind.MODEL_GONE, 503, said("No available channel", code="model_not_found", type="new_api_error")),
    (
        Kind.MODEL_GONE,
        400,
        said("Invalid model name passed in model=x. Call `/v1/models` to view available models"),
    ),
    (Kind.MODEL_GONE, 400, said("The model `flux-9` does not exist or you do not have access to it.")),
    (Kind.MODEL_GONE, 400, said("flux-9 is not a valid model ID", code=400)),
    (Kind.MODEL_GONE, 400, said("could not resolve provider for model flux-9")),
    (
        Kind.MODEL_GONE,
        400,
        said("LLM Provider NOT provided. Pass in the LLM provider you are trying to call."),
    ),
    (Kind.MODEL_GONE, 400, said("Model flux-9 has been deprecated")),
    (Kind.MODEL_GONE, 400, said("Invalid value: 'flux-9'.", param="model", code="invalid_value")),
    (
        Kind.MODEL_GONE,
        422,
        {"detail": [{"loc": ["body", "model"], "msg": "Input should be 'a'", "type": "enum"}]},
    ),
    (
        Kind.MODEL_GONE,
        404,
        said("No endpoints found that support the requested output modalities: image, text"),
    ),
    (Kind.MODEL_GONE, 410, said("This model was retired")),
    (Kind.WRONG_ADDRESS, 404, said("Not found")),
    (Kind.WRONG_ADDRESS, 404, {"detail": "Not Found"}),
    (
        Kind.WRONG_ADDRESS,
        404,
        said("Invalid URL (POST /v1/v1/images/generations)", type="invalid_request_error"),
    ),
    (Kind.WRONG_ADDRESS, 404, None),
    (Kind.WRONG_ADDRESS, 405, None),
    (Kind.WRONG_ADDRESS, 301, None),
    (Kind.WRONG_ADDRESS, 308, None),
    (Kind.INVALID, 400, said("Invalid size for this model: use 1024x1024", param="size")),
    (Kind.INVALID, 400, said("This model does not support the parameter 'quality'")),
    (Kind.INVALID, 400, said("The model is not supported for size 512x512")),
    (Kind.INVALID, 400, said("Invalid key 'foo' in the request body")),
    (Kind.INVALID, 400, said("Unknown parameter: 'credit_limit'. Not enough.", param="credit_limit")),
    (Kind.INVALID, 451, said("Unavailable for legal reasons")),
    (Kind.INVALID, 200, said("Not found", code=404)),
    (Kind.INVALID, 400, None),
    (
        Kind.INVALID,
        400,
        said("Unknown parameter: 'safety_checker'.", code="unknown_parameter", param="safety_checker"),
    ),
    (Kind.INVALID, 400, said("Invalid value for 'moderation'", param="moderation", code="invalid_value")),
    (Kind.INVALID, 422, {"detail": [{"loc": ["body", "steps"], "msg": "too many", "type": "value_error"}]}),
    (Kind.INVALID, 409, None),
    (Kind.INVALID, 413, None),
    (Kind.INVALID, 415, None),
    (Kind.INVALID, 418, None),
    (Kind.TRANSIENT, 500, said("Internal error")),
    (Kind.TRANSIENT, 500, None),
    (Kind.TRANSIENT, 503, None),
    (Kind.UNKNOWN, 502, said("Provider error")),
    (Kind.UNKNOWN, 504, None),
    (Kind.UNKNOWN, 520, None),
    (Kind.UNKNOWN, 522, None),
    (Kind.UNKNOWN, 524, None),
    (Kind.UNKNOWN, 408, None),
    (Kind.UNKNOWN, 499, None),
    (Kind.UNKNOWN, 501, None),
    (Kind.BAD_ANSWER, 200, said("Something broke")),
    (Kind.BAD_ANSWER, 200, said("Something broke", code=500)),
    (Kind.BAD_ANSWER, 200, {"error": "Provider returned nothing", "error_id": "e"}),
]


@pytest.mark.parametrize(("kind", "status", "body"), TABLE)
def test_classify_answer_gives_the_class_of_the_table(
    kind: Kind, status: int, body: dict[str, Any] | None
) -> None:
    assert error(status, body, model="flux-1-schnell").kind == kind


@pytest.mark.parametrize(("kind", "status", "body"), TABLE)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_read_answer_gives_the_class_of_the_table(
    save: Save, dialect: str, kind: Kind, status: int, body: dict[str, Any] | None
) -> None:
    relay = hurried(DIALECTS[dialect](base_url="https://example.com", api_key="sk-12345678"))

    with pytest.raises(RelayError) as caught:
        relay.read(draw(), spool=save(body or b"", status))

    is_retried = (kind, status) == (Kind.UNKNOWN, 502) and dialect in ("routmy", "relayrouter")
    assert caught.value.kind == (Kind.TRANSIENT if is_retried else kind)


def test_classify_502_is_transient_only_where_the_relay_says_so() -> None:
    assert error(502, retries_502=True).kind == Kind.TRANSIENT
    assert error(504, retries_502=True).kind == Kind.UNKNOWN


def test_classify_503_with_retry_after_is_a_rate_limit() -> None:
    found = error(503, headers={"retry-after": "7"})

    assert (found.kind, found.retry_after) == (Kind.RATE_LIMITED, 7.0)


CLOUDFLARE = """<!DOCTYPE html>
<html lang="en-US"><head><title>Attention Required! | Cloudflare</title></head><body>
<h1>Sorry, you have been blocked</h1> by our security policy. Load balancer: out of balance; billing model.</body>"""


@pytest.mark.parametrize(
    ("kind", "status", "text", "headers"),
    [
        (Kind.NOT_OPEN, 403, CLOUDFLARE, {}),
        (Kind.NOT_OPEN, 403, "<h1>403 Forbidden</h1>", {"content-type": "text/html; charset=utf-8"}),
        (Kind.NOT_OPEN, 403, "error code: 1020", {"content-type": "text/plain"}),
        (Kind.AUTH, 401, CLOUDFLARE, {}),
        (Kind.WRONG_ADDRESS, 404, CLOUDFLARE, {}),
        (Kind.RATE_LIMITED, 429, CLOUDFLARE, {}),
        (Kind.INVALID, 400, CLOUDFLARE, {}),
        (Kind.UNKNOWN, 502, CLOUDFLARE, {}),
        (Kind.TRANSIENT, 503, CLOUDFLARE, {}),
        (Kind.BAD_ANSWER, 200, CLOUDFLARE, {}),
    ],
)
def test_classify_web_page_is_judged_by_its_status_not_by_its_words(
    kind: Kind, status: int, text: str, headers: dict[str, str]
) -> None:
    found = error(status, text=text, headers=headers)

    assert (found.kind, found.code) == (kind, "in_front" if kind is Kind.NOT_OPEN else "")


def test_classify_5xx_inside_a_200_is_never_a_reason_to_repeat() -> None:
    assert error(200, said("busy", code=503), headers={"retry-after": "1"}).kind == Kind.BAD_ANSWER


def test_classify_policy_named_in_plain_text_is_blocked() -> None:
    assert error(400, text="<p>Blocked by our content policy</p>").kind == Kind.BLOCKED


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (said("bad", param="size"), "size"),
        (said("bad", param="body.size"), "size"),
        (said("bad", param=None), ""),
        (said("Unknown parameter: 'response_format'."), "response_format"),
        (said("Invalid value for 'quality': expected one of"), "quality"),
        ({"detail": [{"loc": ["body", "size"], "msg": "bad"}]}, "size"),
        ({"detail": [{"loc": "x"}]}, ""),
        ({"detail": []}, ""),
    ],
)
def test_classify_names_the_field_at_fault(body: dict[str, Any], param: str) -> None:
    assert error(422, body).param == param


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (said("m", code=400), "400", "m"),
        (said("m", code=None, type="t"), "t", "m"),
        (said("m", code="Bad Request", type="t"), "Bad Request", "m"),
        ({"error": "m"}, "", "m"),
        ({"message": "m", "code": 7}, "7", "m"),
        ({"detail": "m"}, "", "m"),
        ({"detail": {"message": "m", "code": "c"}}, "c", "m"),
        ({"anything": 1}, "", '{"anything": 1}'),
        ({"error": {"message": ["m"], "code": {"a": 1}}}, "{'a': 1}", "['m']"),
    ],
)
def test_classify_reads_code_and_message_wherever_they_are(
    body: dict[str, Any], code: str, message: str
) -> None:
    found = error(400, body)

    assert (found.code, found.message) == (code, message)


def test_trace_id_follows_the_order_of_the_page() -> None:
    headers = {"x-request-id": "h1", "x-litellm-call-id": "h2"}
    body: dict[str, Any] = {"error": {"id": "a", "trace_id": "b"}, "error_id": "c", "request_id": 4}

    found = [trace_id(headers, body)]
    for holder, key in (
        (body["error"], "id"),
        (body["error"], "trace_id"),
        (body, "error_id"),
        (body, "request_id"),
    ):
        del holder[key]
        found.append(trace_id(headers, body))
    found.append(trace_id({"x-litellm-call-id": "h2"}, {"error": "text"}))
    found.append(trace_id({}, {}))

    assert found == ["a", "b", "c", "4", "h1", "h2", ""]


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"retry-after": "7"}, {}, 7.0),
        ({"retry-after": "0.5"}, {}, 1.0),
        ({"retry-after": "0"}, {}, 1.0),
        ({"retry-after": "-3"}, {}, 1.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, {}, 1.0),
        ({"retry-after": "259200"}, {}, 259_200.0),
        ({"retry-after": "soon"}, {}, None),
        ({"retry-after": "nan"}, {}, None),
        ({"retry-after": "1e308"}, {}, 31 * 86_400.0),
        ({"retry-after": "9" * 400}, {}, None),
        ({"retry-after-ms": "1500"}, {}, 1.5),
        ({"retry-after": "2", "retry-after-ms": "1500"}, {}, 2.0),
        ({}, said("", metadata={"retry_after_seconds": 12}), 12.0),
        ({}, said("", metadata={"retry_after_seconds": True}), None),
        ({}, said("", metadata="soon"), None),
        ({"x-ratelimit-reset-requests": "6m0s"}, {}, 360.0),
        ({"x-ratelimit-reset-requests": "1h2m3.5s"}, {}, 3723.5),
        ({"x-ratelimit-reset-tokens": "20ms"}, {}, 1.0),
        ({"x-ratelimit-reset-minute": "42"}, {}, 42.0),
        (
            {
                "x-ratelimit-reset-minute": "30",
                "x-ratelimit-remaining-minute": "0",
                "x-ratelimit-reset-day": "9000",
                "x-ratelimit-remaining-day": "12",
            },
            {},
            30.0,
        ),
        (
            {
                "x-ratelimit-reset-minute": "30",
                "x-ratelimit-reset-day": "9000",
                "x-ratelimit-remaining-day": "0",
            },
            {},
            9000.0,
        ),
        ({"x-ratelimit-reset-minute": "30", "x-ratelimit-reset-day": "9000"}, {}, 30.0),
        ({"x-ratelimit-reset": "whenever"}, {}, None),
        ({}, {}, None),
    ],
)
def test_retry_after_reads_every_source(
    headers: dict[str, str], body: dict[str, Any], wait: float | None
) -> None:
    assert error(429, body, headers=headers).retry_after == wait


def test_retry_after_reads_dates_and_moments() -> None:
    soon = time.time() + 60

    found = [
        retry_after({"retry-after": formatdate(soon, usegmt=True)}, {}),
        retry_after({"x-ratelimit-reset": str(int(soon))}, {}),
        retry_after({"x-ratelimit-reset": str(int(soon * 1000))}, {}),
    ]

    assert all(wait is not None and 55 < wait <= 60 for wait in found)
