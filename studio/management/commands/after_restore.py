"""To be run once on a restored copy, before the studio is started."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.errors import StudioError
from studio.models import State
from studio.services.drawing import restoration


class Command(BaseCommand):
    """manage.py after_restore"""

    help = "Let nothing that waited when a backup was made be sent again by itself; its people are asked."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ended = restoration.after_restore()
        except StudioError as error:
            raise CommandError(error.sentence) from None
        self.stdout.write(f"Waited when the copy was made, and now ask their person: {ended[State.QUEUED]}")
        self.stdout.write(f"Were at a relay, so contact is lost: {ended[State.UNKNOWN]}")
        self.stdout.write(f"Answers that are here and will be saved: {ended[State.RECEIVED]}")
