"""The addresses of a ZIP: asked for, looked at, fetched, by its person alone."""

import io
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from studio.models import Download
from studio.services import downloads, selections
from tests.factories import make_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(bob) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def test_create_leads_to_a_page_with_the_file(browser, bob, model):
    row = selections.start(person=bob, images=[make_image(bob, model).pk])

    page = browser.post(reverse("downloads.create", args=[row.pk]), {"prompts": "0"}, follow=True)

    download = Download.objects.get()
    assert (download.total, download.with_prompts) == (1, False)
    assert reverse("downloads.file", args=[download.pk]) in page.content.decode()


def test_file_is_a_zip_under_a_name_that_no_cache_keeps(browser, bob, model):
    row = selections.start(person=bob, images=[make_image(bob, model).pk])
    browser.post(reverse("downloads.create", args=[row.pk]))

    response = browser.get(reverse("downloads.file", args=[Download.objects.get().pk]))
    body = b"".join(response.streaming_content)

    assert response["Content-Type"] == "application/zip"
    assert response["Cache-Control"] == "private, no-store"
    assert 'attachment; filename="lightfast ' in response["Content-Disposition"]
    assert "manifest.csv" in ZipFile(io.BytesIO(body)).namelist()


def test_detail_by_htmx_says_how_far_it_is(browser, bob, model):
    row = selections.start(person=bob, images=[make_image(bob, model).pk])
    browser.post(reverse("downloads.create", args=[row.pk]))
    download = Download.objects.get()
    browser.get(reverse("downloads.file", args=[download.pk])).getvalue()

    page = browser.get(reverse("downloads.detail", args=[download.pk]), headers={"HX-Request": "true"})

    assert b"All of it has left: 1 of 1" in page.content
    assert b"every 1s" not in page.content


def test_file_asked_for_by_its_head_alone_is_not_counted(browser, bob, model):
    row = downloads.start(
        selection=selections.start(person=bob, images=[make_image(bob, model).pk]), with_prompts=False
    )

    response = browser.head(reverse("downloads.file", args=[row.pk]))

    row.refresh_from_db()
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    assert (row.moved_at, row.has_begun) == (None, False)
