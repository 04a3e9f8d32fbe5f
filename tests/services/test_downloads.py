"""A ZIP of many pictures: whole, safe to unpack, and never more than its person may have at that moment."""

import csv
import io
import json
import tracemalloc
from zipfile import ZipFile

import pytest
from PIL import Image as Pillow

from studio.errors import TooMany
from studio.models import Comparison, Download, Image
from studio.services import downloads, selections, sharing
from studio.services.downloads import BrokenOff
from tests.factories import make_comparison, make_image

pytestmark = pytest.mark.django_db


def png(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (8, 6), colour).save(file, "PNG")
    return file.getvalue()


def download(person, *rows: Image, with_prompts: bool = False) -> Download:
    selection = selections.start(person=person, images=[row.pk for row in rows])
    return downloads.start(selection=selection, with_prompts=with_prompts)


def unpacked(row: Download) -> dict[str, bytes]:
    """What the ZIP holds, by name, once all sums are right."""
    with ZipFile(io.BytesIO(b"".join(downloads.send(row)))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(files: dict[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(files["manifest.csv"].decode("utf-8-sig").splitlines()))


def test_send_brings_each_file_as_delivered_with_its_receipt_and_a_manifest(bob, model):
    one, two = (make_image(bob, model, content=png(colour), text=colour) for colour in ("red", "blue"))

    files = unpacked(download(bob, one, two))

    lines = manifest(files)
    assert [line["prompt"] for line in lines] == ["blue", "red"]
    assert [files[line["file"]] for line in lines] == [png("blue"), png("red")]
    assert [line["sha256"] for line in lines] == [two.sha256, one.sha256]
    receipt = json.loads(files[lines[1]["file"].replace("pictures/", "receipts/").replace(".png", ".json")])
    assert (receipt["prompt"], receipt["images"]) == ("red", [str(one.pk)])
    assert len(files) == 5
    assert not Image.objects.filter(downloaded_at=None).exists()


def test_send_with_prompts_writes_them_into_the_files_and_changes_no_pixel(bob, model):
    row = make_image(bob, model, content=png(), text="A müde lake")

    files = unpacked(download(bob, row, with_prompts=True))

    picture = Pillow.open(io.BytesIO(files[manifest(files)[0]["file"]]))
    assert picture.text["Description"] == "A müde lake"
    assert picture.tobytes() == Pillow.open(io.BytesIO(png())).tobytes()


def test_send_with_prompts_puts_them_beside_a_sealed_file(bob, model):
    seal = b"\0\0\0\0caBX" + (0xB1B59A9D).to_bytes(4)
    content = png()[:33] + seal + png()[33:]
    row = make_image(bob, model, content=content)

    files = unpacked(download(bob, row, with_prompts=True))

    [line] = manifest(files)
    assert files[line["file"]] == content
    assert b"A mountain lake at dawn" in files[line["beside"]]


def test_send_names_no_model_while_a_comparison_is_blind(bob, model):
    blind: Comparison = make_comparison(bob, [model], blind=True)
    run = blind.generations.first()
    row = make_image(bob, run.model, content=png(), generation=run)

    whole = b"".join(unpacked(download(bob, row, with_prompts=True)).values())

    assert run.model.label.encode() not in whole
    assert run.model.model_id.encode() not in whole


def test_send_lists_a_lost_file_and_goes_on(bob, model):
    lost, there = make_image(bob, model, content=None), make_image(bob, model, content=png())

    files = unpacked(download(bob, lost, there))

    assert [bool(line["file"]) for line in manifest(files)] == [True, False]


def test_send_leaves_out_what_is_taken_back_meanwhile(bob, charlie, model, monkeypatch):
    monkeypatch.setattr(downloads, "TOGETHER", 1)
    rows = [make_image(bob, model, content=png(), text=f"Number {n}") for n in range(3)]
    row = download(charlie, *rows)

    pieces = downloads.send(row)
    begin = next(pieces)
    sharing.share_image(image=rows[0], person=bob, shared=False)
    with ZipFile(io.BytesIO(begin + b"".join(pieces))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    assert [line["prompt"] for line in manifest(files)] == ["Number 2", "Number 1"]


def test_send_breaks_off_for_somebody_who_is_suspended(bob, model, monkeypatch):
    monkeypatch.setattr(downloads, "TOGETHER", 1)
    row = download(bob, *(make_image(bob, model, content=png()) for _ in range(2)))

    pieces = downloads.send(row)
    next(pieces)
    type(bob).objects.filter(pk=bob.pk).update(is_active=False)

    with pytest.raises(BrokenOff):
        list(pieces)


def test_send_gives_hostile_prompts_names_that_stay_in_the_folder(bob, model):
    texts = ["../../etc/passwd", "C:\\nul", "=cmd|' /C calc'!A0", "a\x1b[2J\u202egnp.exe", "湖" * 200]
    rows = [make_image(bob, model, content=png(), text=text) for text in texts]

    files = unpacked(download(bob, *rows))

    parts = [name.split("/") for name in files if name != "manifest.csv"]
    assert {len(each) for each in parts} == {2}
    assert not [name for _, name in parts if name.startswith(".") or len(name.encode()) > 250]
    assert "'=cmd" in files["manifest.csv"].decode()


def test_send_says_how_far_it_is_and_that_it_is_whole(bob, model, monkeypatch):
    monkeypatch.setattr(downloads, "SAID_EVERY", 0.0)
    row = download(bob, *(make_image(bob, model, content=png()) for _ in range(3)))

    seen = [Download.objects.get(pk=row.pk).done for _ in downloads.send(row)]

    row.refresh_from_db()
    assert (seen[0], max(seen)) == (0, 3)
    assert (row.is_whole, row.done, row.sent > 3 * len(png())) == (True, 3, True)


def test_send_that_is_broken_off_can_begin_again_at_once(bob, model):
    row = download(bob, make_image(bob, model, content=png()))
    pieces = downloads.send(row)
    next(pieces)

    pieces.close()

    row.refresh_from_db()
    assert (row.has_begun, row.is_whole) == (False, False)
    assert unpacked(row)


def test_send_of_a_third_at_once_is_refused(bob, model):
    image = make_image(bob, model, content=png())
    running = [downloads.send(download(bob, image)) for _ in range(2)]

    with pytest.raises(TooMany, match="Two of your downloads"):
        downloads.send(download(bob, image))

    assert len(running) == 2


def test_send_asks_as_much_for_three_pictures_as_for_one(bob, model, django_assert_num_queries):
    for count in (1, 3):
        row = download(bob, *(make_image(bob, model, content=png()) for _ in range(count)))
        with django_assert_num_queries(15):
            list(downloads.send(row))


def test_send_holds_little_of_a_large_picture(bob, model):
    large = make_image(bob, model, content=png() + bytes(30_000_000))
    row = download(bob, large, with_prompts=True)

    tracemalloc.start()
    sent = sum(map(len, downloads.send(row)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sent > 30_000_000
    assert peak < 6_000_000
