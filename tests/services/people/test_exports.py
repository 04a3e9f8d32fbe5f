import csv
import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from studio.models import Export, ExportState, Gallery, Image, Notice, State, Webhook, WebhookKind
from studio.search.asked import Asked
from studio.services import library, retention, searches
from studio.services.people import exports
from studio.services.webhooks import edit as webhooks
from studio.services.webhooks import events
from tests.factories import make_generation, make_image
from tests.routes import body_of

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def copy(bob, charlie, model) -> Export:
    """Bob's copy, made."""
    make_image(bob, model, text=FORMULA, content=b"first picture" * 1000, shared=False)
    make_image(bob, model, text="A lake", content=b"trashed", trashed_at=timezone.now())
    lost = make_image(bob, model, text="A lost lake", content=None)
    make_image(bob, model, text="A removed lake", removed_at=timezone.now())
    make_image(charlie, model, text="Somebody else's lake")
    make_generation(bob, model, text="Nothing came of it", state=State.FAILED)
    for whose, title in ((bob, "Mine"), (charlie, "Somebody else's title")):
        library.save(person=whose, title=title, text="A {subject}", shared=False)
    searches.save(person=bob, name="Lakes", asked=Asked(view=Gallery.TEAM, words="lake"), shared=False)
    webhooks.add(person=bob, url="https://8.8.8.8/bob", kinds=[WebhookKind.COMPLETED])
    webhooks.add(person=charlie, url="https://8.8.8.8/charlie", kinds=[WebhookKind.COMPLETED])
    for each in Webhook.objects.all():
        events.test(webhook=each)
    row = exports.ask(person=bob)
    assert exports.make(pk=row.pk)
    row.refresh_from_db()
    assert Image.objects.filter(pk=lost.pk).exists()
    return row


def opened(row: Export) -> ZipFile:
    return ZipFile(io.BytesIO(whole(row)))


def whole(row: Export) -> bytes:
    with default_storage.open(row.key) as file:
        return file.read()


def test_make_puts_pictures_receipts_and_prompts_into_one_zip(copy, bob):
    archive = opened(copy)

    names = archive.namelist()
    pictures = [name for name in names if name.startswith("pictures/")]
    assert sorted(archive.read(name) for name in pictures) == [b"first picture" * 1000, b"trashed"]
    assert len([name for name in names if name.startswith("receipts/")]) == 5
    account = json.loads(archive.read("account.json"))
    assert account["email"] == bob.email
    assert [(row["name"], row["query"]) for row in account["searches"]] == [("Lakes", "view=team&q=lake")]
    [webhook] = account["webhooks"]
    assert webhook["url"] == "https://8.8.8.8/bob"
    assert [(row["kind"], row["state"]) for row in webhook["deliveries"]] == [("webhook.test", "waiting")]
    assert [row["title"] for row in json.loads(archive.read("library.json"))["prompts"]] == ["Mine"]
    texts = [row["text"] for row in json.loads(archive.read("prompts.json"))]
    assert texts == [FORMULA, "A lake", "A lost lake", "A removed lake", "Nothing came of it"]
    everything = b"".join(archive.read(name) for name in names)
    assert b"Somebody else" not in everything
    assert b"originals/" not in everything
    assert archive.testzip() is None
    assert (copy.state, copy.byte_size) == (ExportState.READY, default_storage.size(copy.key))


def test_make_tells_its_person_once_and_leads_to_their_page(copy, bob, as_bob):
    exports.make(pk=copy.pk)

    notice = Notice.objects.visible_to(bob).get()
    response = as_bob.post(reverse("notices.reading", args=[notice.pk]))

    assert (notice.kind, response["Location"]) == ("export_ready", "/account/")


def test_make_guards_spreadsheets_against_formulas(copy):
    for name in ("prompts.csv", "pictures.csv"):
        rows = list(csv.reader(io.StringIO(opened(copy).read(name).decode())))
        cells = [cell for row in rows for cell in row if 'HYPERLINK("' in cell]
        assert cells == [f"'{FORMULA}"]


def test_make_lists_a_picture_whose_file_is_lost_without_a_name(copy):
    rows = list(csv.DictReader(io.StringIO(opened(copy).read("pictures.csv").decode())))

    assert [row["prompt"] for row in rows if not row["file"]] == ["A lost lake"]


def test_make_leaves_nothing_in_the_spool_and_a_second_worker_makes_nothing(copy, settings):
    assert list(settings.SPOOL_DIR.iterdir()) == []
    assert not exports.make(pk=copy.pk)


def test_ask_twice_makes_one_and_ask_again_replaces_the_old_one(bob, copy):
    new = exports.ask(person=bob)

    assert not default_storage.exists(copy.key)
    assert exports.ask(person=bob) == new
    assert Export.objects.get() == new


def test_clean_up_makes_what_was_forgotten_and_removes_what_is_old(bob, copy):
    Export.objects.update(moved_at=timezone.now() - timedelta(days=8))
    retention.clean_up()
    assert not Export.objects.exists()
    assert not default_storage.exists(copy.key)
    row = exports.ask(person=bob)
    Export.objects.update(state=ExportState.MAKING, moved_at=timezone.now() - timedelta(hours=3))

    retention.clean_up()

    assert Export.objects.get(pk=row.pk).state == ExportState.READY


def test_make_that_fails_is_tried_again(bob, settings, tmp_path):
    row = exports.ask(person=bob)
    (tmp_path / "file").touch()
    settings.SPOOL_DIR = tmp_path / "file" / "spools"
    with pytest.raises(OSError):
        exports.make(pk=row.pk)
    settings.SPOOL_DIR = tmp_path / "not" / "made" / "yet"

    assert exports.make_forgotten() == 1


# The download


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("", 200, slice(None)),
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=5-999999999", 206, slice(5, None)),
        ("bytes=999999999-", 416, slice(0, 0)),
        ("bytes=9-5", 416, slice(0, 0)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=-", 200, slice(None)),
        (f"bytes={'9' * 5000}-", 200, slice(None)),
        (f"bytes=-{'9' * 5000}", 200, slice(None)),
    ],
)
def test_file_goes_on_where_a_download_broke_off(header, status, part, as_bob, copy):
    answer = as_bob.get(reverse("exports.file"), headers={"range": header} if header else {})

    body = body_of(answer)
    assert (answer.status_code, body) == (status, whole(copy)[part])
    assert answer["Accept-Ranges"] == "bytes"
    if status == 206:
        assert int(answer["Content-Length"]) == len(body)


def test_file_of_another_edition_is_sent_whole(as_bob, copy):
    headers = {"range": "bytes=5-", "if-range": '"another"'}

    answer = as_bob.get(reverse("exports.file"), headers=headers)

    assert answer.status_code == 200
    assert int(answer["Content-Length"]) == len(body_of(answer)) == copy.byte_size


def test_file_of_another_person_is_not_found(as_charlie, copy):
    assert as_charlie.get(reverse("exports.file")).status_code == 404


def test_page_says_how_far_the_copy_is(as_bob, bob, model):
    page = reverse("own.detail")
    assert "Make a copy" in as_bob.get(page).text

    as_bob.post(reverse("exports.create"))

    assert "Your copy is being made." in as_bob.get(page).text
    exports.make(pk=Export.objects.get().pk)
    assert "Download (" in as_bob.get(page).text
