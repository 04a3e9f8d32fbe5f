"""Makes a token for a person's programs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.models import User
from studio.models.tokens import Delivers, Scope
from studio.services import tokens


class Command(BaseCommand):
    """manage.py create_token --user EMAIL --name N [--scope draw|read] [--days D] [--delivers both|address|data]"""

    help = "Make a token for a person's programs; the last line is the token, which nobody can read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--name", required=True)
        parser.add_argument("--scope", choices=Scope.values, default=Scope.DRAW)
        parser.add_argument("--days", type=int, help="How long it is good; without it until it is revoked")
        parser.add_argument("--delivers", choices=Delivers.values, default=Delivers.BOTH)
        parser.add_argument("--strict", action="store_true", help="Refuse fields that are not known")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody with the address {options['user']} can sign in here.")
        facts = {name: options[name] for name in ("name", "scope", "days", "delivers", "strict")}
        try:
            _row, secret = tokens.make(person=person, **facts)
        except StudioError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(f"{options['name']}, for {person}. Shown once:")
        self.stdout.write(secret)
