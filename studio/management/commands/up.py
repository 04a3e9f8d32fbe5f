"""Gets the studio ready and starts web, worker and, inside the web process, the sandbox relay."""

import os
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from studio import checks, staticfiles
from studio.errors import StudioError
from studio.management import preparing
from studio.models import schema
from studio.services import accounts
from studio.services.health import STOPPING
from studio.services.relays import defaults, health


class Command(BaseCommand):
    """Migrates, collects static files, makes relays and the first administrator, then runs the Procfile."""

    help = "Prepare and run the studio: web, worker and sandbox relay under one supervisor."
    requires_system_checks = [checks.AT_START]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prepare-only", action="store_true", help="Get everything ready, start nothing")
        parser.add_argument(
            "--only",
            default="",
            metavar="NAME",
            help="Start this line of the Procfile alone; everything is ready",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["only"]:
            self.run_processes(options["only"])
        if not options["prepare_only"]:
            for port in filter(None, (settings.PORT, settings.API_PORT)):
                self.check_port(port)
        with preparing.alone(waiting=self.say_that_it_waits):
            self.check_version()
            call_command("migrate", verbosity=0, interactive=False)
            staticfiles.collect()
            defaults.ensure()
            health.tell_of_lost_keys()
            self.ensure_administrator()
        self.greet()
        if not options["prepare_only"]:
            self.run_processes()

    def check_version(self) -> None:
        """Leave the database of a newer version alone."""
        if MigrationRecorder(connection).has_table() and (why := schema.newer()):
            raise CommandError(why)

    def say_that_it_waits(self) -> None:
        self.stdout.write("Another process is getting this studio ready. Waiting until it is done.")
        self.stdout.flush()

    def check_port(self, port: int) -> None:
        """Say in one sentence that the port is taken, before anything else is done."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, port))
            except OSError:
                raise CommandError(
                    f"Port {port} is taken. Stop what uses it, or choose another: PORT=8001 make run"
                ) from None

    def ensure_administrator(self) -> None:
        """Make the first administrator from the environment, if it names one."""
        if not settings.ADMIN_EMAIL or accounts.is_open():
            return
        name = settings.ADMIN_EMAIL.partition("@")[0].capitalize()
        try:
            accounts.create_first_administrator(
                email=settings.ADMIN_EMAIL, name=name, password=settings.ADMIN_PASSWORD
            )
        except StudioError as error:
            raise CommandError(f"STUDIO_ADMIN_PASSWORD: {error.sentence}") from None

    def greet(self) -> None:
        """Print where to go and how to sign in."""
        self.stdout.write(f"\n  Lightfast is at {settings.STUDIO_URL}/")
        if accounts.is_open():
            self.stdout.write("  Sign in with your address and password.")
        else:
            link = f"{settings.STUDIO_URL}/welcome/{accounts.first_run_token()}/"
            self.stdout.write(f"  Open this link once to become its first administrator:\n  {link}")
        if settings.SANDBOX:
            self.stdout.write("  Pictures come from the built-in sandbox relay (no AI, no key, no cost).")
        self.stdout.write("  Ctrl-C finishes what is being drawn and stops everything.\n\n")
        self.stdout.flush()

    def run_processes(self, *names: str) -> None:
        """Become the supervisor: it ends all when one ends, and lets the worker finish when it is told to stop."""
        environment = os.environ | {
            "PYTHON": sys.executable,
            "HOST": settings.HOST,
            "PORT": str(settings.PORT),
            "LIGHTFAST_API_PORT": str(settings.API_PORT),
        }
        os.chdir(settings.BASE_DIR)
        procfile = str(Path(settings.BASE_DIR) / "Procfile")
        stopping = str(settings.STATE_DIR / STOPPING)
        command = [sys.executable, "-m", "config.supervise", procfile, str(settings.STOP_GRACE), stopping]
        os.execve(sys.executable, [*command, *names], environment)  # noqa: S606
