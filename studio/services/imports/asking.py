"""Asking for an import: what was uploaded is looked at, stored, and given to a worker."""

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path, PurePosixPath
from zipfile import ZIP_STORED, ZipFile

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from studio.cleaning import clean_text
from studio.db import afterwards, write_transaction
from studio.errors import Conflict, StudioError
from studio.media import archives
from studio.media.archives import LARGEST_TABLE, BadArchive
from studio.models import Collection, Import, ImportState, User
from studio.models.ids import storage_token
from studio.models.imports import NAME_LENGTH
from studio.services import audit
from studio.services.imports import working
from studio.storages import LocalFile
from studio.words import Reason

type Upload = TemporaryUploadedFile


def start(
    *,
    person: User,
    files: Sequence[Upload],
    table: Upload | None = None,
    shared: bool,
    collection: Collection | None = None,
) -> Import:
    """Have a worker bring in one ZIP, or some pictures with their tables; Conflict while another is under way."""
    if table and (table.size or 0) > LARGEST_TABLE:
        raise StudioError(Reason("import_table_large"), param="table")
    with tempfile.TemporaryDirectory(dir=working.room(), prefix="upload-") as folder:
        path = _one_archive(files, Path(folder))
        name = f"{files[0].name}" if len(files) == 1 else f"{len(files)} files"
        row = open_row(person=person, name=name, shared=shared, collection=collection)
        try:
            _store(row, path, table)
        except BaseException:
            row.delete()
            raise
    return row


def open_row(*, person: User, name: str, shared: bool, collection: Collection | None) -> Import:
    """Write the row of a new import; a person has one at a time, which the database sees to."""
    facts = {"name": clean_text(name)[-NAME_LENGTH:], "shared": shared, "collection": collection}
    try:
        with write_transaction():
            row = Import.objects.create(owner=person, **facts)
            audit.record(actor=person, action="images.import_asked", subject=row.pk)
    except IntegrityError:
        raise Conflict(Reason("import_running")) from None
    return row


def stop(*, row: Import, person: User) -> None:
    """Stop an import; what it has brought stays."""
    with write_transaction():
        rows = Import.objects.owned_by(person).filter(pk=row.pk)
        old = (ImportState.WAITING, ImportState.WORKING)
        if not rows.move(*old, to=ImportState.STOPPED, key="", claim="", ended_at=Now()):
            raise Conflict(Reason("import_over"))
        audit.record(actor=person, action="images.import_stopped", subject=row.pk)
    for key in row.keys:
        default_storage.delete(key)


def work_off_forgotten() -> int:
    """Work off what nobody works at; return how many came to their end."""
    return sum(working.work(pk=pk) for pk in list(Import.objects.forgotten().values_list("pk", flat=True)))


def forget() -> int:
    """Remove rows whose upload never came, with what there is of it; return how many."""
    rows = list(Import.objects.never_came())
    for row in rows:
        for key in row.keys:
            default_storage.delete(key)
        row.delete()
    return len(rows)


def _one_archive(files: Sequence[Upload], folder: Path) -> Path:
    """Return a ZIP that can be worked off: the one that was sent, or one made of several files."""
    zips = [file for file in files if PurePosixPath(file.name or "").suffix.lower() == ".zip"]
    if zips and len(files) > 1:
        raise StudioError(Reason("import_zip_alone"), param="pictures")
    path = Path(zips[0].temporary_file_path()) if zips else _packed(files, folder / "files.zip")
    try:
        with closing(archives.Zipped(path)) as archive:
            if not archives.pictures(archive):
                raise BadArchive("import_no_pictures")
    except BadArchive as error:
        raise StudioError(Reason(error.code, **error.facts), param="pictures") from None
    return path


def _packed(files: Sequence[Upload], path: Path) -> Path:
    """Put files into a ZIP as they are; those of one name are told apart by numbers."""
    taken = set[str]()
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for place, file in enumerate(files):
            name = PurePosixPath(clean_text(file.name or "")).name or f"{place}"
            name = f"{place} {name}" if name in taken else name
            taken.add(name)
            archive.write(file.temporary_file_path(), name)
    return path


def _store(row: Import, path: Path, table: Upload | None) -> None:
    key, size = f"imports/{storage_token()}/{row.pk}.zip", path.stat().st_size
    rows = Import.objects.filter(pk=row.pk)
    with write_transaction():
        rows.update(key=key, has_table=table is not None, byte_size=size)
    row.key, row.has_table = key, table is not None
    for each, where, kind in ((path, row.key, "application/zip"), (table, row.table_key, "text/csv")):
        if each is not None:
            source = each if isinstance(each, Path) else Path(each.temporary_file_path())
            with LocalFile(source, content_type=kind) as content:
                default_storage.save(where, content)
    with write_transaction():
        rows.move(ImportState.COMING, to=ImportState.WAITING)
        ticket = import_string("studio.tasks.bring_in")  # by name: tasks stand above services
        afterwards(lambda: ticket.enqueue(str(row.pk)))  # the clean-up replaces a lost one
