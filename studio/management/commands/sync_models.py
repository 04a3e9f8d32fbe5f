"""Reads the model lists of the relays."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.models import Relay
from studio.services.relays import catalogue


class Command(BaseCommand):
    """manage.py sync_models [--relay N]"""

    help = "Read the model list of each relay in use, or of one, and print one line for each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--relay", help="Name of one relay, in use or not")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = self.named(options["relay"]) if options["relay"] else None
        failed = 0
        for relay, outcome in catalogue.sync_all(rows=rows):
            failed += isinstance(outcome, StudioError)
            self.stdout.write(f"{relay.name}: {outcome.sentence}")
        if failed:
            raise CommandError(
                "1 list could not be read." if failed == 1 else f"{failed} lists could not be read."
            )

    def named(self, name: str) -> Any:
        """Return the relay of this name alone."""
        rows = Relay.objects.filter(name=name)
        if not rows:
            names = ", ".join(Relay.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no relay named {name}. Relays: {names}.")
        return rows
