"""Whether the database fits this version of the studio; an older one changes nothing in it (SAFETY §6, row 40)."""

import functools
import logging
import pkgutil
import time
from pathlib import Path

from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder

logger = logging.getLogger(__name__)

NEWER = "The database belongs to a newer version of Lightfast (%s). This one changes nothing in it: start that version."
OLDER = "The database is not up to date yet. Run: manage.py up --prepare-only"
SAY_EVERY = 60.0

_said = -SAY_EVERY


@functools.cache
def known() -> frozenset[str]:
    """The migrations that this version has."""
    folder = Path(apps.get_app_config("studio").path) / "migrations"
    return frozenset(module.name for module in pkgutil.iter_modules([str(folder)]))


def unknown() -> str:
    """Return the newest migration of the database that this version does not have; empty when there is none."""
    applied = MigrationRecorder.Migration.objects.filter(app="studio")
    names = applied.exclude(name__in=known()).order_by("-id").values_list("name", flat=True)
    return names.first() or ""


def is_behind() -> bool:
    """Tell whether the database lacks a migration that this version has."""
    applied = MigrationRecorder.Migration.objects.filter(app="studio", name__in=known())
    return applied.count() < len(known())


def fits() -> bool:
    """Tell whether this version may change the database; if not, the log says so, once a minute."""
    global _said
    name = unknown()
    if name and time.monotonic() - _said > SAY_EVERY:
        _said = time.monotonic()
        logger.error(NEWER, name)
    return not name
