"""SQLite as the studio uses it: threads share connections, and a table that is made anew keeps its triggers."""

import os
from collections import defaultdict
from typing import Any

from django.db.backends.sqlite3 import base, schema
from django.db.models import Model

TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    def _remake_table(self, model: type[Model], *args: Any, **kwargs: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(TRIGGERS, [model._meta.db_table])
            triggers = [statement for (statement,) in cursor.fetchall()]
        super()._remake_table(model, *args, **kwargs)  # type: ignore[misc]
        for statement in triggers:
            self.execute(statement, params=None)


MOST_IDLE = 8

_idle: dict[tuple[int, Any], list[Any]] = defaultdict(list)
"""Connections of this process that no thread uses, by process and file: each holds a schema and a megabyte of pages."""


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = DatabaseSchemaEditor

    def lend(self) -> None:
        """Let another thread have the connection until this one needs one again; what is in use is kept."""
        connection, idle = self.connection, _idle[os.getpid(), self.settings_dict["NAME"]]
        if connection is None or self.in_atomic_block or connection.in_transaction:
            return
        if len(idle) < MOST_IDLE and not self.is_in_memory_db():
            self.connection = None
            idle.append(connection)
        else:
            self.close()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            return _idle[os.getpid(), self.settings_dict["NAME"]].pop()
        except IndexError:
            return super().get_new_connection(conn_params)
