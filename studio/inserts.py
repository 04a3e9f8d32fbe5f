"""New rows, written by a statement that is put together once (docs/decisions/0025): what every picture writes.

    insert(generation)
    insert(*slots)
    insert(image, unique=["generation", "index"], update=["key", "width"])

As with `bulk_create` no signal is sent, and what the database gives (a default, `Now()`, a number) stands in the rows
afterwards. Such values and plain ones are all that a row may hold, and rows of one call hold the same kinds.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.constants import OnConflict
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now
from django.db.models.sql import InsertQuery

Values = list[list[Any]]
"""What is bound, for each row."""

GIVEN = (DatabaseDefault, Now)
"""What the database puts into a row."""


class Insertion(NamedTuple):
    """A statement, how it takes values, and what it answers: fields of each row, and what their values go through."""

    sql: str
    taken: Callable[[Values], list[Any]]
    returned: list[Any]
    converted: Callable[[list[Any]], Any]


_made: dict[Any, Insertion] = {}


def insert(*rows: Model, unique: Sequence[str] = (), update: Sequence[str] = ()) -> None:
    """Write rows of one model; where one with the same `unique` fields is there, its `update` fields are written.

    Raises IntegrityError as the database does.
    """
    fields = _fields(type(rows[0]), rows[0].pk is not None)
    values = [[field.pre_save(row, add=True) for field in fields] for row in rows]
    shape, *others = [
        tuple(type(each) if isinstance(each, GIVEN) else None for each in row) for row in values
    ]
    if any(other != shape for other in others):
        raise TypeError(f"these rows of {type(rows[0]).__name__} are not of one kind")
    plain = [place for place, kind in enumerate(shape) if kind is None]
    bound = [[fields[place].get_db_prep_save(row[place], connection) for place in plain] for row in values]
    key = connection.vendor, type(rows[0]), len(rows), shape, tuple(unique), tuple(update)
    insertion = _made.get(key)
    if insertion is None:
        insertion = _made[key] = _make(rows, fields, shape, bound, unique, update)
    with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(insertion.sql, insertion.taken(bound))
        answered = insertion.converted(cursor.fetchall()) if insertion.returned else [()] * len(rows)
    for row, found in zip(rows, answered, strict=True):
        for field, value in zip(insertion.returned, found, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, connection.alias


@cache
def _fields(model: type[Model], has_key: bool) -> list[Any]:
    """Return the fields that a row is written with; the database numbers those that have no key."""
    return [
        field for field in model._meta.local_concrete_fields if has_key or field is not model._meta.auto_field
    ]


def _make(
    rows: Sequence[Model],
    fields: list[Any],
    shape: tuple[type | None, ...],
    bound: Values,
    unique: Sequence[str],
    update: Sequence[str],
) -> Insertion:
    meta = rows[0]._meta
    query = InsertQuery(
        type(rows[0]),
        on_conflict=OnConflict.UPDATE if update else None,
        update_fields=[meta.get_field(name) for name in update],
        unique_fields=[meta.get_field(name) for name in unique],
    )
    query.insert_values(fields, list(rows))
    compiler = query.get_compiler(connection=connection)
    numbered = [meta.auto_field] if meta.auto_field and meta.auto_field not in fields else []
    returned = numbered + [field for field, kind in zip(fields, shape, strict=True) if kind]
    compiler.returning_fields = returned
    [(sql, params)] = compiler.as_sql()
    query.objs = []  # what is kept of the first rows is their statement
    taken = next((each for each in (_by_row, _by_column) if _equal(each(bound), list(params))), None)
    if taken is None:
        raise TypeError(f"{meta.label}: its values are not written as they are")
    converters = compiler.get_converters([field.get_col(meta.db_table) for field in returned])
    return Insertion(sql, taken, returned, lambda found: compiler.apply_converters(found, converters))


def _by_row(values: Values) -> list[Any]:
    return list(chain.from_iterable(values))


def _by_column(values: Values) -> list[Any]:
    """Several rows are arrays on PostgreSQL, one for each column."""
    return [list(column) for column in zip(*values, strict=True)]


def _equal(one: Any, other: Any) -> bool:
    """Compare what is bound; JSON for PostgreSQL equals nothing but itself."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(getattr(one, "obj", one) == getattr(other, "obj", other))
