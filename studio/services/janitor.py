"""Removes leftovers: spools of settled generations and drafts of dead workers."""

import shutil
import time
from pathlib import Path

from django.conf import settings

from studio.models import Generation, State

LEFTOVER_AGE = 24 * 3600
"""Seconds after which a file that belongs to no running generation is removed (SAFETY §6, row 42)."""


def clean_up() -> int:
    """Remove leftover files of the spool folder; return how many."""
    if not settings.SPOOL_DIR.exists():
        return 0
    needed = {str(pk) for pk in Generation.objects.active().values_list("pk", flat=True)}
    lost = {str(pk) for pk in Generation.objects.in_state(State.UNKNOWN).values_list("pk", flat=True)}
    leftovers = [path for path in settings.SPOOL_DIR.iterdir() if _is_leftover(path, needed, lost)]
    for path in leftovers:
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    return len(leftovers)


def _is_leftover(path: Path, needed: set[str], lost: set[str]) -> bool:
    """Tell what nobody needs: a late answer may still come for a row whose contact was lost."""
    name = path.name[:36]
    if name in needed:
        return False
    if path.suffix == ".spool" and name not in lost:
        return True
    try:
        return time.time() - path.stat().st_mtime > LEFTOVER_AGE
    except FileNotFoundError:
        return False
