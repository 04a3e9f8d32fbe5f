"""The OpenAPI document is right, says every address, and the real answers are what it says."""

import json
import re

import jsonschema
import pytest
from django.test import Client
from django.urls import reverse
from openapi_spec_validator import OpenAPIV31SpecValidator

from studio.api import urls
from studio.api.openapi import OPERATIONS, document
from studio.models import State, WebhookKind
from tests.factories import make_generation, make_image

pytestmark = pytest.mark.django_db
UNSAID = {"api.openapi", "api.elsewhere", "api.task_alias"}


def said() -> dict:
    return json.loads(Client().get("/v1/openapi.json").content)


def check(answer, name: str) -> None:
    """Hold an answer against a shape of the document; fields that it does not name are wrong."""
    schemas = json.loads(json.dumps(said()["components"]["schemas"]))
    for schema in schemas.values():
        schema["additionalProperties"] = False
    jsonschema.validate(
        answer.json(), {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    )


def test_document_is_valid_openapi():
    OpenAPIV31SpecValidator(said()).validate()


def test_document_names_every_address_and_no_other():
    routes = {path.name for path in urls.urlpatterns}

    assert {each.route for each in OPERATIONS} == routes - UNSAID
    for each in OPERATIONS:
        holes = [one.name for one in each.params if one.place == "path"]
        assert re.findall(r"{(\w+)}", each.path) == holes


def test_document_names_everything_that_webhooks_are_told():
    assert set(document()["webhooks"]) == set(WebhookKind.values)


def test_document_body_names_the_settings_of_models():
    fields = document()["components"]["schemas"]["ImagesBody"]["properties"]

    assert fields["seed"]["type"] == ["integer", "null"]
    assert {"prompt", "async", "size", "negative_prompt"} <= fields.keys()


def test_answers_are_what_the_document_says(post, get, token, model):
    row = make_generation(token.person, model, state=State.DONE, cost=40_000, cost_unit="USD")
    make_image(token.person, model, generation=row, content=b"picture")
    body = {"model": model.model_id, "prompt": "A lake", "async": True}

    check(post("images/generations", body), "Task")
    check(get(f"images/generations/{row.pk}"), "Task")
    check(get("models"), "ModelList")
    check(get(f"models/{model.model_id}"), "ModelFacts")
    check(get("key"), "KeyAnswer")
    check(get("nowhere"), "Error")
    check(post("images/generations", {"n": 1}), "Error")


def test_reference_shows_every_address(as_bob):
    page = as_bob.get(reverse("tokens.reference")).content.decode()

    for each in OPERATIONS:
        assert f"/v1{each.path}" in page
    assert "negative_prompt" in page
