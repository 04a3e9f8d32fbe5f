"""Looks whether every picture has its file and every file its row."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.errors import StudioError
from studio.services import storage_check
from studio.services.storage_check import Found, Mended

SHOWN = 10
"""How many of each kind are named unless all are asked for."""

FINDINGS = {
    "orphans": "Files that no row knows",
    "missing": "Originals that are missing",
    "changed": "Originals that are not as they came",
    "unmade": "Pictures that lack a thumbnail",
    "exports": "Copies of everything that are missing",
}

DONE = {
    "set_aside": "Files set aside",
    "deleted": "Files deleted that were set aside 30 days ago",
    "brought_back": "Originals brought back from there",
    "marked": "Pictures marked as missing",
    "thumbnails": "Pictures that have a thumbnail again",
    "exports": "Copies forgotten, to be asked for again",
}


class Command(BaseCommand):
    """manage.py verify_media [--contents] [--mark | --repair]"""

    help = (
        "Compare the storage with the database, either way; ends with status 1 while something does not fit."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--contents", action="store_true", help="Read every original and compare its SHA-256: takes long"
        )
        parser.add_argument("--mark", action="store_true", help="Only write down which originals are missing")
        parser.add_argument("--repair", action="store_true", help="Mend what can be mended")

    def handle(self, *args: Any, **options: Any) -> None:
        found = storage_check.check(contents=options["contents"])
        self.tell(found, shown=None if options["verbosity"] > 1 else SHOWN)
        if options["mark"]:
            self.stdout.write(f"Pictures marked as missing: {self.done(storage_check.mark, found):,}")
        if options["repair"]:
            found = self.repair(found, contents=options["contents"])
        if not found.is_whole:
            raise CommandError("Not everything fits together.")
        self.stdout.write("Everything fits together.")

    def tell(self, found: Found, *, shown: int | None) -> None:
        self.stdout.write(f"{found.files:,} files, {found.images:,} pictures.")
        for name, words in FINDINGS.items():
            which: Sequence[object] = getattr(found, name)
            self.stdout.write(f"{words}: {len(which):,}")
            for each in which[:shown]:
                self.stdout.write(f"  {each}")

    def done[T](self, do: Callable[[Found], T], found: Found) -> T:
        try:
            return do(found)
        except StudioError as error:
            raise CommandError(error.sentence) from None

    def repair(self, found: Found, *, contents: bool) -> Found:
        """Mend, say what was done, and look again."""
        done: Mended = self.done(storage_check.mend, found)
        for name, words in DONE.items():
            if count := getattr(done, name):
                self.stdout.write(f"{words}: {count:,}")
        return storage_check.check(contents=contents)
