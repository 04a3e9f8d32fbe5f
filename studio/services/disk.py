"""Room on the disks of this machine; below the floor nothing new is taken on (SAFETY §5, T25)."""

import os
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from studio.errors import Unavailable
from studio.relays.answers.room import FLOOR
from studio.words import Reason


def check(*, needs: int = 0) -> None:
    """Refuse with Unavailable what leaves less than the floor; administrators hear of it before (`running_low`)."""
    if least() - needs < FLOOR:
        raise Unavailable(Reason("storage_almost_full"))


def least() -> int:
    """Return the bytes that are left where answers are written, or where pictures are kept if that is less."""
    kept = free(getattr(default_storage, "location", ""))
    spool = free(settings.SPOOL_DIR) or 0
    return spool if kept is None else min(spool, kept)


def free(folder: str | Path) -> int | None:
    """Return the bytes that are left where a folder lies, or will lie; None where pictures are in no folder."""
    if not folder:
        return None
    path = Path(folder)
    there = next(each for each in (path, *path.parents) if each.exists())  # nothing was kept yet
    space = os.statvfs(there)
    return space.f_bavail * space.f_frsize
