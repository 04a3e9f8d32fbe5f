"""Imports Huey without the drivers of engines that are not used here: it takes them all, 20 MB in each process."""

import sys
from importlib import import_module

DRIVERS = {"postgres": "psycopg", "postgresql": "psycopg", "redis": "redis", "rediss": "redis"}
"""Where tickets lie (the scheme of TASK_URL) → what Huey needs for it."""


def import_huey(scheme: str) -> None:
    """Import Huey for this engine; a driver that is here already, or is needed later, is none of its business."""
    unused = set(DRIVERS.values()) - {DRIVERS.get(scheme)} - set(sys.modules)
    sys.modules.update(dict.fromkeys(unused))  # type: ignore[arg-type]  # such an import fails, as if it was not installed
    try:
        import_module("huey.storage")
    finally:
        for name in unused:
            del sys.modules[name]
