"""Whether the database fits this version of the studio; an older one changes nothing in it (SAFETY §6, row 40)."""

import functools
import logging
import pkgutil
import time
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import QuerySet

from studio.prepared import prepared
from studio.words import NO_REASON, Reason

logger = logging.getLogger(__name__)

SAY_EVERY = 60.0

_said = -SAY_EVERY


@functools.cache
def known() -> frozenset[str]:
    """The migrations that this version has."""
    folder = Path(apps.get_app_config("studio").path) / "migrations"
    return frozenset(module.name for module in pkgutil.iter_modules([str(folder)]))


def newer() -> Reason:
    """Return that the last migration of the database is one which this version lacks; no reason otherwise."""
    name = _last.first()
    return Reason("database_newer", migration=name) if name and name not in known() else NO_REASON


@prepared
def _last() -> QuerySet[Any, str]:
    applied = MigrationRecorder.Migration.objects.filter(app="studio").order_by("-id")
    return applied.values_list("name", flat=True)[:1]


def older() -> Reason:
    """Return that the database lacks a migration of this version; no reason when it has them all."""
    applied = MigrationRecorder.Migration.objects.filter(app="studio", name__in=known())
    return Reason("database_older") if applied.count() < len(known()) else NO_REASON


def fits() -> bool:
    """Tell whether this version may change the database; if not, the log says so, once a minute."""
    global _said
    why = newer()
    if why and time.monotonic() - _said > SAY_EVERY:
        _said = time.monotonic()
        logger.error(why)
    return not why
