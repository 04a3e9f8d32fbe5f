"""A SQLite database as one file, copied page by page by SQLite itself while others read and write."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.db import connection

FILE = "database.sqlite3"
PATIENCE = 20.0


def dump(folder: Path) -> dict[str, int]:
    """Copy the database as it is at this moment; nobody who writes meanwhile is kept waiting."""
    path = folder / FILE
    path.touch(mode=0o600)
    with closing(_open(_here(), "rw")) as original, closing(_open(path, "rw")) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole without a second one
    return {}


def check(folder: Path) -> bool:
    """Tell whether SQLite finds its file whole."""
    with closing(_open(folder / FILE, "ro")) as copy:
        return bool(copy.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))


def load(folder: Path, migrations: list[list[str]]) -> None:
    """Put the copy in the place of all that is here, in one transaction of SQLite's."""
    connection.close()
    with closing(_open(folder / FILE, "ro")) as copy, closing(_open(_here(), "rwc")) as here:
        here.execute("BEGIN IMMEDIATE")  # fails while somebody writes; the copying itself would wait for ever
        here.rollback()
        copy.backup(here)


def _here() -> Path:
    return Path(connection.settings_dict["NAME"])


def _open(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE)
