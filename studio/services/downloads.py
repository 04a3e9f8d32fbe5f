"""Sends many pictures as one ZIP that is made while it leaves: no part of it is held, in memory or on the disk.

With each picture goes its receipt (JSON), and at the end a list of all (CSV). The rights are read anew for every few
pictures: what is taken back meanwhile is left out, and for somebody who is suspended it breaks off (SAFETY T13).
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator
from itertools import batched
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models.functions import Now
from django.utils import timezone

from studio import spreadsheets
from studio.db import release_connection, write_transaction
from studio.errors import TooMany
from studio.media import inscriptions
from studio.media.inscriptions import Inscription
from studio.models import Download, Image, Selection, User
from studio.services import audit, receipts, selections
from studio.words import Reason

logger = logging.getLogger(__name__)

TOGETHER = 50
"""Pictures whose rows are read at once."""

SAID_EVERY = 1.0
"""Seconds between two words on how far it is."""

AT_ONCE = 2
COLUMNS = ("file", "beside", "made_at", "person", "model", "width", "height", "type", "sha256", "prompt")
"""Of the manifest; `beside` names the XMP file of a picture that was left as it is."""

MARK = b"\xef\xbb\xbf"
"""Without it spreadsheets take UTF-8 for Latin-1."""


class BrokenOff(Exception):
    """Raised inside a download whose person may have nothing any more: the connection ends, the ZIP is no ZIP."""


def start(*, selection: Selection, with_prompts: bool) -> Download:
    """Let a selection be fetched as a ZIP, with or without the prompts inside the files."""
    total = len(selections.pks_of(selection))
    with write_transaction():
        row = Download.objects.create(
            person=selection.person, selection=selection, with_prompts=with_prompts, total=total
        )
        audit.record(actor=selection.person, action="images.downloaded", subject=row.pk, n=total)
    return row


def send(download: Download) -> Iterator[bytes]:
    """Yield the ZIP; raises TooMany at once while two others of this person are on their way."""
    others = Download.objects.filter(person=download.person).running().exclude(pk=download.pk)
    if others.count() >= AT_ONCE:
        raise TooMany(Reason("two_downloads"), retry_after=60)
    pks = selections.pks_of(download.selection)
    _say(download, moved_at=Now(), done=0, sent=0, total=len(pks), ended_at=None)
    return _told(download, pks)


def _told(download: Download, pks: list[UUID]) -> Iterator[bytes]:
    """Pass the ZIP on, and say every second how far it is."""
    done = sent = 0
    said = time.monotonic()
    try:
        for done, piece in _zip(download, pks):
            sent += len(piece)
            yield piece
            if time.monotonic() - said > SAID_EVERY:
                _say(download, moved_at=Now(), done=done, sent=sent)
                said = time.monotonic()
    except BaseException:  # also when the browser went away: it can be fetched again at once
        _say(download, moved_at=None, done=0, sent=0)
        raise
    _say(download, moved_at=Now(), done=done, sent=sent, ended_at=Now())


def _say(download: Download, **facts: Any) -> None:
    with write_transaction():
        Download.objects.filter(pk=download.pk).update(**facts)
    release_connection()


def note(pks: Iterable[UUID]) -> None:
    """Remember that somebody took these pictures along: they were worth their price."""
    rows = Image.objects.filter(pk__in=list(pks), downloaded_at=None)
    if rows.exists():
        with write_transaction():
            rows.update(downloaded_at=Now())
    release_connection()


def with_prompt(image: Image) -> Iterator[bytes]:
    """Yield one picture with its prompt inside; raises FileNotFoundError at once. One that is sealed stays as it is."""
    file = default_storage.open(image.key)
    file.read(1)  # from a bucket nothing has come before
    pieces = inscriptions.inscribed(file, image.media_type, _inscription(image))
    return _read(file, pieces or inscriptions.whole(file))


def _read(file: IO[bytes], pieces: list[inscriptions.Piece]) -> Iterator[bytes]:
    with file:
        yield from inscriptions.read(file, pieces)


# The ZIP


class _Outbox:
    """What the ZIP is written to; it holds little, since that is taken after every block."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def take(self) -> bytes:
        pieces, self.pieces = self.pieces, []
        return b"".join(pieces)


def _zip(download: Download, pks: list[UUID]) -> Iterator[tuple[int, bytes]]:
    """Yield the ZIP in pieces, each with how many pictures are in it so far; the manifest comes last."""
    outbox, names, done = _Outbox(), set[str](), 0
    with TemporaryFile(dir=_room()) as manifest, ZipFile(outbox, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        manifest.write(MARK + _line(COLUMNS))
        for image in _images(download.person, pks):
            entry = _Entry(archive, image, _name(image, names), download.person)
            for _ in entry.add(with_prompts=download.with_prompts):
                yield done, outbox.take()
            manifest.write(_line(entry.facts.values()))
            done += 1
            yield done, outbox.take()
        manifest.seek(0)
        with archive.open("manifest.csv", "w") as target:
            while block := manifest.read(inscriptions.BLOCK):
                target.write(block)
                yield done, outbox.take()
    yield done, outbox.take()


def _images(person: User, pks: list[UUID]) -> Iterator[Image]:
    for some in batched(pks, TOGETHER):
        now = User.objects.filter(pk=person.pk, is_active=True).first()
        if now is None:
            raise BrokenOff
        rows = Image.objects.visible_to(now).filter(pk__in=some).with_file_data()
        found = {row.pk: row for row in rows}
        release_connection()
        yield from (found[pk] for pk in some if pk in found)
        note(found)


class _Entry:
    """One picture in the ZIP: its file, what lies beside it, its receipt, its line in the manifest."""

    def __init__(self, archive: ZipFile, image: Image, name: str, reader: User) -> None:
        self.archive, self.image, self.name, self.reader = archive, image, name, reader
        self.facts = dict.fromkeys(COLUMNS, "") | _facts(image)

    def add(self, *, with_prompts: bool) -> Iterator[None]:
        """Write it block by block; one whose file is lost has its receipt alone."""
        try:
            with default_storage.open(self.image.key) as file:
                file.read(1)  # from a bucket nothing has come before
                yield from self._add_file(file, _inscription(self.image) if with_prompts else None)
        except FileNotFoundError:
            logger.error("storage.missing image=%s", self.image.pk)
        receipt = json.dumps(
            receipts.of_one(self.image, reader=self.reader),
            cls=DjangoJSONEncoder,
            ensure_ascii=False,
            indent=2,
        )
        self.archive.writestr(self._info(f"receipts/{self.name}.json", ZIP_DEFLATED), receipt)

    def _add_file(self, file: IO[bytes], words: Inscription | None) -> Iterator[None]:
        name = f"pictures/{self.name}.{self.image.extension}"
        pieces = inscriptions.inscribed(file, self.image.media_type, words) if words else None
        with self.archive.open(self._info(name, ZIP_STORED), "w") as target:
            for block in inscriptions.read(file, pieces or inscriptions.whole(file)):
                target.write(block)
                yield
        self.facts["file"] = name
        if words and pieces is None:
            self.facts["beside"] = beside = f"pictures/{self.name}.xmp"
            self.archive.writestr(self._info(beside, ZIP_DEFLATED), inscriptions.sidecar(words))

    def _info(self, name: str, way: int) -> ZipInfo:
        info = ZipInfo(name, timezone.localtime(self.image.saved_at).timetuple()[:6])
        info.compress_type = way
        info.external_attr = 0o600 << 16
        return info


def _facts(image: Image) -> dict[str, Any]:
    return {
        "made_at": image.saved_at.isoformat(timespec="seconds"),
        "person": image.owner,
        "model": _model(image),
        "width": image.width,
        "height": image.height,
        "type": image.media_type,
        "sha256": image.sha256,
        "prompt": image.generation.prompt.text,
    }


def _inscription(image: Image) -> Inscription:
    text = image.generation.prompt.text
    made_at = image.saved_at.isoformat(timespec="seconds")
    return Inscription(prompt=text, alt=image.alt_text or text, made_at=made_at, made_with=_model(image))


def _model(image: Image) -> str:
    """Return which model drew it; nothing while a comparison is blind."""
    drawn_by = image.generation.drawn_by
    return "" if receipts.hides_models(image.generation) else f"{drawn_by.label}, {drawn_by.relay.name}"


def _name(image: Image, taken: set[str]) -> str:
    """Return what the picture is called in the ZIP, without an ending; no two are called the same."""
    name = f"{timezone.localdate(image.saved_at)} {image.filename.rpartition('.')[0]}"
    if name in taken:
        name = f"{name} {image.pk.hex}"
    taken.add(name)
    return name


def _room() -> Path:
    """Return where the manifest waits, in a file without a name: it comes last, and prompts may be long."""
    folder = Path(settings.SPOOL_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _line(cells: Iterable[object]) -> bytes:
    return next(spreadsheets.lines([cells])).encode()
