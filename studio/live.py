"""What a page watches: each live card names its row, the version it shows and until when that says all.

A page asks for all its live cards at once, every 0.8 s. Nearly always nothing has changed: then `is_current` knows
it after two small statements, without session, person or templates, and that one bit is all the asker learns. It takes
a seal made for this session of this person; whatever else is asked goes the long way, through every right.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from studio.models import Generation, Notice, User
from studio.signing import is_sealed, sealed

AT_MOST = 200
"""Cards that one page may ask for at once: their address then has 16 KB."""

Sealed = list[tuple["Watch", str]]
"""What a page watches, each with its seal."""


class Shown(StrEnum):
    """How a row is shown: as a card of its own, as a comparison or a grid in the feed or on its page."""

    GENERATION = "g"
    COMPARISON = "c"
    COLUMNS = "p"
    GRID = "r"
    TABLE = "t"


KINDS = {
    Shown.COMPARISON: "comparison",
    Shown.COLUMNS: "comparison",
    Shown.GRID: "grid",
    Shown.TABLE: "grid",
}
"""What a group is called in the ids of elements; the row of a cell names it by this column."""


@dataclass(frozen=True)
class Watch:
    """One live card: `version` grows with every change of its rows; `until` is in seconds since 1970, 0 for ever."""

    shown: Shown
    pk: UUID
    version: int
    until: int = 0

    def __str__(self) -> str:
        return f"{self.shown}{self.pk.hex}.{self.version}.{self.until}"

    @property
    def place(self) -> str:
        """The id of its element on the page."""
        return f"{KINDS.get(self.shown, 'generation')}-{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what the text names; nothing if it is none of ours."""
        name, _, rest = text.partition(".")
        version, _, until = rest.partition(".")
        try:
            return cls(Shown(name[:1]), UUID(hex=name[1:]), int(version), int(until))
        except ValueError:
            return None

    def holds(self, versions: dict[UUID, int]) -> bool:
        return versions.get(self.pk) == self.version and (not self.until or time.time() < self.until)


def watched(request: HttpRequest) -> Sealed:
    """Return what the page says it watches."""
    asked = (text.rpartition(".") for text in request.GET.getlist("c")[:AT_MOST])
    read = ((Watch.read(text), seal) for text, _, seal in asked)
    return [(watch, seal) for watch, seal in read if watch]


def seal_for(request: HttpRequest, watch: Watch) -> str:
    """Return the watch with a seal that is good in this session until the person's password changes."""
    return f"{watch}.{sealed(str(watch), *_whose(request))}"


def changed(request: HttpRequest) -> list[Watch]:
    """Return the watches of a person who is signed in that do not hold any more, or are not sealed for them."""
    return _changed(watched(request), _whose(request))


def is_current(request: HttpRequest) -> bool:
    """Tell whether the page still shows its cards and the number of notices as they are, for who may still ask."""
    asked, new = watched(request), request.GET.get("n", "")
    key, person = request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""), request.GET.get("p", "")
    found = _asker(person, key) if asked or new else None
    if found is None:
        return False
    whose = key, person, found[0]
    return not (new and not _is_sealed_count(new, found[1], whose)) and not _changed(asked, whose)


def sealed_count(request: HttpRequest) -> str:
    """Return how many notices the page says are new, with a seal: else anyone could ask for anybody's."""
    assert isinstance(request.user, User)
    return f"{request.user.unread}.{sealed(f'n{request.user.unread}', *_whose(request))}"


def shows_count(request: HttpRequest) -> bool:
    """Tell whether the page shows the number of new notices as it is; one that shows none is right as well."""
    assert isinstance(request.user, User)
    new = request.GET.get("n", "")
    return not new or _is_sealed_count(new, request.user.unread, _whose(request))


def _is_sealed_count(new: str, count: int, whose: tuple[str, str, str]) -> bool:
    number, _, seal = new.partition(".")
    return number == str(count) and is_sealed(seal, f"n{count}", *whose)


def _whose(request: HttpRequest) -> tuple[str, str, str]:
    assert isinstance(request.user, User)
    return request.session.session_key or "", request.user.pk.hex, request.user.password


def _changed(asked: Sealed, whose: tuple[str, str, str]) -> list[Watch]:
    versions = _versions_of([watch for watch, _ in asked])
    return [
        watch for watch, seal in asked if not (is_sealed(seal, str(watch), *whose) and watch.holds(versions))
    ]


def _asker(person: str, key: str) -> tuple[str, int] | None:
    """Return the person's password hash and how many notices are new, if their session is alive and they may enter."""
    people, sessions, notices = (model._meta.db_table for model in (User, Session, Notice))
    try:
        pk = User._meta.pk.get_db_prep_value(UUID(hex=person), connection)
    except ValueError:
        return None
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT u.password, (SELECT COUNT(*) FROM {notices} n "  # noqa: S608 - tables of ours
            f"WHERE n.person_id = u.id AND n.read_at IS NULL) FROM {people} u, {sessions} s "
            "WHERE u.id = %s AND u.is_active AND s.session_key = %s AND s.expire_date > %s",
            [pk, key, now],
        )
        row: tuple[str, int] | None = cursor.fetchone()
    return row


def _versions_of(watches: Iterable[Watch]) -> dict[UUID, int]:
    """Return the version of each row that still exists; a group's is that of its generations together."""
    prepare = Generation._meta.pk.get_db_prep_value
    keys: dict[str, list[Any]] = {}
    for one in watches:
        column = f"{KINDS[one.shown]}_id" if one.shown in KINDS else "id"
        keys.setdefault(column, []).append(prepare(one.pk, connection))
    found: dict[UUID, int] = {}
    for column, wanted in keys.items():
        found |= _versions(column, wanted)
    return found


def versions_of_grids(pks: list[UUID]) -> dict[UUID, int]:
    """Return the versions of grids, whoever may see which of their cells."""
    return _versions_of([Watch(Shown.GRID, pk, 0) for pk in pks])


def versions_of_comparisons(pks: list[UUID]) -> dict[UUID, int]:
    """Return the versions of comparisons, whoever may see which of their generations."""
    return _versions_of([Watch(Shown.COMPARISON, pk, 0) for pk in pks])


def _versions(column: str, keys: list[Any]) -> dict[UUID, int]:
    places = ", ".join(["%s"] * len(keys))
    table = Generation._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column}, SUM(version) FROM {table} WHERE {column} IN ({places}) GROUP BY {column}",  # noqa: S608
            keys,
        )
        return {key if isinstance(key, UUID) else UUID(hex=key): version for key, version in cursor}
