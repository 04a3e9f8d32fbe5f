"""manage.py verify_ledger: counters = sums."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from studio.services import ledger_check


class Command(BaseCommand):
    help = "Prove that every counter of money and images is the sum of its ledger; 1 when one is not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = ledger_check.check()
        for line in found.wrong:
            self.stderr.write(line)
        if found.wrong:
            raise CommandError(f"{len(found.wrong)} of {found.counters:,} counters do not add up.")
        self.stdout.write(f"{found.entries:,} entries, {found.counters:,} counters: everything adds up.")
