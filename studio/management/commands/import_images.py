"""Brings in pictures that were made elsewhere, from a folder or a ZIP of this machine."""

import tempfile
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.media import archives
from studio.media.archives import BadArchive
from studio.models import Collection, Import, ImportState, User
from studio.services import collections
from studio.services.imports import asking, working
from studio.words import Reason


class Command(BaseCommand):
    """manage.py import_images PATH --person ADDRESS [--prompts FILE] [--collection NAME] [--shared]"""

    help = (
        "Bring pictures in from a folder or a ZIP. Prompt, model and settings are read out of the files and out of CSV "
        "tables beside them; what their person has already is not taken twice, so it can be run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="A folder, with all that is below it, or a ZIP")
        parser.add_argument(
            "--person", required=True, help="Address of the person whose pictures they become"
        )
        parser.add_argument("--prompts", type=Path, help="A CSV with the columns file and prompt")
        parser.add_argument(
            "--collection", help="Name of a collection they may add to; it is made if there is none"
        )
        parser.add_argument("--shared", action="store_true", help="The team sees them, with their prompts")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"{path} is not there.")
        try:
            row = self.bring(path, options)
        except (StudioError, BadArchive) as error:
            why = error.why if isinstance(error, StudioError) else Reason(error.code, **error.facts)
            raise CommandError(why.said()) from None
        self.tell(row)

    def bring(self, path: Path, options: dict[str, Any]) -> Import:
        person = self.person(options["person"])
        into = self.collection(options["collection"], person)
        beside = [options["prompts"]] if options["prompts"] else []
        with (
            closing(archives.opened(path)) as archive,
            tempfile.TemporaryDirectory(dir=working.room()) as folder,
        ):
            row = asking.open_row(person=person, name=path.name, shared=options["shared"], collection=into)
            working.take(row)
            try:
                working.bring_all(row, archive, Path(folder), beside=beside)
            except BaseException:
                Import.objects.filter(pk=row.pk).move(ImportState.WORKING, to=ImportState.STOPPED, claim="")
                raise
        row.refresh_from_db()
        return row

    def person(self, address: str) -> User:
        person = User.objects.filter(email=address.lower(), is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody who can sign in has the address {address}.")
        return person

    def collection(self, name: str | None, person: User) -> Collection | None:
        if not name:
            return None
        found = Collection.objects.addable_by(person).filter(name=name).last_used_first().first()
        return found or collections.create(person=person, name=name)

    def tell(self, row: Import) -> None:
        self.stdout.write(f"{row.kept:,} kept, {row.same:,} were here already, {row.refused:,} not kept.")
        if row.wordless:
            self.stdout.write(f"{row.wordless:,} had no prompt: the names of their files stand for them.")
        for name, code, values in row.problems:
            self.stdout.write(f"  {name}: {Reason(code, **values)}")
