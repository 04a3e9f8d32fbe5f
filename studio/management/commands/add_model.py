"""Adds a model of a relay, or brings it up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.models import Relay, Role
from studio.relays.settings import IMAGES_AT_ONCE
from studio.services.relays import edit


class Command(BaseCommand):
    """manage.py add_model --relay N --id M [--size S]… [--quality Q]… [--field F]… [--accepts F=V,V]… [--chat] …"""

    help = (
        "Add a model of a relay, or bring it up to date. What is said here stays when the list is read again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--relay", required=True, help="Name of the relay")
        parser.add_argument("--id", required=True, help="Id of the model at the relay")
        parser.add_argument("--label", default="")
        parser.add_argument(
            "--size", action="append", default=[], help="A size it takes, e.g. 1024x1024; repeat"
        )
        parser.add_argument("--quality", action="append", default=[], help="A quality it takes; repeat")
        parser.add_argument("--field", action="append", default=[], help="Another field, e.g. seed; repeat")
        parser.add_argument(
            "--accepts",
            action="append",
            default=[],
            metavar="FIELD=VALUE,VALUE",
            help="A field and the values it takes, e.g. aspect_ratio=1:1,16:9; repeat",
        )
        parser.add_argument("--max-n", type=int, default=IMAGES_AT_ONCE, help="Images a person may ask for")
        parser.add_argument("--per-call", type=int, default=IMAGES_AT_ONCE, help="Images in one request")
        parser.add_argument("--chat", action="store_true", help="It draws through chat completions")
        parser.add_argument(
            "--role", choices=Role.values, default=Role.MEMBER, help="The least role it is for"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay.objects.filter(name=options["relay"]).first()
        if relay is None:
            names = ", ".join(Relay.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no relay named {options['relay']}. Relays: {names}.")
        accepts = self.accepts(options)
        try:
            model = edit.add_model(
                relay=relay,
                model_id=options["id"],
                label=options["label"],
                accepts=accepts,
                max_n=self.count(options, "max_n"),
                per_call=self.count(options, "per_call"),
                by_chat=options["chat"],
                least_role=options["role"],
            )
        except StudioError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(f"{model.label} of {relay.name} takes: {', '.join(accepts) or 'a prompt only'}.")

    def accepts(self, options: dict[str, Any]) -> dict[str, list[str]]:
        """Return the fields and their values as the model's table keeps them."""
        accepts: dict[str, list[str]] = {field: [] for field in options["field"]}
        for name in ("size", "quality"):
            if options[name]:
                accepts[name] = options[name]
        for text in options["accepts"]:
            name, _, values = text.partition("=")
            accepts[name.strip()] = [value.strip() for value in values.split(",") if value.strip()]
        return accepts

    def count(self, options: dict[str, Any], name: str) -> int:
        value: int = options[name]
        if not 1 <= value <= IMAGES_AT_ONCE:
            raise CommandError(f"--{name.replace('_', '-')} must be between 1 and {IMAGES_AT_ONCE}.")
        return value
