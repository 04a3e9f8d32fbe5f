"""What was asked of the sandbox and what it sent: one JSON line per accepted request, for tests that count."""

import json
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from django.conf import settings

LARGE = 5 * 1024 * 1024
"""Bytes after which the ledger begins anew; the one before it is kept, and what came earlier is forgotten."""


def path() -> Path:
    """Return where the ledger lies."""
    return Path(settings.SANDBOX_DIR) / "ledger.jsonl"


def write(
    *,
    dialect: str,
    model: str,
    n: int,
    body: bytes,
    faults: Iterable[str],
    pictures: list[str],
    trace_id: str,
) -> None:
    """Append one line, whole and on disk, also when several processes write at once.

    It is written when the pictures exist and before any waiting: a request that is never answered is there too.
    """
    line = {
        "time": round(time.time(), 3),
        "dialect": dialect,
        "model": model,
        "n": n,
        "body": sha256(body).hexdigest(),
        "pictures": pictures,
        "faults": sorted(faults),
        "id": trace_id,
    }
    path().parent.mkdir(parents=True, exist_ok=True)
    _begin_anew()
    handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, json.dumps(line).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def _begin_anew() -> None:
    """Put a large ledger aside; another process may do the same at this moment."""
    with suppress(FileNotFoundError):
        if path().stat().st_size > LARGE:
            path().replace(_before())


def _before() -> Path:
    return path().with_suffix(".1.jsonl")


def read() -> list[dict[str, object]]:
    """Return all lines, oldest first."""
    found = [file.read_text(encoding="utf-8") for file in (_before(), path()) if file.exists()]
    return [json.loads(line) for text in found for line in text.splitlines()]
