"""Looks whether a backup is whole: every part and every file is read and compared with its SHA-256."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from studio.errors import Conflict
from studio.services.backups import databases, files, shelf
from studio.services.backups.files import Heap
from studio.services.backups.manifest import Listed, Manifest
from studio.services.backups.shelf import Label
from studio.words import Reason

AT_ONCE, BATCH = 4, 64


@dataclass
class Checked:
    """What was looked at, and the keys of files that the place has not, or not as they were."""

    folder: Path
    label: Label
    files: int = 0
    damaged: list[str] = field(default_factory=list)


def check(path: Path) -> Checked:
    """Read all of a backup. Raises Conflict where its database is damaged: then it is of no use."""
    folder = shelf.find(path)
    found = Checked(folder, check_database(folder))
    if found.label.with_files:
        for line, is_whole in _look(folder):
            found.files += 1
            found.damaged += [] if is_whole else [line.key]
    return found


def check_database(folder: Path) -> Label:
    """Return the label of a backup whose own parts are all as they were written."""
    label = Label.read(folder)
    there = {str(path.relative_to(folder)): path for path in shelf.parts(folder)}
    wrong = [
        name
        for name, digest in label.parts.items()
        if name not in there or files.sum_of(files.read(there[name])).sha256 != digest
    ]
    if wrong or not databases.named(label.database).check(folder):
        raise Conflict(Reason("backup_damaged", parts=", ".join(wrong)))
    return label


def is_whole(heap: Heap, line: Listed) -> bool:
    """Tell whether the heap has a file as it was."""
    try:
        return files.sum_of(files.read(heap.path(line.sha256))) == line.file
    except OSError:
        return False


def _look(folder: Path) -> Iterator[tuple[Listed, bool]]:
    heap = Heap(folder.parent)
    with Manifest(folder / shelf.MANIFEST) as manifest, ThreadPoolExecutor(AT_ONCE) as pool:
        for some in batched(manifest, BATCH):
            yield from zip(some, pool.map(lambda line: is_whole(heap, line), some), strict=True)
