import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image as Pictures
from PIL import PngImagePlugin

from studio.errors import Conflict, StudioError
from studio.models import (
    AuditEntry,
    Case,
    Generation,
    Image,
    Import,
    ImportState,
    LedgerEntry,
    Notice,
    Prompt,
    Relay,
    State,
)
from studio.models.ids import made_at
from studio.services import collections, retention, sharing
from studio.services.imports import asking, origins, working
from studio.views.uploads import SpooledFile
from tests.factories import make_generation
from tests.media import naughty
from tests.services.screening.test_gate import make_rule

pytestmark = pytest.mark.django_db


def picture(shade: int = 0, text: str = "", side: int = 32) -> bytes:
    """A PNG like no other of another shade, with a prompt as A1111 writes it."""
    info = PngImagePlugin.PngInfo()
    if text:
        info.add_itxt("parameters", f"{text}\nSteps: 20, Sampler: Euler a, Seed: {shade}, Model: dreams_8")
    buffer = io.BytesIO()
    Pictures.new("RGB", (side, side), (shade, 90, 120)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


_uploads: list[SpooledFile] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close uploads, as a request does when it is over."""
    yield
    while _uploads:
        _uploads.pop().close()


def upload(name: str, content: bytes) -> SpooledFile:
    file = SpooledFile(name, "application/octet-stream", len(content), "")
    file.write(content)
    file.flush()
    file.size = len(content)
    _uploads.append(file)
    return file


def zip_of(files: dict[str, bytes]) -> SpooledFile:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return upload("holiday.zip", buffer.getvalue())


def table(*rows: dict[str, Any]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def brought(person, files: dict[str, bytes], **facts: Any) -> Import:
    """Everything in a ZIP, worked off."""
    row = asking.start(person=person, files=[zip_of(files)], **({"shared": False} | facts))
    assert working.work(pk=row.pk)
    row.refresh_from_db()
    return row


def counts(row: Import) -> dict[str, int]:
    names = ("total", "done", "kept", "same", "refused", "wordless")
    return {name: getattr(row, name) for name in names if getattr(row, name)}


def test_work_keeps_pictures_byte_for_byte_with_prompt_model_and_settings(bob):
    content = picture(7, "A red fox\nNegative prompt: blurry")

    row = brought(bob, {"sd/1.png": content})

    image = Image.objects.get()
    run = image.generation
    assert counts(row) == {"total": 1, "done": 1, "kept": 1}
    assert (row.state, row.key, row.claim) == (ImportState.DONE, "", "")
    with default_storage.open(image.key) as file:
        assert file.read() == content
    assert (image.owner, image.shared, image.width, image.media_type) == (bob, False, 32, "image/png")
    assert image.tone
    assert image.old_name == "1.png"
    assert (run.prompt.text, run.state, run.n, run.brought) == ("A red fox", State.DONE, 1, row)
    assert run.settings == {"negative_prompt": "blurry", "steps": 20, "sampler": "Euler a", "seed": 7}
    assert (run.model.label, run.model.relay.name, run.model.is_offered) == ("dreams_8", "Imported", False)


def test_work_costs_nothing_and_asks_no_relay(bob):
    brought(bob, {"1.png": picture(1, "A fox")})

    assert not LedgerEntry.objects.exists()
    assert not Generation.objects.get().relay_requests.exists()
    assert not Relay.objects.in_use().filter(base_url=origins.NOWHERE).exists()


def test_work_takes_prompts_from_a_table_inside_and_the_last_word_from_it(bob):
    rows = table(
        {
            "File": "1.png",
            "Prompt": "'=From the table",
            "Model": "sdxl",
            "seed": "5",
            "made_at": "2024-03-02",
        },
        {
            "File": "sub/2.png",
            "Prompt": "The second",
            "Model": "",
            "seed": "",
            "made_at": "2024-03-03T10:00:00Z",
        },
    )
    files = {"list.csv": rows, "1.png": picture(1, "From the file"), "sub/2.png": picture(2)}

    brought(bob, files)

    first, second = Image.objects.order_by("pk")
    assert first.generation.prompt.text == "=From the table"
    assert first.generation.settings["seed"] == 5
    assert first.generation.model.label == "sdxl"
    assert f"{made_at(first.pk):%Y-%m-%d}" == "2024-03-02"
    assert f"{made_at(second.pk):%Y-%m-%d %H:%M}" == "2024-03-03 10:00"
    assert second.generation.prompt.run_at == second.generation.created_at


def test_work_takes_prompts_from_a_table_beside(bob):
    csv_file = upload("prompts.csv", "filename;prompt\r\n1.png;Ein Fuchs\r\n".encode("utf-8-sig"))
    row = asking.start(person=bob, files=[upload("1.png", picture(1))], table=csv_file, shared=False)

    assert working.work(pk=row.pk)

    assert Prompt.objects.get().text == "Ein Fuchs"
    assert not list(default_storage.walk("imports"))


def test_work_lets_the_name_stand_for_a_prompt_that_is_missing(bob):
    row = brought(bob, {"sub/a_red_fox.png": picture(1)})

    assert counts(row) == {"total": 1, "done": 1, "kept": 1, "wordless": 1}
    assert Prompt.objects.get().text == "a red fox"


def test_work_tells_what_is_here_already_and_what_cannot_be_kept(bob):
    brought(bob, {"1.png": picture(1)})
    gif = naughty.encoded(naughty.scene(), "GIF")
    files = {"again.png": picture(1), "new.png": picture(2), "new twin.png": picture(2)}
    files |= {"a.gif": gif, "b.png": picture(3)[:-20], "c.png": b"<svg xmlns='x'>", "d.jpg": b"MZ no picture"}

    row = brought(bob, files)

    assert counts(row) == {"total": 7, "done": 7, "kept": 1, "same": 2, "refused": 4, "wordless": 1}
    assert [problem[:2] for problem in row.problems] == [
        ["a.gif", "import_gif"],
        ["b.png", "import_unusable"],
        ["c.png", "import_svg"],
        ["d.jpg", "import_unusable"],
    ]


def test_work_finds_the_same_bytes_in_the_trash_and_takes_no_notice_of_others(bob, charlie):
    brought(bob, {"1.png": picture(1)})
    Image.objects.update(trashed_at=timezone.now())

    assert counts(brought(bob, {"1.png": picture(1)}))["same"] == 1
    assert counts(brought(charlie, {"1.png": picture(1)}))["kept"] == 1


def test_work_does_not_bring_back_what_moderators_removed(bob):
    brought(bob, {"1.png": picture(1)})
    Image.objects.update(removed_at=timezone.now())

    row = brought(bob, {"1.png": picture(1)})

    assert row.problems == [["1.png", "import_removed", {}]]


def test_work_shares_with_the_team_what_it_is_told_to(bob, charlie):
    old = table({"file": "1.png", "prompt": "A fox", "made_at": "2024-03-02"})

    brought(bob, {"1.png": picture(1), "list.csv": old}, shared=True)

    assert Image.objects.visible_to(charlie).get().shared
    prompt = Prompt.objects.visible_to(charlie).get()
    assert prompt.shared_at == Generation.objects.get().created_at
    assert Prompt.objects.visible_to(charlie).count() == 1


def test_work_keeps_what_is_private_from_everybody_else(bob, charlie, alice):
    brought(bob, {"1.png": picture(1, "A secret fox")})

    for person in (charlie, alice):
        assert not Image.objects.visible_to(person).exists()
        assert not Prompt.objects.visible_to(person).exists()
        assert not Generation.objects.visible_to(person).exists()


def test_work_of_an_older_run_leaves_a_prompt_where_it_stands(bob, model):
    now = make_generation(bob, model, text="A fox", state=State.DONE).prompt
    old = table({"file": "1.png", "prompt": "A fox", "made_at": "2024-03-02"})

    brought(bob, {"1.png": picture(1), "list.csv": old}, shared=True)

    again = Prompt.objects.get()
    assert (again.pk, again.run_at, again.shared_at) == (now.pk, now.run_at, now.shared_at)


def test_work_refuses_what_a_rule_holds_or_blocks(bob, alice):
    make_rule(alice, words="fox")

    row = brought(bob, {"1.png": picture(1, "A fox"), "2.png": picture(2, "A hen")})

    assert [problem[:2] for problem in row.problems] == [["1.png", "import_stopped_by_rule"]]
    assert Prompt.objects.get().text == "A hen"


def test_work_refuses_to_share_what_moderators_keep_from_the_team(bob, model):
    run = make_generation(bob, model, text="A fox", state=State.DONE)
    sharing.withhold(prompt=run.prompt_id, removed=False)

    row = brought(bob, {"1.png": picture(1, "A fox")}, shared=True)

    assert row.problems == [["1.png", "withheld", {}]]
    assert list(default_storage.walk("originals")) == []


def test_work_has_shared_pictures_reviewed_where_the_team_wants_it(bob, charlie, settings):
    settings.REVIEW_PICTURES = "everybody"

    brought(bob, {"1.png": picture(1)}, shared=True)

    assert not Image.objects.visible_to(charlie).exists()
    assert Case.objects.get().image == Image.objects.get()


def test_work_puts_pictures_into_the_collection(bob):
    into = collections.create(person=bob, name="Earlier")

    brought(bob, {"1.png": picture(1), "2.png": picture(2)}, collection=into)

    assert into.places.count() == 2


def test_work_tells_its_person_and_writes_the_audit(bob):
    row = brought(bob, {"1.png": picture(1), "2.gif": b"GIF89a"})

    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.values["kept"], notice.values["refused"]) == (
        bob,
        "imported",
        1,
        1,
    )
    actions = list(
        AuditEntry.objects.filter(subject=str(row.pk)).order_by("seq").values_list("action", flat=True)
    )
    assert actions == ["images.import_asked", "images.imported"]


def test_work_of_a_second_worker_does_nothing(bob):
    row = asking.start(person=bob, files=[zip_of({"1.png": picture(1)})], shared=False)
    Import.objects.update(state=ImportState.WORKING, claim="another's", moved_at=timezone.now())

    assert not working.work(pk=row.pk)
    assert not Image.objects.exists()


def test_work_goes_on_behind_what_a_dead_worker_counted(bob):
    files = {f"{n}.png": picture(n) for n in range(4)}
    row = asking.start(person=bob, files=[zip_of(files)], shared=False)
    gone = timezone.now() - timedelta(hours=1)
    Import.objects.update(state=ImportState.WORKING, claim="dead", moved_at=gone, done=1, kept=1)

    retention.clean_up()

    row.refresh_from_db()
    assert (row.state, row.done, row.kept) == (ImportState.DONE, 4, 4)
    assert sorted(Prompt.objects.values_list("text", flat=True)) == ["1", "2", "3"]


def test_work_stops_in_the_middle_for_somebody_who_is_suspended_and_goes_on_after_that(bob, monkeypatch):
    row = asking.start(person=bob, files=[zip_of({f"{n}.png": picture(n) for n in range(3)})], shared=False)
    keep = working.Bringing._keep

    def suspended(self, *facts, **more):
        keep(self, *facts, **more)
        type(bob).objects.filter(pk=bob.pk).update(is_active=False)

    monkeypatch.setattr(working.Bringing, "_keep", suspended)
    assert not working.work(pk=row.pk)
    assert Image.objects.count() == 1
    monkeypatch.undo()
    Import.objects.update(moved_at=timezone.now() - timedelta(hours=1))
    assert asking.work_off_forgotten() == 0
    type(bob).objects.filter(pk=bob.pk).update(is_active=True)

    assert asking.work_off_forgotten() == 1
    assert Image.objects.count() == 3


def test_work_that_is_overtaken_leaves_no_file_behind(bob, monkeypatch):
    row = asking.start(person=bob, files=[zip_of({"1.png": picture(1)})], shared=False)
    monkeypatch.setattr(
        working.Bringing, "_step", lambda self, **counts: (_ for _ in ()).throw(working.Overtaken)
    )

    assert not working.work(pk=row.pk)

    assert list(default_storage.walk("originals")) == []


def test_work_whose_storage_fails_is_tried_again(bob, monkeypatch):
    row = asking.start(person=bob, files=[zip_of({"1.png": picture(1)})], shared=False)
    monkeypatch.setattr(
        type(default_storage._wrapped), "_save", lambda *_: (_ for _ in ()).throw(OSError("full"))
    )
    with pytest.raises(OSError, match="full"):
        working.work(pk=row.pk)
    monkeypatch.undo()

    assert asking.work_off_forgotten() == 1
    assert Image.objects.count() == 1


def test_work_of_a_table_nobody_can_read_fails_with_a_sentence(bob):
    row = brought(bob, {"1.png": picture(1), "list.csv": b"file,prompt\n1.png,\xff\xfe\n"})

    assert (row.state, row.reason) == (ImportState.FAILED, "import_table")
    assert "list.csv" in row.why.said()


def test_start_twice_is_a_conflict_until_the_first_is_over(bob):
    asking.start(person=bob, files=[zip_of({"1.png": picture(1)})], shared=False)

    with pytest.raises(Conflict) as caught:
        asking.start(person=bob, files=[zip_of({"2.png": picture(2)})], shared=False)

    assert caught.value.why.code == "import_running"
    asking.stop(row=Import.objects.get(), person=bob)
    asking.start(person=bob, files=[zip_of({"2.png": picture(2)})], shared=False)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"notes.txt": b"x"}, "import_no_pictures"),
        ({}, "import_no_pictures"),
        ({f"{n}.png": bytes(9 * 1024**2) for n in range(8)}, "import_unfolds"),
    ],
)
def test_start_of_what_cannot_be_brought_in_leaves_nothing(bob, files, code, settings):
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", 8) as archive:
        for name, content in files.items():
            archive.writestr(name, content)

    with pytest.raises(StudioError) as caught:
        asking.start(person=bob, files=[upload("a.zip", buffer.getvalue())], shared=False)

    assert caught.value.why.code == code
    assert not Import.objects.exists()
    assert not list(default_storage.walk("imports"))


def test_start_of_pictures_alone_packs_them_and_keeps_those_of_one_name_apart(bob):
    files = [upload("1.png", picture(1)), upload("1.png", picture(2))]
    row = asking.start(person=bob, files=files, shared=False)

    assert working.work(pk=row.pk)

    assert sorted(Prompt.objects.values_list("text", flat=True)) == ["1", "1 1"]


def test_start_of_a_zip_and_a_picture_is_refused(bob):
    with pytest.raises(StudioError) as caught:
        asking.start(person=bob, files=[zip_of({"1.png": b""}), upload("1.png", b"")], shared=False)

    assert caught.value.why.code == "import_zip_alone"


def test_stop_removes_the_upload_and_keeps_what_was_brought(bob):
    row = asking.start(person=bob, files=[zip_of({"1.png": picture(1)})], shared=False)

    asking.stop(row=Import.objects.get(), person=bob)

    assert not working.work(pk=row.pk)
    assert not list(default_storage.walk("imports"))
    with pytest.raises(Conflict):
        asking.stop(row=row, person=bob)


def test_forget_removes_uploads_that_never_came(bob):
    asking.open_row(person=bob, name="x", shared=False, collection=None)
    Import.objects.update(moved_at=timezone.now() - timedelta(days=2))

    assert asking.forget() == 1
    assert not Import.objects.exists()


def test_models_of_too_many_names_are_unknown(bob, monkeypatch):
    monkeypatch.setattr(origins, "MOST_MODELS", 1)
    rows = table(*[{"file": f"{n}.png", "prompt": "fox", "model": f"model {n}"} for n in range(3)])

    brought(bob, {f"{n}.png": picture(n) for n in range(3)} | {"list.csv": rows})

    labels = list(Generation.objects.order_by("pk").values_list("model__label", flat=True))
    assert sorted(labels) == ["Unknown model", "Unknown model", "model 0"]


def test_folder_is_read_in_place(bob, tmp_path: Path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "1.png").write_bytes(picture(1, "A fox"))
    out = io.StringIO()

    call_command("import_images", str(folder), person=bob.email, collection="Earlier", stdout=out)
    call_command("import_images", str(folder), person=bob.email, stdout=out)

    assert out.getvalue().splitlines() == [
        "1 kept, 0 were here already, 0 not kept.",
        "0 kept, 1 were here already, 0 not kept.",
    ]
    assert bob.collections.get().places.count() == 1
    assert (folder / "sub" / "1.png").exists()
