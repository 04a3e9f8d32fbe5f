from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studio.models import Collection, Image, Import, ImportState, Selection
from studio.services.imports import asking, working
from tests.services.imports.test_working import picture, zip_of

pytestmark = pytest.mark.django_db
NEW = reverse("imports.new")


@pytest.fixture(autouse=True)
def _nobody_works(settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}


def send(client, **more):
    files = [SimpleUploadedFile("1.png", picture(1, "A fox")), SimpleUploadedFile("2.png", picture(2))]
    return client.post(NEW, {"pictures": files, **more})


@pytest.fixture
def row(bob) -> Import:
    """An import of Bob's that was worked off: one picture, one problem, a name to be escaped."""
    upload = zip_of({"1.png": picture(1, "A fox"), "<b>.gif": b"GIF89a"})
    row = asking.start(person=bob, files=[upload], shared=False)
    upload.close()
    working.work(pk=row.pk)
    row.refresh_from_db()
    return row


def test_new_takes_pictures_and_leads_to_how_far_it_is(as_bob, bob, settings):
    response = send(as_bob, shared="on")

    row = Import.objects.get()
    assert response["Location"] == reverse("imports.detail", args=[row.pk])
    assert (row.owner, row.name, row.shared, row.state) == (bob, "2 files", True, ImportState.WAITING)
    page = as_bob.get(response["Location"]).text
    assert "Waiting for a worker" in page
    assert 'hx-trigger="every 1s"' in page
    assert list(settings.SPOOL_DIR.iterdir()) == []
    with default_storage.open(row.key) as file, ZipFile(file) as archive:
        assert archive.namelist() == ["1.png", "2.png"]


def test_new_takes_a_table_and_makes_a_collection(as_bob, bob):
    table = SimpleUploadedFile("list.csv", b"file,prompt\n2.png,A hen\n")

    send(as_bob, table=table, name="Earlier")

    row = Import.objects.get()
    working.work(pk=row.pk)
    assert row.collection == Collection.objects.get(owner=bob, name="Earlier")
    texts = Image.objects.order_by("generation__prompt__text").values_list(
        "generation__prompt__text", flat=True
    )
    assert list(texts) == ["A fox", "A hen"]


def test_new_of_nothing_says_so_and_keeps_what_was_typed(as_bob):
    response = as_bob.post(NEW, {"name": "Earlier & later"})

    assert response.status_code == 422
    assert "Choose a ZIP, or some pictures." in response.text
    assert 'value="Earlier &amp; later"' in response.text


def test_new_of_no_zip_says_so(as_bob):
    response = as_bob.post(NEW, {"pictures": SimpleUploadedFile("a.zip", b"no zip")})

    assert response.status_code == 422
    assert "This is no ZIP that can be read." in response.text
    assert not Import.objects.exists()


def test_new_while_another_is_under_way_is_a_conflict(as_bob):
    send(as_bob)

    response = send(as_bob)

    assert response.status_code == 409
    assert "being brought in already" in response.text


def test_new_into_the_collection_of_somebody_else_is_refused(as_bob, charlie):
    theirs = Collection.objects.create(owner=charlie, name="Theirs")

    response = send(as_bob, collection=str(theirs.pk))

    assert response.status_code == 422
    assert not Import.objects.exists()


def test_new_without_room_on_the_disk_is_refused_before_it_is_read(as_bob, monkeypatch, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    monkeypatch.setattr("studio.services.disk.FLOOR", 1 << 60)

    response = send(as_bob)

    assert response.status_code == 503
    assert "Storage is almost full. An administrator was told." in response.text


def test_new_takes_larger_bodies_than_other_pages_and_from_people_alone(as_bob, client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

    assert send(as_bob).status_code == 303
    assert as_bob.post(reverse("collections.new"), {"name": "x" * 50}).status_code == 413
    assert send(client).status_code == 413
    settings.IMPORT_MAX_MB = 0
    assert send(as_bob).status_code == 413


def test_new_by_an_expired_session_reads_nothing(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    client.cookies["sessionid"] = "of-nobody"

    response = send(client)

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")
    assert not list(settings.SPOOL_DIR.iterdir())


def test_new_without_a_token_is_refused(bob):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)

    assert send(strict).status_code == 403


def test_detail_tells_what_came_and_what_did_not(as_bob, row):
    page = as_bob.get(reverse("imports.detail", args=[row.pk])).text

    assert "1 picture kept" in page
    assert "&lt;b&gt;.gif" in page
    assert "It is a GIF." in page
    assert "every 1s" not in page
    assert reverse("images.detail", args=[Image.objects.get().pk]) in page


def test_detail_of_others_is_not_found(as_charlie, as_alice, row):
    for client in (as_charlie, as_alice):
        assert client.get(reverse("imports.detail", args=[row.pk])).status_code == 404
        assert client.post(reverse("imports.selection", args=[row.pk])).status_code == 404


def test_selection_chooses_all_that_was_brought(as_bob, row):
    response = as_bob.post(reverse("imports.selection", args=[row.pk]))

    found = Selection.objects.get()
    assert response["Location"] == reverse("selections.detail", args=[found.pk])
    assert found.picks.get().image == Image.objects.get()


def test_stop_keeps_what_came(as_bob):
    send(as_bob)
    row = Import.objects.get()

    as_bob.post(reverse("imports.stop", args=[row.pk]))

    assert "Stopped." in as_bob.get(reverse("imports.detail", args=[row.pk])).text
    assert as_bob.post(reverse("imports.stop", args=[row.pk])).status_code == 409


@pytest.mark.parametrize("count", [1, 3])
def test_new_costs_the_same_however_many_there_were(as_bob, bob, count, django_assert_num_queries):
    for _ in range(count):
        row = asking.open_row(person=bob, name="x", shared=False, collection=None)
        working.take(row)
        working.end(row, ImportState.DONE)
    as_bob.get(NEW)

    with django_assert_num_queries(4):
        as_bob.get(NEW)


@pytest.mark.parametrize("count", [1, 3])
def test_detail_costs_the_same_however_many_pictures(as_bob, bob, count, django_assert_num_queries):
    upload = zip_of({f"{n}.png": picture(n) for n in range(count)})
    row = asking.start(person=bob, files=[upload], shared=False)
    upload.close()
    working.work(pk=row.pk)
    as_bob.get(reverse("imports.detail", args=[row.pk]))

    with django_assert_num_queries(4):
        as_bob.get(reverse("imports.detail", args=[row.pk]))
