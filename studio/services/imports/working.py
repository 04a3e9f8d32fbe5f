"""Works an import off, picture by picture; each is looked at as a relay’s would be (SAFETY §3).

A picture's bytes are stored before its rows are written, and its rows count it in the same transaction: a worker that
dies leaves at most a file that no row knows, and the next one goes on behind the last that was counted.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.utils import timezone

from studio.cleaning import clean_text
from studio.db import release_connection, write_transaction
from studio.errors import StudioError
from studio.media import archives, names, recipes
from studio.media.archives import LARGEST_TABLE, Archive, BadArchive, Member
from studio.media.inspect import PictureFacts, UnusableImage, look
from studio.media.recipes import Recipe
from studio.models import Generation, Image, Import, ImportState, NoticeKind, Slot, SlotState, State
from studio.models.ids import id_at, storage_token
from studio.models.images import OLD_NAME_LENGTH
from studio.models.imports import NAMED
from studio.relays.settings import TEXT_LENGTH
from studio.search.alike import same_bytes
from studio.search.parse import indexed
from studio.services import audit, collections, notices, prompts, reviews
from studio.services.drawing import thumbnails
from studio.services.drawing.rows import Overtaken
from studio.services.imports import tables
from studio.services.imports.origins import Origins
from studio.services.imports.tables import PromptTable, ToldOf
from studio.services.screening import gate
from studio.storages import LocalFile
from studio.words import Reason

logger = logging.getLogger(__name__)

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""What says to be older is a clock that was never set."""


UNFIT = {
    "unusable": "import_unusable",
    "gif": "import_gif",
    "svg": "import_svg",
    "animated": "import_animated",
    "too_many_pixels": "import_too_many_pixels",
}
"""What the first look says of a file → the code of the sentence."""


class NotKept(Exception):
    """A picture that is not kept, and why."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.code)
        self.why = why


def work(*, pk: UUID | str) -> bool:
    """Work off an import that waits or was left behind; say whether it came to its end here."""
    row = _claimed(pk)
    if row is None:
        return False
    if not row.key:
        return end(row, ImportState.STOPPED, Reason("import_left_behind"))
    try:
        with tempfile.TemporaryDirectory(dir=room(), prefix="import-") as folder:
            return _open_and_work(row, Path(folder))
    except Overtaken:
        return False
    except Exception:
        with write_transaction():
            Import.objects.worked_by(row).move(ImportState.WORKING, to=ImportState.WAITING)
        raise


def _open_and_work(row: Import, folder: Path) -> bool:
    try:
        archive = archives.opened(_fetched(row.key, folder / "archive"))
        beside = [_fetched(row.table_key, folder / "table")] if row.has_table else []
        with closing(archive):
            return bring_all(row, archive, folder, beside=beside)
    except BadArchive as error:
        return end(row, ImportState.FAILED, Reason(error.code, **error.facts))


def bring_all(row: Import, archive: Archive, folder: Path, *, beside: list[Path]) -> bool:
    """Bring in what is left of an archive; `beside` are tables that came with it. BadArchive for one of no use."""
    members, table = archives.pictures(archive), _table(archive, folder, beside)
    if not members:
        raise BadArchive("import_no_pictures")
    Import.objects.worked_by(row).update(total=len(members))
    bringing = Bringing(row, archive, table, folder / "picture")
    for member in members[row.done :]:
        bringing.bring(member)
        release_connection()
    return end(row, ImportState.DONE)


def end(row: Import, state: ImportState, why: Reason | None = None) -> bool:
    """Write down how it ended and tell its person; raises Overtaken where it is not ours any more."""
    with write_transaction():
        ours = Import.objects.worked_by(row)
        if not ours.move(ImportState.WORKING, to=state, why=why, ended_at=Now(), key="", claim=""):
            raise Overtaken
        now = Import.objects.get(pk=row.pk)
        counts = {name: getattr(now, name) for name in ("kept", "same", "refused")}
        audit.record(actor=row.owner, action="images.imported", subject=row.pk, state=state, **counts)
        notices.tell(person=row.owner, kind=NoticeKind.IMPORTED, at=str(row.pk), **counts)
    for key in row.keys:
        default_storage.delete(key)
    return True


def take(row: Import) -> None:
    """Claim a new import for this process, which has its pictures on a disk of its own."""
    row.claim, row.state = storage_token(), ImportState.WORKING
    with write_transaction():
        Import.objects.filter(pk=row.pk).move(ImportState.COMING, to=ImportState.WORKING, claim=row.claim)


def _claimed(pk: UUID | str) -> Import | None:
    rows, claim = Import.objects.filter(pk=pk), storage_token()
    with write_transaction():
        old = (ImportState.WAITING, ImportState.WORKING)
        if not rows.forgotten().move(*old, to=ImportState.WORKING, claim=claim):
            return None
    return rows.select_related("owner", "collection").get()


def _fetched(key: str, path: Path) -> Path:
    """Return the stored file itself, or a copy of what a bucket holds."""
    try:
        return Path(default_storage.path(key))
    except NotImplementedError:
        with default_storage.open(key) as source, path.open("wb") as target:
            for chunk in source.chunks():
                target.write(chunk)
        return path


def _table(archive: Archive, folder: Path, beside: list[Path]) -> PromptTable:
    def found() -> Iterator[tuple[str, Path]]:
        yield from (("table.csv", path) for path in beside)
        for member in archives.tables(archive):
            archive.copy(member, folder / "inner.csv", most=LARGEST_TABLE)
            yield member.name, folder / "inner.csv"

    return tables.read(found())


def room() -> Path:
    folder = Path(settings.SPOOL_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


class Bringing:
    """One import at work; `path` is where each picture lies while it is looked at."""

    def __init__(self, row: Import, archive: Archive, table: PromptTable, path: Path) -> None:
        self.row, self.archive, self.table, self.path = row, archive, table, path
        self.problems = list(row.problems)
        self.origins = Origins()

    def bring(self, member: Member) -> None:
        """Keep one picture, or write down why not."""
        try:
            self._bring(member)
        except NotKept as refused:
            self._refuse(member, refused.why)
        except BadArchive as error:
            self._refuse(member, Reason(error.code, **error.facts))
        except UnusableImage as error:
            self._refuse(member, Reason(UNFIT.get(error.kind, UNFIT["unusable"])))
        except StudioError as error:
            self._refuse(member, error.why)

    def _bring(self, member: Member) -> None:
        self.archive.copy(member, self.path)
        facts = look(self.path)
        if self._is_here(facts):
            return self._step(same=1)
        recipe, line = recipes.read(self.path, facts.media_type), self.table.line(member.name)
        text, wordless = _text(member, recipe, line)
        chosen = _settings(recipe, line)
        _check(text, chosen, line.text("alt"))
        at = _moment(line.at or member.at)
        model = self.origins.model(line.text("model") or recipe.model)
        row = Generation(
            pk=id_at(at), owner=self.row.owner, model=model, brought=self.row, submission_id=uuid4(), n=1,
            settings=chosen, shared=self.row.shared, collection=self.row.collection, state=State.DONE, version=1,
            month=timezone.localdate(at).replace(day=1), created_at=at, settled_at=timezone.now(),
        )  # fmt: skip
        old_name = clean_text(PurePosixPath(member.name).name)[-OLD_NAME_LENGTH:]
        self._keep(row, facts, text, clean_text(line.text("alt")), old_name, wordless=wordless)

    def _is_here(self, facts: PictureFacts) -> bool:
        """Say whether their person has the same bytes already; what moderators removed does not come back this way."""
        found = same_bytes(Image.objects.owned_by(self.row.owner), facts.sha256)
        if found and found.removed_at:
            raise NotKept(Reason("import_removed"))
        return found is not None

    def _keep(
        self, row: Generation, facts: PictureFacts, text: str, alt: str, old_name: str, *, wordless: bool
    ) -> None:
        key = names.original(row.token, row.pk, 0, facts.extension)
        with LocalFile(self.path, content_type=facts.media_type) as content:
            default_storage.save(key, content)
        try:
            with write_transaction():
                self._step(kept=1, wordless=int(wordless))
                image = self._write(row, facts, key, text, alt, old_name)
        except BaseException:
            default_storage.delete(key)
            raise
        thumbnails.develop_quietly(image.pk)

    def _write(
        self, row: Generation, facts: PictureFacts, key: str, text: str, alt: str, old_name: str
    ) -> Image:
        """Write the rows of a kept picture, as if it had been asked for when it was made."""
        at = row.created_at
        row.prompt = prompts.recall(author=row.owner, text=text, shared=row.shared, at=at)
        row.save(force_insert=True)
        Slot.objects.create(generation=row, index=0, state=SlotState.SAVED)
        image = Image.objects.create(
            pk=id_at(at), generation=row, owner=row.owner, model=row.model, index=0, key=key, alt_text=alt,
            media_type=facts.media_type, width=facts.width, height=facts.height, byte_size=facts.byte_size,
            sha256=facts.sha256, words=indexed(text, alt), shared=row.shared, old_name=old_name,
        )  # fmt: skip
        collections.receive(generation=row, index=0)
        if row.shared:
            reviews.hold_back(generation=row)
        return image

    def _refuse(self, member: Member, why: Reason) -> None:
        if len(self.problems) < NAMED:
            self.problems.append([clean_text(member.name)[-200:], why.code, why.values])
        with write_transaction():
            self._step(refused=1)
            Import.objects.filter(pk=self.row.pk).update(problems=self.problems)

    def _step(self, **counts: int) -> None:
        if not Import.objects.all().step(self.row, **counts):
            raise Overtaken


def _text(member: Member, recipe: Recipe, line: ToldOf) -> tuple[str, bool]:
    """Return the prompt, and whether the name of the file stands in for it."""
    text = clean_text(line.text("prompt") or recipe.prompt).strip()
    if text:
        return text, False
    stem = PurePosixPath(member.name).stem.replace("_", " ")
    return clean_text(stem).strip()[:TEXT_LENGTH] or "Untitled", True


def _settings(recipe: Recipe, line: ToldOf) -> dict[str, Any]:
    told = {
        name: line.text(name) for name in ("negative_prompt", "seed", "steps", "guidance") if line.text(name)
    }
    both = dict(recipe.settings) | recipes.settings_of(told)
    return {name: clean_text(value) if isinstance(value, str) else value for name, value in both.items()}


def _check(text: str, chosen: dict[str, Any], alt: str) -> None:
    """Refuse what the studio's own forms would: too long a text, and what its rules would hold or block."""
    if max(len(text), len(chosen.get("negative_prompt", ""))) > TEXT_LENGTH:
        raise NotKept(Reason("import_prompt_long", most=TEXT_LENGTH))
    findings = gate.screen(gate.texts_of(text, chosen))
    if findings.stops:
        raise NotKept(Reason("import_stopped_by_rule", why=findings.why))
    gate.check_names(alt, str(chosen.get("sampler", "")), param="alt")


def _moment(told: datetime | None) -> datetime:
    """Return when it was made, as far as that can be true."""
    now = timezone.now()
    return told if told and EARLIEST < told < now else now
