"""Draws one generation through the very same services and worker code, and prints the receipt."""

import json
import time
from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.forms.generations import GenerationForm
from studio.models import Generation, ImageModel, User
from studio.relays.settings import SETTINGS, label_of
from studio.services import generations, receipts
from studio.services.drawing import run


class Command(BaseCommand):
    """manage.py draw "PROMPT" --model ID [--relay N] [-n 2] [--size …] [--user EMAIL] [--json]"""

    help = "Draw one generation, wait for it, and print the receipt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prompt")
        parser.add_argument("--model", required=True, help="Id of the model at the relay")
        parser.add_argument("--relay", help="Name of the relay, when several have this model")
        parser.add_argument("-n", type=int, default=1, help="How many images")
        parser.add_argument(
            "--user", help="Address of the person who asks (default: the first administrator)"
        )
        parser.add_argument("--json", action="store_true", help="Print the receipt as JSON")
        for name in SETTINGS:
            parser.add_argument(f"--{name.replace('_', '-')}")

    def handle(self, *args: Any, **options: Any) -> None:
        person = self.person(options["user"])
        form = self.form(self.model(options), person, options)
        try:
            generation = generations.submit(person=person, submission_id=form.known_by, order=form.order)
        except StudioError as error:
            raise CommandError(error.sentence) from None
        self.report(self.finish(generation), as_json=options["json"])

    def form(self, model: ImageModel, person: User, options: dict[str, Any]) -> GenerationForm:
        """Return the composer's form, filled with what was asked; say what is wrong with it."""
        asked = {name: options[name] for name in SETTINGS if options[name] is not None}
        strange = sorted(set(asked) - set(model.accepts))
        if strange:
            raise CommandError(f"{model.label} does not take {', '.join(map(label_of, strange)).lower()}.")
        basic = {
            "submission_id": uuid4(),
            "model": str(model.pk),
            "prompt": options["prompt"],
            "n": options["n"],
        }
        form = GenerationForm.sent(asked | basic, [model], model, person=person)
        if not form.is_valid():
            raise CommandError(" ".join(str(sentence) for said in form.errors.values() for sentence in said))
        return form

    def model(self, options: dict[str, Any]) -> ImageModel:
        """Return the named model; say which there are when the name fits none or several."""
        fitting = ImageModel.objects.usable().filter(model_id=options["model"])
        if options["relay"]:
            fitting = fitting.filter(relay__name=options["relay"])
        found = list(fitting[:2])
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{row.model_id} ({row.relay.name})" for row in ImageModel.objects.usable())
        problem = "Several relays have this model: say --relay." if found else "There is no such model."
        raise CommandError(f"{problem} Models: {known or 'none yet'}.")

    def person(self, email: str | None) -> User:
        people = User.objects.filter(is_active=True)
        person = (
            people.filter(email=email.lower())
            if email
            else people.filter(role="administrator").order_by("pk")
        )
        found = person.first()
        if found is None:
            raise CommandError(
                "There is no such person. Run `make run` and open the first-run link, or say --user."
            )
        return found

    def finish(self, generation: Generation) -> Generation:
        """Work on the row, here or in whichever worker is faster, until it has ended."""
        mine = Generation.objects.filter(pk=generation.pk)
        while mine.active().exists():
            if run.run_next(rows=mine) is None:
                time.sleep(0.2)
        return Generation.objects.with_card_data().get(pk=generation.pk)

    def report(self, generation: Generation, *, as_json: bool) -> None:
        receipt = receipts.of_generation(generation)
        if as_json:
            self.stdout.write(json.dumps(receipt, indent=2, default=str))
        else:
            self.stdout.write(f"{receipt['state']}: {len(receipt['images'])} of {receipt['n']} images")
            for image in receipt["images"]:
                self.stdout.write(f"  {image['width']}×{image['height']}  {image['sha256']}  {image['key']}")
        if generation.why:
            self.stderr.write(generation.why.said())
        if not receipt["images"]:
            raise CommandError("No image was kept.")
