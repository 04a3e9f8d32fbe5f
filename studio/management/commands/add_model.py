"""Adds a model of a relay, or brings it up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.models import Relay
from studio.models.relays import IMAGES_AT_ONCE
from studio.relays import DIALECTS
from studio.services import relays


class Command(BaseCommand):
    """manage.py add_model --relay N --id M [--label L] [--size S]… [--quality Q]… [--field F]… [--max-n 10]"""

    help = "Add a model of a relay, or bring it up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--relay", required=True, help="Name of the relay")
        parser.add_argument("--id", required=True, help="Id of the model at the relay")
        parser.add_argument("--label", default="")
        parser.add_argument(
            "--size", action="append", default=[], help="A size it takes, e.g. 1024x1024; repeat"
        )
        parser.add_argument("--quality", action="append", default=[], help="A quality it takes; repeat")
        parser.add_argument("--field", action="append", default=[], help="Another field, e.g. seed; repeat")
        parser.add_argument("--max-n", type=int, default=IMAGES_AT_ONCE)

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay.objects.filter(name=options["relay"]).first()
        if relay is None:
            names = ", ".join(Relay.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no relay named {options['relay']}. Relays: {names}.")
        accepts = self.accepts(options)
        strange = sorted(set(accepts) - DIALECTS[relay.dialect].fields)
        if strange:
            raise CommandError(f"{relay.name} ({relay.dialect}) does not take: {', '.join(strange)}.")
        if not 1 <= options["max_n"] <= IMAGES_AT_ONCE:
            raise CommandError(f"--max-n must be between 1 and {IMAGES_AT_ONCE}.")
        model = relays.add_model(
            relay=relay,
            model_id=options["id"],
            label=options["label"],
            accepts=accepts,
            max_n=options["max_n"],
        )
        self.stdout.write(f"{model.label} of {relay.name} takes: {', '.join(accepts) or 'a prompt only'}.")

    def accepts(self, options: dict[str, Any]) -> dict[str, list[str]]:
        """Return the fields and their values as the model's table keeps them."""
        accepts: dict[str, list[str]] = {field: [] for field in options["field"]}
        for name in ("size", "quality"):
            if options[name]:
                accepts[name] = options[name]
        return accepts
