import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile

from studio.storages import FolderStorage, LocalFile

KEY = "originals/0123456789abcdef0123456789abcdef/7/0.png"


class Recorder(FolderStorage):
    """A storage that writes down in which order it touches the disk, and can fail at one of these steps."""

    def __init__(self, location: Path, *, fail_at: str = "") -> None:
        super().__init__(location)
        self.steps: list[str] = []
        self.fail_at = fail_at

    def sync(self, path: Path) -> None:
        self._step(f"sync {self._label(path)}")
        super().sync(path)

    def rename(self, draft: Path, target: Path) -> None:
        self._step(f"rename {self._label(target)}")
        super().rename(draft, target)

    def _step(self, step: str) -> None:
        self.steps.append(step)
        if step.startswith(self.fail_at or "never"):
            raise OSError(28, "No space left on device")

    def _label(self, path: Path) -> str:
        return "draft" if path.parent.name == ".drafts" else os.path.relpath(path, self.location)


@pytest.fixture
def storage(tmp_path):
    return Recorder(tmp_path / "media")


@pytest.fixture
def local(tmp_path):
    """Return a function that makes a file of its own, as a relay's picture lies on the disk."""

    def make(content: bytes) -> LocalFile:
        path = tmp_path / "part"
        path.write_bytes(content)
        return LocalFile(path, content_type="image/png")

    return make


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_save_keeps_the_bytes_under_the_exact_key(storage, tmp_path):
    name = storage.save(KEY, ContentFile(b"picture"))

    assert name == KEY
    assert (tmp_path / "media" / KEY).read_bytes() == b"picture"
    assert files(tmp_path) == [f"media/{KEY}"]


def test_save_of_the_same_key_overwrites(storage, tmp_path):
    storage.save(KEY, ContentFile(b"a longer first picture"))

    name = storage.save(KEY, ContentFile(b"second"))

    assert name == KEY
    assert (tmp_path / "media" / KEY).read_bytes() == b"second"
    assert files(tmp_path) == [f"media/{KEY}"]


def test_fault_42_save_syncs_the_draft_then_renames_then_syncs_the_folder(storage):
    storage.save("originals/a.png", ContentFile(b"first"))
    storage.steps.clear()

    storage.save("originals/b.png", ContentFile(b"second"))

    assert storage.steps == ["sync draft", "rename originals/b.png", "sync originals", "sync .", "sync .."]


def test_fault_42_save_into_new_folders_syncs_each_into_its_parent(storage, tmp_path):
    (tmp_path / "media").mkdir()

    storage.save("originals/7/0.png", ContentFile(b"picture"))

    assert storage.steps == [
        "sync draft",
        "rename originals/7/0.png",
        "sync originals/7",
        "sync originals",
        "sync .",
        "sync ..",
    ]


def test_fault_42_save_into_folders_of_one_who_died_before_syncing_them_syncs_them(storage, tmp_path):
    (tmp_path / "media" / "originals" / "7").mkdir(parents=True)

    storage.save("originals/7/0.png", ContentFile(b"picture"))

    assert storage.steps[-4:] == ["sync originals/7", "sync originals", "sync .", "sync .."]


def test_save_of_what_can_be_made_again_waits_for_its_bytes_alone(storage):
    storage.save("thumbnails/7/0-512.webp", ContentFile(b"thumbnail"))

    assert storage.steps == ["sync draft", "rename thumbnails/7/0-512.webp"]


@pytest.mark.parametrize("step", ["sync draft", "rename"])
def test_fault_33_save_that_fails_keeps_the_old_file_and_leaves_no_draft(tmp_path, step):
    FolderStorage(tmp_path).save(KEY, ContentFile(b"old"))

    with pytest.raises(OSError, match="No space left"):
        Recorder(tmp_path, fail_at=step).save(KEY, ContentFile(b"new"))

    assert (tmp_path / KEY).read_bytes() == b"old"
    assert files(tmp_path) == [KEY]


def test_save_of_a_local_file_moves_it(storage, local, tmp_path):
    with local(b"picture") as content:
        inode = (tmp_path / "part").stat().st_ino
        storage.save(KEY, content)

    assert (tmp_path / "media" / KEY).stat().st_ino == inode
    assert files(tmp_path) == [f"media/{KEY}"]


@pytest.mark.parametrize("step", ["sync draft", "rename"])
def test_fault_33_save_of_a_local_file_that_fails_leaves_it_where_it_was(local, tmp_path, step):
    storage = Recorder(tmp_path / "media", fail_at=step)

    with local(b"picture") as content, pytest.raises(OSError, match="No space left"):
        storage.save(KEY, content)

    assert files(tmp_path) == ["part"]


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="needs a second filesystem")
def test_save_of_a_local_file_from_another_filesystem_copies_it(storage, tmp_path):
    path = Path(f"/dev/shm/lightfast-{os.getpid()}")
    path.write_bytes(b"picture")

    with LocalFile(path, content_type="image/png") as content:
        storage.save(KEY, content)

    assert (tmp_path / "media" / KEY).read_bytes() == b"picture"
    assert not path.exists()


def test_save_is_for_its_owner_only_whatever_the_umask(storage, local, tmp_path):
    before = os.umask(0)
    try:
        with local(b"picture") as content:
            storage.save(KEY, content)
        storage.save("thumbnails/x.webp", ContentFile(b"small"))
    finally:
        os.umask(before)

    media = tmp_path / "media"
    assert {mode(path) for path in media.rglob("*") if path.is_file()} == {0o600}
    assert {mode(path) for path in [media, *media.rglob("*")] if path.is_dir()} == {0o700}


@pytest.mark.parametrize("key", ["../outside.png", "originals/../../outside.png", "/etc/outside.png", "a/.."])
def test_save_outside_the_folder_is_refused(storage, tmp_path, key):
    with pytest.raises(SuspiciousFileOperation):
        storage.save(key, ContentFile(b"picture"))

    assert files(tmp_path) == []


def test_save_of_a_key_that_is_too_long_is_refused_not_shortened(storage, tmp_path):
    with pytest.raises(SuspiciousFileOperation, match="longer than 20"):
        storage.save(KEY, ContentFile(b"picture"), max_length=20)

    assert files(tmp_path) == []


def test_open_of_a_saved_key_reads_it_back(storage):
    storage.save(KEY, ContentFile(b"picture"))

    with storage.open(KEY) as file:
        assert file.read() == b"picture"


def test_save_of_content_read_before_starts_at_its_beginning(storage):
    content = ContentFile(b"picture")
    content.read()

    storage.save(KEY, content)

    assert storage.size(KEY) == 7


def test_import_of_the_folder_does_not_load_boto3():
    script = "import sys, studio.storages; print([m for m in ('boto3', 'botocore', 'storages') if m in sys.modules])"

    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)

    assert result.stdout == "[]\n"
