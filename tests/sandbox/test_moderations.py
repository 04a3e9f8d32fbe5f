"""The sandbox judges texts, and fails when it is told to."""

import json

import pytest
from django.test import Client

from tests.sandbox.conftest import KEY


def ask(body: object, *, key: str = KEY):
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"Authorization": f"Bearer {key}"}
    return Client().post(
        "/sandbox/openai/v1/moderations", text, content_type="application/json", headers=headers
    )


def test_moderations_scores_by_the_words():
    result = ask({"input": "A naked tree"}).json()["results"][0]

    assert result["flagged"] is True
    assert {name for name, flag in result["categories"].items() if flag} == {"sexual"}
    assert result["category_scores"].keys() == result["categories"].keys()


@pytest.mark.parametrize("body", [{}, {"input": None}, [], "no json", {"input": "A lake"}])
def test_moderations_of_nothing_flags_nothing(body):
    assert ask(body).json()["results"][0]["flagged"] is False


@pytest.mark.parametrize(("fault", "status"), [("[500]", 500), ("[429]", 429), ("[401]", 401)])
def test_moderations_fails_as_ordered(fault, status):
    assert ask({"input": fault}).status_code == status


def test_moderations_without_the_key_is_refused():
    assert ask({"input": "A lake"}, key="wrong").status_code == 401
