"""What a run makes once, as it takes seconds and every studio needs it: migrated databases and collected static files.

`python -m tests.ready FOLDER` makes those on SQLite; READY_STATE tells the tests where they lie.
`python -m tests.ready -- COMMAND` makes one on PostgreSQL's server at DATABASE_URL, and runs the command.
Where nothing is ready, each studio and each process of tests does it for itself.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("READY_STATE", "/nowhere"))
DATABASE = FOLDER / "blank.sqlite3"
STATIC = FOLDER / "static"
TEMPLATE = os.environ.get("READY_POSTGRES", "")
MANAGE = [sys.executable, "-W", "error", "manage.py"]


def give_file(path: Path) -> bool:
    """Lay the migrated database at the path, and say whether there was one."""
    if not DATABASE.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy(DATABASE, path)
    return True


def give_database(name: str) -> bool:
    """Make a migrated database of this name on PostgreSQL's server, and say whether there was one to copy."""
    if TEMPLATE:
        create(os.environ["DATABASE_URL"], name, template=TEMPLATE)
    return bool(TEMPLATE)


def create(url: str, name: str, *, template: str = "template1") -> str:
    """Make a database beside that of the URL; return its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def static() -> dict[str, str]:
    """Return the variable that lets a studio use the collected files, if they are all there."""
    return {"STUDIO_STATIC": str(STATIC)} if (STATIC / ".collected").exists() else {}


def _manage(url: str, *words: str, **variables: str) -> None:
    environment = os.environ | {"DATABASE_URL": url} | variables
    subprocess.run([*MANAGE, *words], cwd=ROOT, env=environment, check=True)


def make(folder: Path) -> None:
    state, file = str(folder), folder / "studio.sqlite3"
    _manage(f"sqlite:///{file}", "migrate", "--verbosity", "0", STUDIO_STATE=state)
    shutil.copy(file, folder / "copying")
    (folder / "copying").rename(folder / DATABASE.name)
    _manage(f"sqlite:///{file}", "up", "--prepare-only", STUDIO_STATE=state)


def run_beside_template(command: list[str]) -> int:
    name = "ready"
    _manage(create(os.environ["DATABASE_URL"], name), "migrate", "--verbosity", "0", STUDIO_STATE=str(FOLDER))
    return subprocess.run(command, env=os.environ | {"READY_POSTGRES": name}).returncode


if __name__ == "__main__":
    if sys.argv[1] == "--":
        sys.exit(run_beside_template(sys.argv[2:]))
    make(Path(sys.argv[1]))
