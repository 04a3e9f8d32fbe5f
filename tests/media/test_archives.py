import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from studio.media import archives
from studio.media.archives import BadArchive, Folder, Zipped
from tests.media import naughty

_opened: list[Zipped] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def zipped_at(path: Path) -> Zipped:
    _opened.append(Zipped(path))
    return _opened[-1]


def zipped(tmp_path: Path, files: dict[str, bytes], *, way: int = ZIP_STORED) -> Path:
    path = tmp_path / "all.zip"
    with ZipFile(path, "w", way) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def names(archive: archives.Archive) -> list[str]:
    return [member.name for member in archive.members]


def test_zipped_lists_files_in_order_and_leaves_out_what_systems_add(tmp_path):
    files = {
        "b/2.png": b"2",
        "a.PNG": b"1",
        "__MACOSX/a.PNG": b"x",
        "b/.DS_Store": b"x",
        "list.csv": b"x",
        "n.txt": b"",
    }

    archive = zipped_at(zipped(tmp_path, files))

    assert names(archive) == ["a.PNG", "b/2.png", "list.csv", "n.txt"]
    assert [member.name for member in archives.pictures(archive)] == ["a.PNG", "b/2.png"]
    assert [member.name for member in archives.tables(archive)] == ["list.csv"]


def test_zipped_copies_bytes_as_they_are(tmp_path):
    content = naughty.png()
    archive = zipped_at(zipped(tmp_path, {"a.png": content}, way=ZIP_DEFLATED))

    archive.copy(archive.members[0], tmp_path / "out")

    assert (tmp_path / "out").read_bytes() == content


def test_zipped_of_a_name_that_climbs_writes_where_it_is_told_alone(tmp_path):
    path = zipped(tmp_path, {"../../evil.png": b"x"})
    archive = zipped_at(path)

    archive.copy(archive.members[0], tmp_path / "out")

    assert {each.name for each in tmp_path.iterdir()} - {"spools"} == {"all.zip", "out"}
    assert not list(tmp_path.parent.parent.glob("evil*"))


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 9, naughty.png()])
def test_zipped_of_no_zip_is_refused(tmp_path, content):
    path = tmp_path / "all.zip"
    path.write_bytes(content)

    with pytest.raises(BadArchive) as caught:
        zipped_at(path)

    assert caught.value.code == "import_no_zip"


def test_zipped_that_unfolds_to_far_more_than_its_size_is_refused(tmp_path):
    path = zipped(tmp_path, {f"{n}.png": bytes(9 * 1024**2) for n in range(8)}, way=ZIP_DEFLATED)

    with pytest.raises(BadArchive) as caught:
        zipped_at(path)

    assert caught.value.code == "import_unfolds"


def test_zipped_that_lies_about_a_size_is_cut_where_bytes_are_counted(tmp_path):
    path = zipped(tmp_path, {"1.png": bytes(50 * 1024**2)}, way=ZIP_DEFLATED)
    data = path.read_bytes()
    true, lie = struct.pack("<I", 50 * 1024**2), struct.pack("<I", 40 * 1024**2 + 9)
    path.write_bytes(data.replace(true, lie))
    archive = zipped_at(path)

    with pytest.raises(BadArchive) as caught:
        archive.copy(archive.members[0], tmp_path / "out")

    assert caught.value.code in {"import_too_large", "import_damaged"}
    assert (tmp_path / "out").stat().st_size <= 40 * 1024**2


def test_zipped_room_is_used_up_by_what_came(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "SPARE", 1000)
    path = zipped(tmp_path, {"1.png": bytes(900), "2.png": bytes(900)}, way=ZIP_DEFLATED)
    archive = zipped_at(path)
    archive.room = 1000

    archive.copy(archive.members[0], tmp_path / "out")
    with pytest.raises(BadArchive):
        archive.copy(archive.members[1], tmp_path / "out")


def test_zipped_with_too_long_a_list_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_LIST", 60)
    monkeypatch.setattr(archives, "ZipFile", lambda path: pytest.fail("It was read."))
    path = zipped(tmp_path, {"1.png": b"", "2.png": b""})

    with pytest.raises(BadArchive) as caught:
        zipped_at(path)

    assert caught.value.code == "import_too_many_files"


def test_zipped_with_too_long_a_list_in_a_far_record_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("zipfile.ZIP_FILECOUNT_LIMIT", 1)  # so that two files make it a ZIP64
    path = zipped(tmp_path, {"1.png": b"", "2.png": b""})
    assert b"PK\x06\x06" in path.read_bytes()
    assert len(zipped_at(path).members) == 2
    monkeypatch.setattr(archives, "MOST_LIST", 60)

    with pytest.raises(BadArchive) as caught:
        zipped_at(path)

    assert caught.value.code == "import_too_many_files"


def test_zipped_with_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 2)

    with pytest.raises(BadArchive) as caught:
        zipped_at(zipped(tmp_path, {f"{n}.png": b"" for n in range(3)}))

    assert caught.value.code == "import_too_many_files"


def test_copy_of_a_locked_file_says_so(tmp_path):
    path = zipped(tmp_path, {"1.png": b"x" * 20})
    archive = zipped_at(path)
    archive.infos["1.png"].flag_bits |= 1

    with pytest.raises(BadArchive) as caught:
        archive.copy(archive.members[0], tmp_path / "out")

    assert caught.value.code == "import_locked"


def test_copy_of_a_damaged_file_says_so(tmp_path):
    path = zipped(tmp_path, {"1.png": b"x" * 200})
    path.write_bytes(path.read_bytes().replace(b"x" * 200, b"x" * 199 + b"y"))
    archive = zipped_at(path)

    with pytest.raises(BadArchive) as caught:
        archive.copy(archive.members[0], tmp_path / "out")

    assert caught.value.code == "import_damaged"


def test_zipped_knows_when_a_file_was_written_unless_the_zip_does_not(tmp_path):
    path = tmp_path / "all.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr(ZipInfo("1.png", (2024, 5, 6, 7, 8, 9)), b"")
        archive.writestr(ZipInfo("2.png"), b"")

    known, unknown = zipped_at(path).members

    assert f"{known.at:%Y-%m-%d %H:%M}" == "2024-05-06 07:08"
    assert unknown.at is None


def test_folder_lists_all_below_it_and_follows_no_links(tmp_path):
    root = tmp_path / "in"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "1.png").write_bytes(b"1")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (root / "link.png").symlink_to(tmp_path / "secret.png")

    archive = Folder(root)
    archive.copy(archive.members[0], tmp_path / "out")

    assert names(archive) == ["sub/1.png"]
    assert (tmp_path / "out").read_bytes() == b"1"


def test_nested_zip_is_no_picture(tmp_path):
    inner = io.BytesIO()
    with ZipFile(inner, "w", ZIP_DEFLATED) as archive:
        archive.writestr("bomb.png", zlib.compress(bytes(1000)))

    found = zipped_at(zipped(tmp_path, {"inner.zip": inner.getvalue()}))

    assert archives.pictures(found) == []
