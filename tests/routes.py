"""What tests/test_urls.py is made of: the walk over every address, the actors, and what a rule makes them expect."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.apps import apps
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLResolver, get_resolver, reverse

from studio.models import ImageModel, User

HTMX = {"HX-Request": "true"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

HANDLER = ClientHandler(enforce_csrf_checks=False)
"""All browsers ask through one chain of middleware: it is not built anew for each of 30,000 questions."""

READS = ("SELECT ", "SAVEPOINT ", "RELEASE ", "ROLLBACK TO ")
"""How statements begin that change no row."""

SIGN_IN = ("302 /login/", "401 /login/")
SUSPENDED = "403 security.account_suspended"
NOT_YOURS = "404 security.authz_denied"
NOT_ALLOWED = "403 security.forbidden"
NO_SUCH_METHOD = "405"
ID = re.compile(r"/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+)/")

Rows = dict[str, list[tuple[Any, ...]]]
"""What each table holds."""


class Actor(StrEnum):
    """Who asks. A token without the scope joins here, as one more actor, when programs can sign in."""

    ANONYMOUS = "anonymous"
    OWNER = "owner"
    MATE = "team mate"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    SUSPENDED = "suspended"
    EXPIRED = "expired session"


STAFF = {Actor.MODERATOR, Actor.ADMINISTRATOR}
NOBODY = {Actor.ANONYMOUS, Actor.EXPIRED}
PEOPLE = {Actor.OWNER, Actor.MATE, *STAFF}


class Who(Enum):
    """Who may open a route: those whom the door lets in, and of these, those whom the row is for."""

    EVERYBODY = "signed in or not"
    MEMBERS = "everyone with a session"
    OWNER = "the person who made it"
    TEAM = "the person who made it, and the team once it is shared"
    OWNER_AND_STAFF = "the person who made it, and moderators once it is shared"
    OWNER_AND_ADMINISTRATORS = "the person who made it, and administrators"
    MODERATORS = "moderators and administrators"
    ADMINISTRATORS = "administrators"

    def lets_in(self, actor: Actor) -> bool:
        roles = {Who.MODERATORS: STAFF, Who.ADMINISTRATORS: {Actor.ADMINISTRATOR}}
        return actor in roles.get(self, PEOPLE)

    def may_have(self, actor: Actor, *, shared: bool) -> bool:
        if self == Who.OWNER:
            return actor == Actor.OWNER
        if self == Who.OWNER_AND_STAFF:
            return actor == Actor.OWNER or (shared and actor in STAFF)
        if self == Who.OWNER_AND_ADMINISTRATORS:
            return actor in (Actor.OWNER, Actor.ADMINISTRATOR)
        return self != Who.TEAM or actor == Actor.OWNER or (shared and actor in PEOPLE)


@dataclass(frozen=True)
class Cast:
    """The people, one for each actor, and a model to draw with; the owner made every row."""

    people: dict[Actor, User]
    model: ImageModel

    @property
    def owner(self) -> User:
        return self.people[Actor.OWNER]


Kind = Callable[[Cast, bool], Any]
Address = Callable[[Any, User | None], list[Any] | str]
Tells = dict[str, tuple[str, str]]
"""Method → what is told to a plain request and to htmx, in the words of `told`."""


@dataclass(frozen=True)
class Rule:
    """What one route promises; `tells` says for each method what those who may open it are told."""

    who: Who
    tells: Tells
    of: Kind | None = None
    at: Address | None = None
    sends: Callable[[Cast], dict[str, Any]] = lambda cast: {}
    open_door: bool = False
    refusal: str = NOT_ALLOWED
    methods: tuple[str, ...] = METHODS
    instead: dict[Actor, Tells] = field(default_factory=dict)

    def expected(self, question: "Question") -> str:
        """Return what the actor is told, in the order of the view's questions: session, role, method, row."""
        actor, htmx = question.actor, question.htmx
        tells = self.instead.get(actor, self.tells)
        if tells is self.tells and (turned_away := self._at_the_door(actor)):
            return turned_away[htmx]
        if question.method not in tells:
            return NO_SUCH_METHOD
        return tells[question.method][htmx] if self.who.may_have(actor, shared=question.shared) else NOT_YOURS

    def _at_the_door(self, actor: Actor) -> tuple[str, str] | None:
        if self.open_door or self.who == Who.EVERYBODY:
            return None
        if actor in NOBODY:
            return SIGN_IN
        refusal = SUSPENDED if actor == Actor.SUSPENDED else self.refusal
        return None if self.who.lets_in(actor) else (refusal, refusal)


# Ways to write a rule in one line


def both(get: str, post: str) -> Tells:
    """The same to a plain request and to htmx."""
    return {"GET": (get, get), "POST": (post, post)}


def page(who: Who, of: Kind | None = None, **more: Any) -> Rule:
    """A page or fragment that is only read."""
    return Rule(who, {"GET": ("200", "200")}, of, **more)


def act(who: Who, of: Kind | None = None, *, plain: str = "303", htmx: str = "200", **more: Any) -> Rule:
    """A POST that changes something: a plain form is sent on to a page, htmx gets a fragment."""
    return Rule(who, {"POST": (f"{plain} changed", f"{htmx} changed")}, of, **more)


def watched(who: Who, of: Kind, **more: Any) -> Rule:
    """A page whose every opening is written into the audit, and nothing else."""
    return Rule(who, {"GET": ("200 audited", "200 audited")}, of, **more)


def form(who: Who, of: Kind | None = None, *, invalid: str, **more: Any) -> Rule:
    """A page with a form; what is sent here is not valid, so nothing changes."""
    return Rule(who, both("200", invalid), of, **more)


def admin(
    get: str = "200",
    post: str = "",
    of: Kind | None = None,
    *,
    refusal: str = "302 /admin/login/",
    **more: Any,
) -> Rule:
    """A page of Django's admin; it decides about methods by itself and has a way of its own to refuse."""
    tells = both(get, post) if post else {"GET": (get, get)}
    return Rule(Who.ADMINISTRATORS, tells, of, refusal=refusal, methods=tuple(tells), **more)


def admin_of(label: str, make: Kind, *, writes: bool = True, removes: bool = False) -> dict[str, Rule]:
    """The six pages that Django's admin has for a model."""
    model = apps.get_model(label.replace("_", "."))
    row, prefix = {"of": make}, f"admin:{label}"
    bare = f"{model._meta.app_label}/{model._meta.model_name}/"
    return {
        f"{prefix}_changelist": admin(post="200"),
        f"{prefix}_add": admin(post="200") if writes else admin(NOT_ALLOWED, NOT_ALLOWED),
        f"{prefix}_history": admin(**row),
        f"{prefix}_delete": admin(**row) if removes else admin(NOT_ALLOWED, NOT_ALLOWED, **row),
        f"{prefix}_change": admin(post="200", **row) if writes else admin("200", NOT_ALLOWED, **row),
        f"admin/{bare}<path:object_id>/": admin(
            f"302 /admin/{bare}…/change/", at=lambda found, person: f"/admin/{bare}{found.pk}/", **row
        ),
    }


# The walk


def route_names(resolver: URLResolver | None = None, space: str = "", path: str = "") -> Iterator[str]:
    """Yield the name of every address of the project; one without a name is known by its whole pattern."""
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from route_names(
                pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, whole
            )
        else:
            yield space + pattern.name if pattern.name else whole


# One question


class Question(NamedTuple):
    """One request: whose, with which method, plain or by htmx, for the private row or the shared one."""

    actor: Actor
    method: str
    htmx: bool
    shared: bool

    def __repr__(self) -> str:
        row = "shared" if self.shared else "private"
        return f"{self.actor}: {self.method}{' by htmx' * self.htmx}, {row}"


def address_of(name: str, rule: Rule, row: Any, person: User | None) -> str:
    """Return the path of a route, for this row and person."""
    arguments = rule.at(row, person) if rule.at else [row.pk] if rule.of else []
    return arguments if isinstance(arguments, str) else reverse(name, args=arguments)


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Note the statements that change rows while this lasts; where there are none, nothing needs to be read again."""
    made: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.startswith(READS):
            made.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield made


def rows_of_the_studio() -> Rows:
    """Return everything the studio's tables hold, as the database says it: this is read often."""
    tables = [model._meta.db_table for model in apps.get_app_config("studio").get_models()]
    with connection.cursor() as cursor:
        return {
            table: sorted(cursor.execute(f'SELECT * FROM "{table}"').fetchall(), key=str) for table in tables
        }


def told(response: HttpResponseBase, refusals: list[dict[str, Any]], *, changed: Collection[str] = ()) -> str:
    """Say an answer in words: status, where a person is sent, what became of the rows, what was logged."""
    words = [str(response.status_code)]
    if response.status_code in (302, 401):
        path = urlsplit(response.get("HX-Redirect") or response.get("Location", "")).path
        words.append(ID.sub("/…/", path))
    if changed:
        words.append("audited" if set(changed) == {"studio_auditentry"} else "changed")
    return " ".join(filter(None, words + [line["event"] for line in refusals]))


def body_of(response: Any) -> bytes:
    """Read the whole body, which also closes it."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def browser_of(session: str) -> Client:
    """A browser with this session's cookie; an empty one is nobody's."""
    client = Client()
    client.handler = HANDLER
    if session:
        client.cookies["sessionid"] = session
    return client
