"""/metrics: for who has the token alone, and nobody is named in it."""

import pytest
from django.db.models.functions import Now
from prometheus_client.parser import text_string_to_metric_families

from studio.models import State, WorkerProcess
from studio.services import health
from tests.factories import make_generation, make_image

TOKEN = {"Authorization": "Bearer a-token-for-the-scraper"}


@pytest.fixture
def scraped(settings, monkeypatch) -> None:
    settings.METRICS_TOKEN = "a-token-for-the-scraper"
    monkeypatch.setattr(health, "_tried", (float("inf"), True))


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "a-token-for-the-scraper\u00e9"}]
)
def test_index_is_nowhere_without_the_token(headers, client, db, scraped):
    assert client.get("/metrics", headers=headers).status_code == 404


def test_index_is_nowhere_while_no_token_is_set(client, db):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_index_counts_and_names_nobody(client, bob, model, scraped, django_assert_num_queries):
    make_generation(bob, model, text="A secret lake")
    make_image(bob, model, generation=make_generation(bob, model, state=State.DONE))
    WorkerProcess.objects.create(name="here:1", seen_at=Now(), running=2)

    with django_assert_num_queries(10):
        response = client.get("/metrics", headers=TOKEN)

    text = response.content.decode()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert found["lightfast_generations_active", "queued"] == 1
    assert found["lightfast_workers_running",] == 2
    assert found["lightfast_images_kept",] == 1
    assert found["lightfast_relay_paused", model.relay.name] == 0
    assert not any(word in text for word in ("secret lake", "Bob", "bob@"))
