"""Fills a studio with people, prompts and pictures to look at, through the real pipeline."""

import socket
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from uuid import uuid4
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application

from studio.models import Generation, Image, ImageModel, Role, User
from studio.services import accounts, generations, images
from studio.services.drawing import run, thumbnails
from studio.services.orders import Order

PASSWORD = "look-at-the-pictures"  # noqa: S105  (printed below: a demo is no secret)
PEOPLE = [("Alice Brandt", Role.ADMINISTRATOR), ("Bob Okafor", Role.MEMBER), ("Charlie Ito", Role.MEMBER),
          ("Mona Reyes", Role.MODERATOR)]  # fmt: skip
SQUARE, WIDE, TALL = "1024x1024", "1792x1024", "1024x1792"
PROMPTS = [
    ("A red fox in the snow at dusk, woodblock print", SQUARE, 2),
    ("Wide violet ridges over still water at dusk, the last warm light on the horizon, calm", WIDE, 2),
    ("Ink wash mountains, one red sun, lots of empty paper", SQUARE, 3),
    ("A futuristic city at night, neon lights, rain-slicked streets", WIDE, 2),
    ("A dense pine forest at dusk, oil painting, dramatic light, muted earth tones", TALL, 2),
    ("A meadow of poppies and cornflowers in summer, gouache", WIDE, 2),
    ("Calm sea under a full moon, silver light on the water", SQUARE, 2),
    ("Portrait of an old sailor in profile, golden hour", TALL, 1),
    ("Red desert dunes at golden hour, long shadows, minimal poster", WIDE, 1),
    ("Abstract composition in teal and gold", SQUARE, 2),
    ("Snowy village in winter, blue hour, pixel art", SQUARE, 1),
    ("A single birch in autumn fog", TALL, 1),
    ("A watercolor painting of a mountain lake at dawn, low mist, soft light from the left", SQUARE, 4),
]


class Server(ThreadingMixIn, WSGIServer):
    """Answers the sandbox's calls while the demo runs."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def sandbox_at_port() -> Iterator[None]:
    """Serve the sandbox at the studio's own port, unless the studio runs there already."""
    with closing(socket.socket()) as probe:
        if probe.connect_ex(("127.0.0.1", settings.PORT)) == 0:
            yield
            return
    server = make_server("127.0.0.1", settings.PORT, get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class Command(BaseCommand):
    """manage.py demo"""

    help = "Fill the studio with people, prompts and pictures to look at (sandbox relay, no cost)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--pictures", type=int, default=1000, help="Stop after about this many")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX:
            raise CommandError("The demo draws with the sandbox relay: set STUDIO_SANDBOX=yes.")
        call_command("up", prepare_only=True, stdout=self.stdout)
        people = self.people()
        with sandbox_at_port():
            self.draw(people, options["pictures"])
        self.stdout.write(
            f"Sign in as {people[0].email} with the password {PASSWORD} (the others have it too)."
        )

    def people(self) -> list[User]:
        """Return the demo's people; the first one opens the studio if nobody has."""
        made = []
        for name, role in PEOPLE:
            email = f"{name.split()[0].lower()}@demo.example"
            person = User.objects.filter(email=email).first()
            if person is None and not accounts.is_open():
                person = accounts.create_first_administrator(email=email, name=name, password=PASSWORD)
            made.append(person or User.objects.create_user(email, PASSWORD, name=name, role=role))
        return made

    def draw(self, people: list[User], most: int) -> None:
        model = ImageModel.objects.usable().get(model_id="sandbox-flux")
        drawn = 0
        for number, (text, size, n) in enumerate(PROMPTS):
            if drawn >= most:
                break
            person, wanted = people[number % len(people)], {"size": size, "seed": 11 * number + 3}
            order = Order(model=model, text=text, n=n, shared=True, settings=wanted)
            row = generations.submit(person=person, submission_id=uuid4(), order=order)
            mine = Generation.objects.filter(pk=row.pk)
            while mine.active().exists():
                run.run_next(rows=mine)
            drawn += n
            self.stdout.write(f"  {text}")
        for image in Image.objects.undeveloped():
            thumbnails.develop(pk=image.pk)
        for position, image in enumerate(Image.objects.kept().order_by("pk")):
            if position % 3 == 0:
                images.favourite(image=image, person=people[(position + 1) % len(people)], liked=True)
