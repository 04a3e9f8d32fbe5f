"""Serves the sandbox relay in a process of its own: `python -m tests.faults.relay PORT`."""

import logging
import sys

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def main(port: int) -> None:
    settings.ROOT_URLCONF = "tests.faults.urls"
    django.setup()
    logging.disable(logging.WARNING)  # refusals are what the tests order
    settings.MIDDLEWARE = []  # nobody signs in here
    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.daemon_threads = True
    server.set_app(WSGIHandler())
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
