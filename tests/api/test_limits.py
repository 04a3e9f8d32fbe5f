"""What a token may use: its models, and what GET /v1/key says of its limits."""

import pytest
from django.test import Client

from studio.models import Budget, Generation, ImageModel, Period, Role, Token, Unit
from studio.services import tokens
from studio.services.tokens import OwnBudget
from tests.factories import make_budget

pytestmark = pytest.mark.django_db


def client_of(person, **facts) -> tuple[Client, Token]:
    row, secret = tokens.make(person=person, name="Scripts", **facts)
    return Client(headers={"Authorization": f"Bearer {secret}"}), row


def test_images_by_a_token_that_does_not_go_so_far_knows_no_such_model(alice, model, plain_model):
    ImageModel.objects.filter(pk=plain_model.pk).update(least_role=Role.ADMINISTRATOR)
    client, _ = client_of(alice, reach="member")

    listed = [row["id"] for row in client.get("/v1/models").json()["data"]]
    body = {"model": "plain", "prompt": "A lake", "async": True}
    answer = client.post("/v1/images/generations", body, content_type="application/json")

    assert listed == [model.model_id]
    assert client.get("/v1/models/plain").status_code == 404
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "model_not_found")


def test_images_beyond_the_tokens_own_budget_is_402(bob, model):
    client, _ = client_of(bob, budget=OwnBudget(1, Unit.IMAGES, Period.DAY))
    body = {"model": model.model_id, "prompt": "A lake", "async": True}
    assert client.post("/v1/images/generations", body, content_type="application/json").status_code == 202

    answer = client.post("/v1/images/generations", body | {"n": 2}, content_type="application/json")

    assert (answer.status_code, answer["x-should-retry"]) == (402, "false")
    assert answer.json()["error"]["code"] == "insufficient_quota"


def test_key_says_the_tightest_limit_and_all_of_them(alice, bob):
    make_budget(alice, unit=Unit.USD, cap=5_000_000)
    client, token = client_of(bob, budget=OwnBudget(40, Unit.IMAGES, Period.DAY))
    client.get("/v1/key")
    purse = Budget.objects.of_token(token.pk).get().purses.get()
    purse.reserved = 30
    purse.save()

    data = client.get("/v1/key").json()["data"]

    assert (data["limit"], data["usage"], data["limit_remaining"], data["limit_unit"]) == (
        40,
        30,
        10,
        "images",
    )
    assert [each["whose"] for each in data["limits"]] == ["person", "team", "token"]
    assert data["limits"][1] | {"reset": ""} == {
        "whose": "team",
        "unit": "USD",
        "period": "month",
        "limit": 5_000_000,
        "usage": 0,
        "remaining": 5_000_000,
        "reset": "",
    }


def test_models_lists_the_alias_and_images_takes_it_and_the_relays_own_id(bob, model, plain_model):
    ImageModel.objects.filter(pk=plain_model.pk).update(alias=model.model_id)
    ImageModel.objects.filter(pk=model.pk).update(alias="gpt-image-1")
    client, _ = client_of(bob)

    def drawn_by(name: str) -> str:
        body = {"model": name, "prompt": "A lake", "async": True}
        client.post("/v1/images/generations", body, content_type="application/json")
        return Generation.objects.latest("pk").model.label

    listed = [row["id"] for row in client.get("/v1/models").json()["data"]]
    assert sorted(listed) == sorted(["gpt-image-1", model.model_id])
    assert drawn_by("gpt-image-1") == model.label
    assert drawn_by(model.model_id) == plain_model.label, "the administrator's word goes first"
    assert drawn_by("plain") == plain_model.label


def test_model_is_found_by_every_name_by_which_it_may_be_asked_for(bob, model, plain_model):
    client, _ = client_of(bob)
    ImageModel.objects.filter(pk=model.pk).update(alias="house/best")
    listed = {row["name"]: row for row in client.get("/v1/models").json()["data"]}

    for name in (
        "house/best",
        "house%2Fbest",
        model.model_id,
        f"{model.relay.name}/{model.model_id}",
        model.label,
    ):
        assert client.get(f"/v1/models/{name}").json() == listed[model.label]
    answer = client.get("/v1/models/dall-e-9")
    assert (answer.status_code, answer["x-should-retry"]) == (404, "false")
    assert answer.json()["error"]["code"] == "model_not_found"
    assert "dall-e-9" in answer.json()["error"]["message"]
    assert client.post("/v1/models/plain").status_code == 405
    assert Client().get(f"/v1/models/{model.model_id}").status_code == 401
