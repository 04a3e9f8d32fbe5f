"""Makes a copy of everything that is a person's: pictures, receipts, prompts; streamed into one ZIP by a worker."""

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.module_loading import import_string

from studio import spreadsheets
from studio.db import afterwards, write_transaction
from studio.models import (
    Collection,
    Export,
    ExportState,
    Favourite,
    Generation,
    Image,
    NoticeKind,
    Placed,
    Prompt,
    SavedPrompt,
    User,
    Webhook,
)
from studio.models.ids import storage_token
from studio.services import audit, library_files, notices, receipts
from studio.services.people import sessions
from studio.storages import LocalFile

BLOCK = 1024 * 1024


def ask(*, person: User) -> Export:
    """Have a copy made; one that is being made already is the one that is meant, an older one goes."""
    with write_transaction():
        row = Export.objects.of(person).select_for_update().first()
        if row and row.state != ExportState.READY:
            return row
        if row:
            remove(row)
        row = Export.objects.create(person=person)
        audit.record(actor=person, action="person.export_asked", subject=person.pk)
        ticket = import_string("studio.tasks.export")  # by name: tasks stand above services
        afterwards(lambda: ticket.enqueue(str(row.pk)))  # the clean-up replaces a lost one
    return row


def remove(row: Export) -> None:
    """Remove a copy: the file, then the row."""
    if row.key:
        default_storage.delete(row.key)
    row.delete()


def make_forgotten() -> int:
    """Make what nobody makes; return how many."""
    return sum(make(pk=row.pk) for row in Export.objects.forgotten())


def forget() -> int:
    """Remove copies that were ready for a week; return how many."""
    rows = list(Export.objects.old())
    for row in rows:
        remove(row)
    return len(rows)


def make(*, pk: UUID | str) -> bool:
    """Make the copy, unless another worker does; its file lies in the storage before its row says so."""
    rows = Export.objects.filter(pk=pk)
    with write_transaction():
        if not rows.forgotten().move(ExportState.WAITING, ExportState.MAKING, to=ExportState.MAKING):
            return False
    row = rows.select_related("person").get()
    path = Path(settings.SPOOL_DIR) / f"{row.pk}.export"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, row.person)
        key, size = f"exports/{storage_token()}/{row.pk}.zip", path.stat().st_size
        with LocalFile(path, content_type="application/zip") as file:
            default_storage.save(key, file)
    except Exception:
        with write_transaction():
            rows.move(ExportState.MAKING, to=ExportState.WAITING)  # the clean-up tries again
        raise
    finally:
        path.unlink(missing_ok=True)
    with write_transaction():
        done = rows.move(ExportState.MAKING, to=ExportState.READY, key=key, byte_size=size)
        if done:
            notices.tell(person=row.person, kind=NoticeKind.EXPORT_READY)
    if not done:  # they were erased meanwhile
        default_storage.delete(key)
    return done


def _write(path: Path, person: User) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        _add_json(archive, "account.json", _account(person))
        prompts = list(_prompts(person))
        _add_json(archive, "prompts.json", prompts)
        _add_csv(archive, "prompts.csv", ("written_at", "run_at", "shared", "text"), prompts)
        library = SavedPrompt.objects.owned_by(person)
        archive.writestr("library.json", library_files.as_json(library))
        for generation in (
            Generation.objects.owned_by(person).select_related(*RUN).order_by("pk").iterator(100)
        ):
            _add_json(archive, f"receipts/{generation.pk}.json", receipts.to_hand_out(generation))
        images = [_add_picture(archive, image) for image in _images(person)]
        _add_csv(
            archive,
            "pictures.csv",
            ("file", "kept_at", "shared", "trashed", "sha256", "prompt", "old_name", "alt_text"),
            images,
        )


RUN = ("prompt", "owner", "model__relay", "via__relay", "comparison", "preset")


def _account(person: User) -> dict[str, Any]:
    liked = Favourite.objects.filter(person=person).values_list("image_id", "created_at")
    facts = ("name", "email", "role", "created_at", "seen_at", "last_login")
    return {name: getattr(person, name) for name in facts} | {
        "favourites": [{"image": pk, "since": at} for pk, at in liked],
        "sessions": list(sessions.of(person).values("ip", "user_agent", "created_at", "last_seen_at")),
        "notices": list(person.notices.values("kind", "values", "created_at")),
        "reports": list(person.reports.values()),
        "collections": [_collection(row) for row in person.collections.order_by("pk")],
        "searches": list(person.searches.order_by("pk").values("name", "query", "shared", "created_at")),
        "comments": list(person.comments.order_by("pk").values("image", "text", "created_at")),
        "tokens": list(person.tokens.order_by("pk").values("name", "scope", "created_at", "used_at")),
        "webhooks": [_webhook(row) for row in person.webhooks.order_by("pk")],
        "stars": list(person.ratings.order_by("pk").values("image", "stars", "at")),
    }


def _collection(row: Collection) -> dict[str, Any]:
    facts = ("name", "description", "audience", "created_at")
    keys = Placed.objects.of(row).by_hand().values_list("image", flat=True)
    return {name: getattr(row, name) for name in facts} | {"images": list(keys)}


def _webhook(row: Webhook) -> dict[str, Any]:
    told = row.deliveries.order_by("pk").values("kind", "generation", "state", "tries", "created_at")
    return {"url": row.url, "kinds": row.kinds, "made_at": row.made_at, "deliveries": list(told)}


def _prompts(person: User) -> Iterator[dict[str, Any]]:
    for row in Prompt.objects.filter(author=person).order_by("pk").iterator():
        shared = row.shared_at is not None
        yield {"written_at": row.created_at, "run_at": row.run_at, "shared": shared, "text": row.text}


def _images(person: User) -> Iterator[Image]:
    rows = Image.objects.owned_by(person).visible_to(person).select_related("generation__prompt")
    return rows.order_by("pk").iterator(100)


def _add_picture(archive: ZipFile, image: Image) -> dict[str, Any]:
    """Copy a picture in pieces, as it is: it is compressed already; one whose file is lost is listed without a name."""
    name = f"pictures/{image.saved_at:%Y-%m-%d} {image.filename}"
    try:
        with default_storage.open(image.key) as source, archive.open(_entry(name, image), "w") as target:
            shutil.copyfileobj(source, target, BLOCK)
    except OSError:
        name = ""
    return {
        "file": name,
        "kept_at": image.saved_at,
        "shared": image.shared,
        "trashed": image.in_trash,
        "sha256": image.sha256,
        "prompt": image.generation.prompt.text,
        "old_name": image.old_name or "",
        "alt_text": image.alt_text,
    }


def _entry(name: str, image: Image) -> ZipInfo:
    entry = ZipInfo(name, image.saved_at.timetuple()[:6])
    entry.compress_type = ZIP_STORED
    return entry


def _add_json(archive: ZipFile, name: str, facts: Any) -> None:
    archive.writestr(name, json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))


def _add_csv(archive: ZipFile, name: str, columns: tuple[str, ...], rows: Iterable[dict[str, Any]]) -> None:
    lines = spreadsheets.lines([columns, *([row[column] for column in columns] for row in rows)])
    archive.writestr(name, "".join(lines))
