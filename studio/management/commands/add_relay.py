"""Adds a relay, or brings it up to date."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from studio.models import Dialect
from studio.relays.addresses import Refused
from studio.relays.base import check_base_url
from studio.relays.connector import NotConnected
from studio.services import relays


class Command(BaseCommand):
    """manage.py add_relay --name N --dialect D --base-url U --key-env VAR"""

    help = (
        "Add a relay, or bring the one of this name up to date. The key is read from an environment variable."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--dialect", required=True, choices=Dialect.values)
        parser.add_argument("--base-url", required=True)
        parser.add_argument("--key-env", required=True, metavar="VAR", help="The variable that holds the key")

    def handle(self, *args: Any, **options: Any) -> None:
        key = os.environ.get(options["key_env"], "")
        if not key:
            raise CommandError(f"The variable {options['key_env']} is empty: it must hold the relay's key.")
        url = options["base_url"].rstrip("/")
        try:
            check_base_url(url, allow=settings.RELAY_PRIVATE_ALLOW)
            relay = relays.add_relay(
                name=options["name"], dialect=options["dialect"], base_url=url, api_key=key
            )
        except (Refused, NotConnected) as error:
            raise CommandError(
                f"{url} is refused ({error}). Private addresses are off: set RELAY_PRIVATE_ALLOW to allow this "
                "exact host and port."
            ) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(
            f"{relay.name} speaks {relay.dialect} at {relay.base_url}. Add its models: add_model."
        )
