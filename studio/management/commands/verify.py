"""Proves that everything is as it should be: of this studio, or of a backup."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from studio.errors import StudioError
from studio.services.backups import checking


class Command(BaseCommand):
    """manage.py verify [FOLDER] [--contents]"""

    help = (
        "Check this studio's audit, books and files, or read a whole backup; 1 when something is not right."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", type=Path, nargs="?", help="A backup, or the folder of several: then the newest"
        )
        parser.add_argument(
            "--contents", action="store_true", help="Read every original of this studio as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["folder"]:
            self.verify_backup(options["folder"])
        else:
            self.verify_studio(contents=options["contents"])

    def verify_studio(self, *, contents: bool) -> None:
        """Run all checks, also after one that fails."""
        wrong = []
        for name, more in (
            ("verify_audit", {}),
            ("verify_ledger", {}),
            ("verify_media", {"contents": contents}),
        ):
            try:
                call_command(name, stdout=self.stdout, stderr=self.stderr, **more)
            except CommandError as error:
                wrong.append(f"{name}: {error}")
        if wrong:
            raise CommandError("\n".join(wrong))

    def verify_backup(self, folder: Path) -> None:
        try:
            found = checking.check(folder)
        except (StudioError, OSError) as error:
            raise CommandError(getattr(error, "sentence", str(error))) from None
        self.stdout.write(f"{found.folder}, made at {found.label.made_at}: the database is whole.")
        for key in found.damaged:
            self.stdout.write(f"  missing or damaged: {key}")
        if found.damaged:
            raise CommandError(f"{len(found.damaged):,} of {found.files:,} files are not as they were.")
        said = "every file is as it was" if found.label.with_files else "its files are in the storage alone"
        self.stdout.write(f"{found.label.files:,} files, {filesizeformat(found.label.size)}: {said}.")
