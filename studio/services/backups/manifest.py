"""Which files of the storage a backup has, in a table of SQLite: ten million lines cost no memory, and are readable."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

from studio.services.backups.files import Sum

TABLE = """
CREATE TABLE IF NOT EXISTS file (
    key TEXT PRIMARY KEY, size INTEGER NOT NULL, stored_at TEXT NOT NULL, sha256 TEXT NOT NULL
) WITHOUT ROWID
"""
INDEX = "CREATE INDEX IF NOT EXISTS by_sha256 ON file (sha256)"


class Listed(NamedTuple):
    """One file: its key in the storage, what it comes to, and when it was stored, as the storage says it."""

    key: str
    size: int
    stored_at: str
    sha256: str

    @property
    def file(self) -> Sum:
        return Sum(self.sha256, self.size)


class Manifest:
    """The list of one backup; use it with `with`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        self.table = sqlite3.connect(self.path)
        return self

    def __exit__(self, *error: object) -> None:
        self.table.close()

    def begin(self) -> None:
        """Make the table where it is not; one in memory (`:memory:`) has no file."""
        if self.path.exists():
            self.path.chmod(0o600)
        self.table.execute(TABLE)
        self.table.execute(INDEX)

    def add(self, lines: Iterable[Listed]) -> None:
        with self.table:
            self.table.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", lines)

    def find(self, key: str) -> Listed | None:
        row = self.table.execute("SELECT * FROM file WHERE key = ?", [key]).fetchone()
        return Listed(*row) if row else None

    def has(self, sha256: str) -> bool:
        return bool(self.table.execute("SELECT 1 FROM file WHERE sha256 = ? LIMIT 1", [sha256]).fetchone())

    def __iter__(self) -> Iterator[Listed]:
        return (Listed(*row) for row in self.table.execute("SELECT * FROM file ORDER BY key"))

    def totals(self) -> tuple[int, int]:
        """Return how many files there are, and how long they are together."""
        count, size = self.table.execute("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM file").fetchone()
        return count, size
