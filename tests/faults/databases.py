"""Databases of their own for rehearsals: real ones that several processes share, empty for each test."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.db import connections

from config.backends import database
from tests import ready


@contextmanager
def using(url: str) -> Iterator[None]:
    """Point this process's default connection, in every thread, at another database."""
    old_settings, old = connections.settings["default"], connections["default"]
    pools = getattr(old, "_connection_pools", {})
    pool = pools.pop("default", None)
    connections.settings["default"] = connections.configure_settings({"default": database(url)})["default"]
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        getattr(connections["default"], "close_pool", lambda: None)()
        connections.settings["default"], connections["default"] = old_settings, old
        if pool:
            pools["default"] = pool


class Files:
    """SQLite: the blank database is a file, and so is each copy."""

    def __init__(self, folder: Path) -> None:
        self.blank = f"sqlite:///{folder / 'blank.sqlite3'}"

    def take_ready(self) -> bool:
        """Take the tables that the run has made already, and say whether it has."""
        return ready.give_file(Path(self.blank.removeprefix("sqlite:///")))

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        path = folder / "studio.sqlite3"
        shutil.copy(self.blank.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"

    @contextmanager
    def backup(self, url: str, folder: Path) -> Iterator[str]:
        path = folder / "backup.sqlite3"
        with connections["default"].cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])
        yield f"sqlite:///{path}"

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        yield f"sqlite:///{folder / 'empty.sqlite3'}"

    def drop(self) -> None:
        """Leave the file to its folder."""


class Server:
    """PostgreSQL: each copy is a database made from the blank one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.blank = self._make(ready.TEMPLATE or "template1")

    def take_ready(self) -> bool:
        return bool(ready.TEMPLATE)

    def _make(self, template: str) -> str:
        return ready.create(self.url, f"rehearsal_{secrets.token_hex(6)}", template=template)

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _drop(self, url: str) -> None:
        self._do(f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        url = self._make(urlsplit(self.blank).path[1:])
        try:
            yield url
        finally:
            self._drop(url)

    @contextmanager
    def backup(self, url: str, folder: Path) -> Iterator[str]:
        connections["default"].close()
        connections["default"].close_pool()  # a template must have no visitors
        copy = self._make(urlsplit(url).path[1:])
        try:
            yield copy
        finally:
            self._drop(copy)

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        url = self._make("template1")
        try:
            yield url
        finally:
            self._drop(url)

    def drop(self) -> None:
        self._drop(self.blank)


def kind(folder: Path) -> Files | Server:
    """Return databases of the kind the run is on."""
    url = os.environ.get("DATABASE_URL", "")
    return Server(url) if url.startswith("postgres") else Files(folder)
