"""Adds a relay, or brings it up to date."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.models import Dialect, Relay
from studio.services.relays import addresses, catalogue, edit


class Command(BaseCommand):
    """manage.py add_relay --name N --dialect D --base-url U --key-env VAR [--no-sync]"""

    help = (
        "Add a relay, or bring the one of this name up to date, and read its models. "
        "The key is read from an environment variable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--dialect", required=True, choices=Dialect.values)
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--key-env", required=True, metavar="VAR", help="The variable that holds the key")
        parser.add_argument("--no-sync", action="store_true", help="Do not read its models now")

    def handle(self, *args: Any, **options: Any) -> None:
        key = os.environ.get(options["key_env"], "").strip()
        if not key:
            raise CommandError(f"The variable {options['key_env']} is empty: it must hold the relay's key.")
        try:
            url = addresses.check(base_url=options["base_url"])
            relay = edit.add_relay(
                name=options["name"], dialect=options["dialect"], base_url=url, api_key=key
            )
        except StudioError as error:
            raise CommandError(error.sentence) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{relay.name} speaks {relay.dialect} at {relay.base_url}.")
        if not options["no_sync"]:
            self.sync(relay)

    def sync(self, relay: Relay) -> None:
        """Read the relay's models; say what to do about those whose row does not tell whether they draw."""
        try:
            found = catalogue.sync(relay=relay)
        except StudioError as error:
            raise CommandError(
                f"The relay is added; its models could not be read. {error.sentence}"
            ) from None
        self.stdout.write(f"{relay.name}: {found.sentence}")
        if found.unknown:
            self.stdout.write("Offer those that draw: tick them on the relay's page, or use add_model.")
