"""What Huey brings into a process, of the drivers that it knows; how the database is asked behind a pooler."""

import subprocess
import sys

import pytest

LOADS = """
import sys
from config.drivers import import_huey
import_huey({scheme!r})
from huey.storage import {storage}
print(*sorted({{"redis", "psycopg"}} & set(sys.modules)))
import psycopg, redis
"""


@pytest.mark.parametrize(
    ("scheme", "storage", "loaded"),
    [
        ("sqlite", "SqliteStorage", ""),
        ("postgresql", "PostgresStorage", "psycopg"),
        ("rediss", "RedisStorage", "redis"),
    ],
)
def test_import_huey_takes_no_driver_but_its_engines_and_leaves_all_to_others(scheme, storage, loaded):
    program = LOADS.format(scheme=scheme, storage=storage)

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == loaded


def test_studio_on_sqlite_starts_without_drivers_of_servers(monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIO_STATE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/studio.sqlite3")
    monkeypatch.setenv("TASK_URL", f"sqlite:///{tmp_path}/tasks.sqlite3")
    program = "import config.wsgi, sys; print(*sorted({'redis', 'psycopg'} & set(sys.modules)))"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == ""


@pytest.mark.parametrize(("variable", "without"), [("no", "False"), ("yes", "True")])
def test_studio_behind_a_pooler_fetches_no_rows_bit_by_bit(monkeypatch, tmp_path, variable, without):
    """Exports would ask for their next rows on another connection, which knows nothing of them."""
    monkeypatch.setenv("STUDIO_STATE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann@db.example/studio")
    monkeypatch.setenv("DATABASE_POOLER", variable)
    program = "from config.settings import DATABASES as d; print(d['default']['DISABLE_SERVER_SIDE_CURSORS'])"

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == without
