"""Statements of the ORM that are built and compiled once, and asked again and again with other values.

To build a QuerySet and its SQL takes several times what a small database needs to answer (docs/decisions/0025). What
every request and every picture asks is therefore written as a function:

    @prepared
    def _person(pk: UUID) -> QuerySet[User]:
        return User.objects.filter(pk=pk)

    @change
    def _see(person: User) -> int:
        return User.objects.filter(pk=person.pk).update(seen_at=Now())

    [person] = _person(pk)
    _see(person)

The function runs once, with placeholders for its values, and hands these to the ORM as they are; where the parameter
is a model, its fields are placeholders too. Nothing in it may differ from call to call: the time is the database's
(`Now()`). No value is None, which SQL finds nowhere, and none is a list of values.
"""

import datetime
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, QuerySet, Value


class Later(Value):
    """A placeholder: the value of a parameter, or of one of its fields."""

    def __init__(self, path: str, model: type[Model] | None = None) -> None:
        super().__init__(path)
        self.fields = {field.attname for field in model._meta.concrete_fields} | {"pk"} if model else set()

    def __getattr__(self, name: str) -> "Later":
        if name == "fields" or name not in self.fields:
            raise AttributeError(name)
        return Later(f"{self.value}.{name}")

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def _resolve_output_field(self) -> None:
        """Have none: the value is bound as what it is."""

    def bound(self, values: dict[str, Any]) -> Any:
        """Return the value as the database takes it."""
        name, _, field = self.value.partition(".")
        return _adapted(getattr(values[name], field) if field else values[name])


def _adapted(value: Any) -> Any:
    match value:
        case Model():
            return _adapted(value.pk)
        case UUID():
            return value if connection.features.has_native_uuid_field else value.hex
        case datetime.datetime():
            return connection.ops.adapt_datetimefield_value(value)
        case datetime.date():
            return connection.ops.adapt_datefield_value(value)
        case dict() | list():
            return connection.ops.adapt_json_value(value, None)
        case Enum():
            return value.value
        case Decimal():
            raise TypeError("how many places a Decimal has is known to its field only")
    return value


class Statement[**P]:
    """A function of placeholders, and what has been made of it for each kind of database."""

    def __init__(self, build: Callable[P, Any]) -> None:
        self.build: Callable[..., Any] = build
        self.names = list(inspect.signature(build).parameters)
        self.made: dict[str, Any] = {}

    def run(self) -> Any:
        """Run the function with its placeholders."""
        kinds = inspect.get_annotations(self.build, eval_str=True)
        models = {
            name: kind for name, kind in kinds.items() if inspect.isclass(kind) and issubclass(kind, Model)
        }
        return self.build(*(Later(name, models.get(name)) for name in self.names))

    def bound(self, params: Sequence[Any], *given: Any, **named: Any) -> list[Any]:
        values = dict(zip(self.names, given, strict=False)) | named
        return [param.bound(values) if isinstance(param, Later) else param for param in params]


class Question[**P, R](Statement[P]):
    """Returns rows, as the QuerySet would that the function returns."""

    def __call__(self, *given: P.args, **named: P.kwargs) -> list[R]:
        queryset, compiler, sql, params = self.made.get(connection.vendor) or self._make()
        bound = self.bound(params, *given, **named)
        asks = _like(compiler, connection=connection, as_sql=lambda *_, **__: (sql, bound))
        query = _like(queryset.query, get_compiler=lambda *_, **__: asks)
        return list(_like(queryset, _query=query, _result_cache=None))

    def first(self, *given: P.args, **named: P.kwargs) -> R | None:
        rows = self(*given, **named)
        return rows[0] if rows else None

    def _make(self) -> tuple[QuerySet[Any], Any, str, Sequence[Any]]:
        queryset: QuerySet[Any] = self.run()
        compiler = queryset.query.get_compiler(connection=connection)
        made = queryset, compiler, *compiler.as_sql()
        self.made[connection.vendor] = made
        return made


def _like[T](thing: T, **other: Any) -> T:
    """Return a copy that differs in some attributes, without what the thing itself does when it is copied."""
    copy = object.__new__(type(thing))
    copy.__dict__.update(thing.__dict__, **other)
    return copy


class Change[**P](Statement[P]):
    """Changes rows by the one statement that the function asks, and returns how many."""

    def __call__(self, *given: P.args, **named: P.kwargs) -> int:
        sql, params = self.made.get(connection.vendor) or self._make()
        with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(sql, self.bound(params, *given, **named))
            return cursor.rowcount

    def _make(self) -> tuple[str, Sequence[Any]]:
        with _noting() as asked:
            self.run()
        [made] = asked
        self.made[connection.vendor] = made
        return made


@contextmanager
def _noting() -> Iterator[list[tuple[str, Sequence[Any]]]]:
    """Note the statements that this thread would ask, instead of asking them."""
    asked: list[tuple[str, Sequence[Any]]] = []
    compiler = connection.ops.compiler

    def noting(name: str) -> type:
        def note(self: Any, *_: Any) -> int:
            asked.append(self.as_sql())
            return 0

        return type(name, (compiler(name),), {"execute_sql": note})

    connection.ops.compiler = noting  # type: ignore[method-assign, assignment]
    try:
        yield asked
    finally:
        del connection.ops.compiler


def prepared[**P, R](build: Callable[P, QuerySet[Any, R]]) -> Question[P, R]:
    return Question(build)


def change[**P](build: Callable[P, int]) -> Change[P]:
    return Change(build)
