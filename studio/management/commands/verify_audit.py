"""Looks whether anybody has meddled with the audit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.services import audit


class Command(BaseCommand):
    """manage.py verify_audit"""

    help = "Follow the chain of the audit and name the first entry that does not follow the one before it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="NUMBER:HASH noted at an earlier run: it must still be there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = audit.verify(head=options["head"])
        if found.broken:
            entry = found.broken
            raise CommandError(
                f"Broken at entry {entry.seq} ({entry.action}, {entry.at:%Y-%m-%d %H:%M:%S} UTC)."
            )
        if found.cut_off:
            raise CommandError(
                f"Entry {options['head']} is not there any more: the end was cut off or written anew."
            )
        self.stdout.write(f"{found.count} entries, unbroken.")
        self.stdout.write(f"Keep this elsewhere, for the next --head: {found.count}:{found.head}")
