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
(`Now()`). No value is None, which SQL finds nowhere.

PostgreSQL keeps such a statement with its plan, on each connection, so that it is parsed and planned no more either
(docs/decisions/0028). What stays the same stands in it as a literal, which a plan may count on; a list is one value
there, of any length. A statement whose best plan depends on a value says `@prepared(kept=False)`.

A parameter that can only be named (after a `*`) gives the statement its shape and is no placeholder: the function runs
once for each of its values, and so it does for what a model says `shapes_statements`. A `list[UUID]` or `list[str]` may
be of any length; an empty one finds nothing.
"""

import datetime
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial
from itertools import chain
from typing import Any, NamedTuple, overload
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet, Value

KEPT_AFTER, NEVER, MOST_KEPT = 1, 1 << 30, 200
"""How often a connection has asked a statement before PostgreSQL keeps it; and how many it keeps, the latest."""


class Later(Value):
    """A placeholder: the value of a parameter, or of one of its fields."""

    def __init__(self, path: str, model: type[Model] | None = None, known: Any = ()) -> None:
        super().__init__(path)
        self.fields = {field.attname for field in model._meta.concrete_fields} | {"pk"} if model else set()
        self.known = dict(known)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("known", ()):
            return self.known[name]
        if name not in self.__dict__.get("fields", ()):
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
    """A function of placeholders, and what has been made of it for each kind of database and each shape."""

    def __init__(self, build: Callable[P, Any]) -> None:
        self.build: Callable[..., Any] = build
        parameters = inspect.signature(build).parameters
        self.shapes = [each.name for each in parameters.values() if each.kind == each.KEYWORD_ONLY]
        self.names = [name for name in parameters if name not in self.shapes]
        self.made: dict[Any, Any] = {}

    @cached_property
    def kinds(self) -> dict[str, Any]:
        return inspect.get_annotations(self.build, eval_str=True)

    @cached_property
    def shaping(self) -> list[tuple[str, str]]:
        """Parameters that are models, with what of them gives the statement its shape."""
        named = ((name, getattr(self.kinds.get(name), "shapes_statements", ())) for name in self.names)
        return [(name, each) for name, attributes in named for each in attributes]

    def values_of(self, given: Sequence[Any], named: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """Return the values by name, and what gives the statement its shape."""
        values = dict(zip(self.names, given, strict=False)) | named
        told = [getattr(values[name], attribute) for name, attribute in self.shaping]
        return values, (connection.vendor, *[values[name] for name in self.shapes], *told)

    def run(self, values: dict[str, Any], lists: dict[str, Any]) -> Any:
        """Run the function with its placeholders; those of lists are noted beside the one value they hold."""
        places: list[Any] = []
        for name in self.names:
            kind = self.kinds.get(name)
            if kind in (list[UUID], list[str]):
                lists[name] = uuid4() if kind == list[UUID] else uuid4().hex
                places.append([lists[name]])
            else:
                known = [(each, getattr(values[name], each)) for whose, each in self.shaping if whose == name]
                is_model = inspect.isclass(kind) and issubclass(kind, Model)
                places.append(Later(name, kind if is_model else None, known))
        return self.build(*places, **{name: values[name] for name in self.shapes})

    def bound(self, params: Sequence[Any], values: dict[str, Any]) -> list[Any]:
        found: list[Any] = []
        for param in params:
            if isinstance(param, Several):
                each = [_adapted(value) for value in values[param.name]]
                found += [each] if param.is_one else each
            else:
                found.append(param.bound(values) if isinstance(param, Later) else param)
        return found


class Several(NamedTuple):
    """The place of a list, which is bound as one value or as one for each of its own."""

    name: str
    is_one: bool

    def __str__(self) -> str:
        """Return what stands in the SQL until its length is known."""
        return f"\ue000{self.name}\ue001"


class Question[**P, R](Statement[P]):
    """Returns rows, as the QuerySet would that the function returns."""

    def __init__(self, build: Callable[P, Any], *, kept: bool = True) -> None:
        super().__init__(build)
        self.kept = kept

    def __call__(self, *given: P.args, **named: P.kwargs) -> list[R]:
        values, shape = self.values_of(given, named)
        queryset, compiler, sql, params, lists = self.made.get(shape) or self._make(values, shape)
        for each in lists:
            if not values[each.name]:
                return []
            sql = sql.replace(str(each), ", ".join(["%s"] * len(values[each.name])))
        bound = self.bound(params, values)
        here = connections[DEFAULT_DB_ALIAS]
        if self._is_kept():
            here = _like(here, cursor=partial(_keeping, here))
        asks = _like(compiler, connection=here, as_sql=lambda *_, **__: (sql, bound))
        query = _like(queryset.query, get_compiler=lambda *_, **__: asks)
        return list(_like(queryset, _query=query, _result_cache=None))

    def sql(self, *given: P.args, **named: P.kwargs) -> tuple[str, list[Any]]:
        """Return the statement and its values, for a larger one that is written by hand; it has no lists."""
        values, shape = self.values_of(given, named)
        _, _, sql, params, _ = self.made.get(shape) or self._make(values, shape)
        return sql, self.bound(params, values)

    def _is_kept(self) -> bool:
        return self.kept and connection.vendor == "postgresql"

    def first(self, *given: P.args, **named: P.kwargs) -> R | None:
        rows = self(*given, **named)
        return rows[0] if rows else None

    def _make(self, values: dict[str, Any], shape: Any) -> tuple[Any, ...]:
        marks: dict[str, Any] = {}
        queryset: QuerySet[Any] = self.run(values, marks)
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        compiler = _like(compiler, get_converters=lambda _: converters)
        places = {_adapted(mark): Several(name, self._is_kept()) for name, mark in marks.items()}
        params = [places.get(param, param) if isinstance(param, str | UUID) else param for param in params]
        if set(places.values()) - {param for param in params if isinstance(param, Several)}:
            raise TypeError(f"{self.build.__qualname__}: a list stands nowhere in the statement")
        parts = sql.split("%s")
        sql = "".join(chain.from_iterable(zip(parts, [*map(self._written, params), ""], strict=True)))
        params = [param for param in params if self._written(param) == "%s" or isinstance(param, Several)]
        if self._is_kept():
            for each in places.values():
                sql = sql.replace(f"IN ({each})", "= ANY(%s)")
        self.made[shape] = made = queryset, compiler, sql, params, list(places.values())
        return made

    def _written(self, param: Any) -> str:
        """Return what stands in the SQL for a parameter."""
        if isinstance(param, Several):
            return str(param)
        if isinstance(param, int) and connection.vendor == "sqlite":
            return f"{param:d}"
        if isinstance(param, Later) or not self._is_kept():
            return "%s"
        literal: str = connection.ops.compose_sql("%s", [param])  # type: ignore[attr-defined] # PostgreSQL's
        return literal.replace("%", "%%")


def _keeping(here: Any) -> CursorWrapper:
    """Return a cursor whose statements PostgreSQL keeps; Django's own write the values into them."""
    cursor: CursorWrapper = here.cursor()
    line = here.connection
    cursor.cursor = here.Database.Cursor(line)
    if line.prepare_threshold is None:  # as Django leaves it: nobody has looked yet
        with here.wrap_database_errors:  # a server that is away is an outage here as well
            line.prepare_threshold = KEPT_AFTER if _is_direct(line) else NEVER
        line.prepared_max = MOST_KEPT
    return cursor


def _is_direct(line: Any) -> bool:
    """Say whether a connection ends at PostgreSQL itself.

    A pooler between them may give each transaction another connection, on which the name of a statement stands for
    another one: rows could be found that nobody asked for.
    """
    (pid,) = line.cursor().execute("SELECT pg_backend_pid()").fetchone()
    return bool(pid == line.info.backend_pid)


def _like[T](thing: T, **other: Any) -> T:
    """Return a copy that differs in some attributes, without what the thing itself does when it is copied."""
    copy = object.__new__(type(thing))
    copy.__dict__.update(thing.__dict__, **other)
    return copy


class Change[**P](Statement[P]):
    """Changes rows by the one statement that the function asks, and returns how many."""

    def __call__(self, *given: P.args, **named: P.kwargs) -> int:
        values, shape = self.values_of(given, named)
        sql, params = self.made.get(shape) or self._make(values, shape)
        with transaction.mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(sql, self.bound(params, values))
            return cursor.rowcount

    def _make(self, values: dict[str, Any], shape: Any) -> tuple[str, Sequence[Any]]:
        with _noting() as asked:
            self.run(values, {})
        [made] = asked
        self.made[shape] = made
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


@overload
def prepared[**P, R](build: Callable[P, QuerySet[Any, R]]) -> Question[P, R]: ...
@overload
def prepared[**P, R](*, kept: bool) -> Callable[[Callable[P, QuerySet[Any, R]]], Question[P, R]]: ...
def prepared(build: Any = None, *, kept: bool = True) -> Any:
    return Question(build, kept=kept) if build else partial(Question, kept=kept)


def change[**P](build: Callable[P, int]) -> Change[P]:
    return Change(build)
