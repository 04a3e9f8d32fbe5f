"""The database in trouble: a page in words, and nothing that was written is lost (SAFETY §6, row 32)."""

import fcntl
import os
import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from studio import db as transactions
from studio.db import write_transaction
from studio.models import Generation
from tests.views.test_generations import form, post

BUSY = "The database is busy. Your prompt is still here: try again."


@pytest.fixture
def patient(bob) -> Client:
    """Bob's browser, which is answered as a real one is."""
    client = Client(raise_request_exception=False)
    client.force_login(bob)
    return client


def test_address_of_a_form_opened_as_a_page_says_so_and_leads_back(as_bob):
    response = as_bob.get(reverse("generations.create"))

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "This address only takes forms. Go back, or begin in the studio." in response.text
    assert "Back to the studio" in response.text


@pytest.fixture
def locked(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process writes and does not end."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL lets several write at once")
    monkeypatch.setattr(transactions, "PATIENCE", 0.1)
    with write_transaction():  # makes the file
        pass
    handle = os.open(settings.STATE_DIR / "writer.lock", os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield
    os.close(handle)


def test_row_32_busy_database_keeps_the_plain_form_and_takes_it_again(patient, model, locked):
    written = form(model, prompt='A "lake" & <dawn>\nin blue')
    response = post(patient, written, htmx=False)

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert BUSY in response.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.text))
    prompt = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", response.text, re.DOTALL)[1])
    assert hidden | {"prompt": prompt} == written
    assert f'action="{reverse("generations.create")}"' in response.text


def test_row_32_busy_database_tells_htmx_in_a_toast(patient, model, locked):
    response = post(patient, form(model))

    assert response.status_code == 503
    assert re.findall(r"<p>(.*?)</p>", response.text) == [BUSY]


def test_row_32_form_that_was_kept_is_one_generation(patient, model):
    written = form(model)

    assert [post(patient, written, htmx=False).status_code for _ in range(2)] == [303, 303]
    assert Generation.objects.count() == 1


def test_row_32_busy_database_repeats_no_password(db, monkeypatch: pytest.MonkeyPatch):
    client = Client(raise_request_exception=False)

    def fail(*arguments: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", fail)
    response = client.post(
        reverse("account_login"), {"login": "bob@example.com", "password": "a long secret"}
    )

    assert response.status_code == 503
    assert "The database is busy. Try again in a moment." in response.text
    assert "secret" not in response.text
