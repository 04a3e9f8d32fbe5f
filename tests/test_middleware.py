"""What every answer goes through."""

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from studio.middleware import UpToDate
from studio.models import schema
from studio.words import say


@pytest.fixture
def newer(db, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database was brought up to date by a version that has one migration more."""
    MigrationRecorder.Migration.objects.create(app="studio", name="9999_from_the_future")
    monkeypatch.setattr(UpToDate, "next_look", 0.0)
    monkeypatch.setattr(schema, "_said", float("-inf"))


def test_row_40_newer_database_is_answered_with_updating(
    client: Client, newer, caplog: pytest.LogCaptureFixture
):
    page = client.get("/login/")
    toast = client.get("/", headers={"HX-Request": "true"})

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "Updating. Back in a minute." in page.text
    assert (toast.status_code, toast.text.count("Updating. Back in a minute.")) == (503, 1)
    assert caplog.messages == [say("database_newer", {"migration": "9999_from_the_future"})]


def test_row_40_database_of_this_version_is_answered(client: Client, db, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(UpToDate, "next_look", 0.0)

    assert client.get("/login/").status_code == 200
