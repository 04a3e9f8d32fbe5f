"""What was asked of the sandbox and what it sent: one JSON line per accepted request, for tests that count."""

import json
import os
import time
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from django.conf import settings


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
    handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, json.dumps(line).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read() -> list[dict[str, object]]:
    """Return all lines, oldest first."""
    if not path().exists():
        return []
    return [json.loads(line) for line in path().read_text(encoding="utf-8").splitlines()]
