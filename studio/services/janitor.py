"""Removes leftovers: spools of settled generations and drafts of dead workers."""

import shutil
import time

from django.conf import settings

from studio.models import Generation

LEFTOVER_AGE = 24 * 3600
"""Seconds after which a file that belongs to no running generation is removed (SAFETY §6, row 42)."""


def clean_up() -> int:
    """Remove leftover files of the spool folder; return how many."""
    if not settings.SPOOL_DIR.exists():
        return 0
    running = {str(pk) for pk in Generation.objects.active().values_list("pk", flat=True)}
    removed = 0
    for path in settings.SPOOL_DIR.iterdir():
        old = time.time() - path.stat().st_mtime > LEFTOVER_AGE
        settled = path.suffix == ".spool" and path.name[:36] not in running
        if path.name[:36] in running or not (old or settled):
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        removed += 1
    return removed
