"""The studio's tables in PostgreSQL, a file for each as COPY writes it: no program of one server version is needed.

They are read in one snapshot and put back in one transaction, into tables that the migrations of that time make.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from studio.services.backups import files

FOLDER = "tables"
MIGRATIONS = "django_migrations"
COLUMNS = """
SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_schema = current_schema() AND is_generated = 'NEVER' AND table_name = ANY(%s) GROUP BY table_name
"""
FUNCTIONS = r"""
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'studio\_%%'
"""
TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)
"""
ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}


def dump(folder: Path) -> dict[str, int]:
    """Write every table as it is at this moment, and return how many rows each has."""
    (folder / FOLDER).mkdir(mode=0o700)
    guard = connection.copy()
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            columns = _columns(cursor, _names())
            return {name: _write(cursor, folder, name, columns[name]) for name in sorted(columns)}
    finally:
        guard.rollback()
        guard.close()


def check(folder: Path) -> bool:
    """The sums of the files say all there is to say."""
    return True


def load(folder: Path, migrations: list[list[str]]) -> None:
    """Put the backup in the place of the studio's tables, all or nothing."""
    there = sorted(path.stem for path in (folder / FOLDER).iterdir())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        _drop(cursor, {*_names(), *there})
        _make(migrations)
        columns = _columns(cursor, there)
        shut = _open_triggers(cursor, there)
        cursor.execute(f"TRUNCATE {', '.join(map(_quote, there))}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # some migrations have left theirs immediate
        for name in there:
            _read(cursor, folder, name, columns[name])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in [*shut, *_sequences()]:
            cursor.execute(statement)


def _names() -> list[str]:
    """Return the tables of the models; tickets are made again, and other tables are not ours."""
    models = apps.get_models(include_auto_created=True)
    return sorted({model._meta.db_table for model in models if model._meta.managed} | {MIGRATIONS})


def _columns(cursor: Any, names: list[str]) -> dict[str, list[str]]:
    cursor.execute(COLUMNS, [names])
    return dict(cursor.fetchall())


def _list(columns: list[str]) -> str:
    return ", ".join(map(_quote, columns))


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _write(cursor: Any, folder: Path, name: str, columns: list[str]) -> int:
    """COPY one table out, its columns by name in a first line; return its rows."""
    with cursor.copy(f"COPY {_quote(name)} ({_list(columns)}) TO STDOUT (FORMAT csv, HEADER)") as copy:
        files.write(folder / FOLDER / f"{name}.csv", map(bytes, copy))
    return int(cursor.rowcount)


def _read(cursor: Any, folder: Path, name: str, columns: list[str]) -> None:
    path = folder / FOLDER / f"{name}.csv"
    with path.open(encoding="utf-8") as file:
        listed = [column.strip('"') for column in file.readline().strip().split(",")]
    assert set(listed) == set(columns), f"{name} is another table"
    with cursor.copy(f"COPY {_quote(name)} ({_list(listed)}) FROM STDIN (FORMAT csv, HEADER)") as copy:
        for piece in files.read(path):
            copy.write(piece)


def _drop(cursor: Any, ours: set[str]) -> None:
    """Remove what the studio has here, and nothing else."""
    there = set(connection.introspection.table_names(cursor)) & ours
    if there:
        cursor.execute(f"DROP TABLE {', '.join(map(_quote, sorted(there)))} CASCADE")
    cursor.execute(FUNCTIONS)
    for (function,) in cursor.fetchall():
        cursor.execute(f"DROP FUNCTION {function}")


class _Then(MigrationExecutor):
    """Goes the way that the database of the backup went, by the migrations that it has."""

    def __init__(self, applied: set[tuple[str, str]]) -> None:
        super().__init__(connection)
        self.loader = loader = MigrationLoader(connection, replace_migrations=False)
        for node, at_once in loader.replacements.items():
            if node in applied:
                loader.graph.remove_replaced_nodes(node, at_once.replaces)
            else:
                loader.graph.remove_replacement_node(node, at_once.replaces)

    def targets(self, applied: set[tuple[str, str]]) -> list[tuple[str, str]]:
        graph = self.loader.graph
        mine = applied & set(graph.nodes)
        return sorted(
            node
            for node in mine
            if not {child.key for child in graph.node_map[node].children if child.key[0] == node[0]} & mine
        )


def _make(migrations: list[list[str]]) -> None:
    """Make the tables as they were when the backup was made."""
    applied = {(app, name) for app, name in migrations}
    then = _Then(applied)
    then.migrate(then.targets(applied))


def _open_triggers(cursor: Any, names: list[str]) -> list[str]:
    """Put triggers aside, and return the statements that put each back as it was."""
    cursor.execute(TRIGGERS, [names])
    found = [(_quote(table), _quote(trigger), how) for table, trigger, how in cursor.fetchall()]
    for table, trigger, _ in found:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    return [
        f"ALTER TABLE {table} {ENABLE[how]} TRIGGER {trigger}"
        for table, trigger, how in found
        if how in ENABLE
    ]


def _sequences() -> Iterator[str]:
    """Yield what lets each sequence go on after the highest number that is taken."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    there = set(connection.introspection.table_names())
    mine = [model for model in models if model._meta.db_table in there]
    yield from connection.ops.sequence_reset_sql(no_style(), mine)
