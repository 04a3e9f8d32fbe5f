"""Puts a backup back, onto an empty machine or over what is here."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.errors import StudioError
from studio.management import preparing
from studio.models import State
from studio.services.backups import restoring
from studio.services.backups.restoring import Restored


class Command(BaseCommand):
    """manage.py restore FOLDER [--over] [--without-keys]"""

    help = "Restore a backup, or the newest of a folder, with nothing running; nothing is sent to a relay by itself."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="A backup, or the folder of several: then the newest")
        parser.add_argument("--over", action="store_true", help="Replace the studio that is here")
        parser.add_argument(
            "--without-keys", action="store_true", help="Restore though the secrets are other ones"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with preparing.alone(
            waiting=lambda: self.stdout.write("Waiting for another process that prepares it.")
        ):
            try:
                done = restoring.restore(
                    path=options["folder"], over=options["over"], without_keys=options["without_keys"]
                )
            except (StudioError, OSError) as error:
                raise CommandError(getattr(error, "sentence", str(error))) from None
        self.tell(done)
        call_command("verify", stdout=self.stdout, stderr=self.stderr)
        if done.damaged:
            raise CommandError("Not every file could be restored: see above.")

    def tell(self, done: Restored) -> None:
        if done.point:
            self.stdout.write(f"What was here before: {done.point}")
        self.stdout.write(f"Restored: {done.folder}, made at {done.label.made_at}")
        self.stdout.write(f"Files: {done.files:,}")
        for key in done.damaged:
            self.stdout.write(f"  not in the backup, or damaged: {key}")
        waiting = done.waiting
        self.stdout.write(
            f"Waited when it was made, and now ask their person: {waiting.get(State.QUEUED, 0)}"
        )
        self.stdout.write(f"Were at a relay, so contact is lost: {waiting.get(State.UNKNOWN, 0)}")
        self.stdout.write(f"Answers that are here and will be saved: {waiting.get(State.RECEIVED, 0)}")
        self.stdout.write("Everybody signs in again. Letters that waited were dropped.")
