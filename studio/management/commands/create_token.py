"""Makes a token for a person's programs."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.forms.tokens import TokenForm
from studio.models import Period, Unit, User
from studio.models.tokens import Delivers, Gateway, Reach, Scope
from studio.services import tokens

FIELDS = ("name", "scope", "delivers", "reach", "cap", "unit", "period", "gateway", "gateway_header")


class Command(BaseCommand):
    """manage.py create_token --user EMAIL --name N [what the page offers; see --help]"""

    help = "Make a token for a person's programs; the last line is the token, which nobody can read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--scope", choices=Scope.values, default=Scope.DRAW, help="Draw and read, or read"
        )
        parser.add_argument("--days", type=int, help="How long it is good; without it until it is revoked")
        parser.add_argument("--delivers", choices=Delivers.values, default=Delivers.BOTH)
        parser.add_argument("--strict", action="store_true", help="Refuse fields that are not known")
        parser.add_argument(
            "--reach", choices=Reach.values[1:], default="", help="Only models that this role may use"
        )
        parser.add_argument(
            "--cap", default="", metavar="AMOUNT", help="A budget of its own, such as 40 or 12.50"
        )
        parser.add_argument("--unit", choices=Unit.values, default=Unit.IMAGES, help="What the budget counts")
        parser.add_argument(
            "--period", choices=Period.values, default=Period.MONTH, help="When it begins anew"
        )
        parser.add_argument(
            "--gateway", choices=Gateway.values[1:], default="", help="It is shared: a gateway names who asks"
        )
        parser.add_argument("--gateway-header", default="", metavar="NAME", help="The header that names them")
        parser.add_argument(
            "--gateway-key-env", default="", metavar="VAR", help="The variable that holds Open WebUI's key"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody with the address {options['user']} can sign in here.")
        facts = _facts(options) | {"strict": options["strict"], "days": _days(options["days"])}
        try:
            _row, secret = tokens.make(person=person, **facts)
        except StudioError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(f"{options['name']}, for {person}. Shown once:")
        self.stdout.write(secret)


def _facts(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the page's own form makes of the options."""
    data = {name: options[name] for name in FIELDS}
    form = TokenForm(
        data | {"gateway_key": os.environ.get(options["gateway_key_env"], "")}, administrator=True
    )
    if not form.is_valid():
        name, (sentence, *_) = next(iter(form.errors.items()))
        raise CommandError(f"--{name.replace('_', '-')}: {sentence}")
    return form.cleaned_data


def _days(days: int | None) -> int | None:
    if days is not None and not 1 <= days <= 3650:
        raise CommandError("--days is a number from 1 to 3650.")
    return days
