"""Makes a backup of the whole studio while it runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from studio.errors import StudioError
from studio.services.backups import making


class Command(BaseCommand):
    """manage.py backup FOLDER [--keep 14] [--without-files]"""

    help = "Make a backup of database, spool and files; only files that no earlier backup has are copied."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="Where backups lie, best on another disk or machine")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="Delete all but the newest N afterwards"
        )
        parser.add_argument(
            "--without-files",
            action="store_true",
            help="Only list the files: their storage has backups of its own",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = making.make(place=options["folder"], with_files=not options["without_files"])
            gone = (
                making.forget(place=options["folder"], keep=options["keep"])
                if options["keep"] > 0
                else (0, 0)
            )
        except (StudioError, OSError) as error:
            raise CommandError(getattr(error, "sentence", str(error))) from None
        label = made.label
        self.stdout.write(f"Backup: {made.folder}")
        self.stdout.write(
            f"Files: {label.files:,}, {filesizeformat(label.size)}; new since the last: {made.copied:,}"
        )
        if any(gone):
            self.stdout.write(f"Deleted: backups {gone[0]:,}, files that only those had {gone[1]:,}")
        self.stdout.write(f"Keep elsewhere, for verify_audit --head: {label.audit}")
        self.stdout.write(
            "Not in it: field_keys and secret_key of the state folder. Keep them in another place."
        )
