"""Makes the tables of tickets when they are first used: loading the studio asks no server for anything.

Huey makes them while it is imported. Of two processes that did so at once one failed, and Django hid why behind
"TypeError: issubclass() arg 1 must be a class"; so it did when the server was away.
"""

from typing import Any

from huey import PostgresHuey, SqliteHuey
from huey.storage import PostgresStorage, SqliteStorage

LOCK = 4_815_162_342
"""PostgreSQL's advisory lock under which the tables are made: CREATE TABLE IF NOT EXISTS races."""


class SqliteTickets(SqliteStorage):
    made = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, create_tables=False, **options)

    def _create_connection(self) -> Any:
        connection = super()._create_connection()
        if not self.made:
            connection.execute(self.begin_sql)
            for statement in self.ddl:
                connection.execute(statement)
            connection.execute("commit")
            self.made = True
        return connection


class PostgresTickets(PostgresStorage):
    made = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, create_tables=False, **options)

    def _create_connection(self) -> Any:
        connection = self._connect()
        if not self.made:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
                for statement in self.ddl:
                    connection.execute(statement)
            self.made = True
        return connection


class Sqlite(SqliteHuey):
    storage_class = SqliteTickets


class Postgres(PostgresHuey):
    storage_class = PostgresTickets
