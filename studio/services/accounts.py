"""People: the first administrator, who joins, and what they may do; every change is in the audit."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict, StudioError
from studio.models import Generation, ImageModel, Installation, Role, State, User
from studio.services import audit, limits
from studio.services.drawing import settlement
from studio.words import Reason

_SALT = "studio.first-run"
FACTS = ("name", "email", "role", "is_active")


def is_open() -> bool:
    """Tell whether the first administrator exists."""
    return Installation.objects.exclude(opened_at=None).exists()


def first_run_token() -> str:
    """Return the secret of the one-time link; it dies with the first administrator."""
    return signing.Signer(salt=_SALT).signature("first administrator")


def is_first_run_token(token: str) -> bool:
    return signing.constant_time_compare(token, first_run_token())  # type: ignore[attr-defined]


def create_first_administrator(*, email: str, name: str, password: str) -> User:
    """Create the administrator of a new installation; exactly one caller wins, the others get Conflict."""
    _check_new_password(password, User(email=email, name=name), param="password")
    with write_transaction():
        Installation.objects.get_or_create(pk=1)
        if not Installation.objects.filter(opened_at=None).update(opened_at=Now()):
            raise Conflict(Reason("has_administrator"))
        person = User.objects.create_user(email, password, name=name, role=Role.ADMINISTRATOR)
        audit.record(actor=person, action="studio.opened", subject=person.pk)
    return person


def add(*, administrator: User, name: str, email: str, role: str, is_active: bool = True) -> User:
    """Add a person, who cannot sign in before they have a password."""
    try:
        with write_transaction():
            person = User.objects.create_user(email, name=name, role=role, is_active=is_active)
            audit.record(actor=administrator, action="person.added", subject=person.pk, after={"role": role})
    except IntegrityError:
        raise Conflict(Reason("email_taken"), param="email") from None
    return person


def edit(*, person: User, administrator: User, **facts: Any) -> User:
    """Change some of FACTS; an administrator who can sign in always remains.

    Names and addresses stay out of the audit, which nobody can erase: it says that they changed.
    """
    if "email" in facts:
        facts["email"] = facts["email"].strip().lower()
    try:
        with write_transaction():
            row, others = _lock(person)
            changed = {name: value for name, value in facts.items() if value != getattr(row, name)}
            if changed:
                _change(row, changed, others, administrator)
    except IntegrityError:
        raise Conflict(Reason("email_taken"), param="email") from None
    if changed.get("is_active") is False:
        _take_back_what_waits(row, administrator)
    return row


def _take_back_what_waits(person: User, administrator: User) -> None:
    """Cancel what a suspended person had not sent yet (SAFETY T13); after the commit, as a claim locks rows first."""
    for row in Generation.objects.owned_by(person).in_state(State.HELD, State.QUEUED, State.CLAIMED):
        settlement.cancel(generation=row, person=person, actor=administrator)


def _lock(person: User) -> tuple[User, list[User]]:
    """Return the row and the other administrators, all locked: two who demote each other wait for one another."""
    either = Q(pk=person.pk) | Q(role=Role.ADMINISTRATOR, is_active=True)
    rows = list(User.objects.filter(either).order_by("pk").select_for_update(no_key=True))
    return next(row for row in rows if row.pk == person.pk), [row for row in rows if row.pk != person.pk]


def _change(row: User, changed: dict[str, Any], others: list[User], administrator: User) -> None:
    was_administrator = row.is_administrator
    before = {name: getattr(row, name) for name in ("role", "is_active") if name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    if was_administrator and not row.is_administrator and not others:
        raise Conflict(Reason("last_administrator"), param="role")
    row.save(update_fields=list(changed))
    after = {name: changed[name] for name in before}
    detail = {"changed": sorted(changed), "before": before, "after": after}
    audit.record(actor=administrator, action="person.edited", subject=row.pk, **detail)


def change_password(*, person: User, current: str, new: str) -> None:
    """Give a person a new password; a StudioError names the field at fault, TooMany says when to try again."""
    taken = limits.change_password(person=person)
    if not person.check_password(current):
        raise StudioError(Reason("password_wrong"), param="current")
    limits.give_back(taken)
    _check_new_password(new, person, param="new")
    person.set_password(new)
    with write_transaction():
        person.save(update_fields=["password"])
        audit.record(actor=person, action="person.password_changed", subject=person.pk)


def _check_new_password(password: str, person: User, *, param: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise StudioError(" ".join(error.messages), param=param) from None


def remember_choice(
    *, person: User, model: ImageModel, settings: dict[str, Any], n: int, shared: bool, aside: str = ""
) -> None:
    """Keep the model, settings, count and audience of the person's next composer, and the wishes set aside."""
    choice = {"model": str(model.pk), "settings": settings, "n": n, "shared": shared}
    _remember(person, choice | ({"aside": aside} if aside else {}))


def remember_audience(*, person: User, shared: bool) -> None:
    """Keep who sees what the person makes next."""
    _remember(person, person.last_choice | {"shared": shared})


def _remember(person: User, choice: dict[str, Any]) -> None:
    if person.last_choice != choice:
        User.objects.filter(pk=person.pk).update(last_choice=choice)
