"""Who may knock at /v1/ from elsewhere, and how much they may bring."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config import programs

pytestmark = pytest.mark.django_db
PAGE = "https://app.example.com"
ASKS = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization",
}


def test_cors_named_origin_may_call_and_no_other_and_never_with_cookies(settings, get):
    closed = Client().options("/v1/images/generations", headers=ASKS)
    settings.CORS_ALLOWED_ORIGINS = [PAGE]
    asked = Client().options("/v1/images/generations", headers=ASKS)
    answer = get("models", Origin=PAGE)
    other = get("models", Origin="https://evil.example")
    page = Client().get("/login/", headers={"Origin": PAGE})

    assert "Access-Control-Allow-Origin" not in closed
    assert asked["Access-Control-Allow-Origin"] == answer["Access-Control-Allow-Origin"] == PAGE
    assert "authorization" in asked["Access-Control-Allow-Headers"]
    assert "x-should-retry" in answer["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in asked
    assert "Access-Control-Allow-Origin" not in other
    assert "Access-Control-Allow-Origin" not in page


@pytest.mark.parametrize("wrong", ["*", "app.example.com", "https://app.example.com/", "https://a.example/x"])
def test_origins_that_are_none_stop_the_start(wrong):
    assert programs.origins([PAGE, "http://localhost:5173"])
    with pytest.raises(ImproperlyConfigured, match="LIGHTFAST_API_ORIGINS"):
        programs.origins([wrong])


def test_body_longer_than_a_call_may_be_is_413_in_json(post, settings):
    settings.API_BODY_MB = 2
    long = post("images/generations", {"prompt": "x" * 2 * 1024**2})
    fits = post("images/generations", {"prompt": "x" * 1_800_000})

    assert (long.status_code, long.json()["error"]["code"]) == (413, "body_too_large")
    assert long["x-should-retry"] == "false"
    assert fits.status_code == 400  # as far as the form, which says how long a prompt may be


def test_body_of_no_announced_length_is_413_in_json(secret):
    answer = Client().generic(
        "POST", "/v1/images/generations", b"", headers={"Transfer-Encoding": "chunked", "x-api-key": secret}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
