"""Loads the studio once and lets Granian fork its workers from that: they share its memory (a third less in all)."""

import gc
import multiprocessing
import sys
from importlib import import_module

from django.db import connections
from django.urls import get_resolver
from granian.cli import entrypoint


def main() -> None:
    """Load what each worker needs, leave nothing open that a fork must not share, and start Granian.

    The arguments are Granian's own, `config.wsgi:application` or `config.asgi:application` among them.
    """
    target = next(word for word in sys.argv[1:] if word.endswith(":application"))
    import_module(target.partition(":")[0])  # Django and every app
    _ = get_resolver().url_patterns  # the views
    connections.close_all()
    import_module("huey.contrib.djhuey").HUEY.storage.close()  # reads the settings: not before Django
    if sys.platform == "linux":
        multiprocessing.set_start_method("fork")
    gc.collect()
    gc.freeze()  # the collector would write to the shared pages
    entrypoint()


if __name__ == "__main__":
    main()
