"""People: the first administrator, who joins, and what they may do; every change is in the audit."""

from typing import Any

from django.core import signing
from django.db import IntegrityError
from django.db.models.functions import Now

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import ImageModel, Installation, Preset, Role, User
from studio.services import audit
from studio.services.people import administrators, passwords, sessions, suspensions
from studio.words import Reason

_SALT = "studio.first-run"
FACTS = ("name", "email", "role", "is_active")
CLEARED = ("suspended_until", "suspension_reason", "left_at", "erasing_since")


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
    passwords.check_new(password, User(email=email, name=name), param="password")
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
            row, others = administrators.lock(person)
            changed = {name: value for name, value in facts.items() if value != getattr(row, name)}
            if changed:
                _change(row, changed, others, administrator)
    except IntegrityError:
        raise Conflict(Reason("email_taken"), param="email") from None
    if changed.get("is_active") is False:
        suspensions.take_back_what_waits(row, administrator)
    return row


def _change(row: User, changed: dict[str, Any], others: list[User], administrator: User) -> None:
    left = User(role=changed.get("role", row.role), is_active=changed.get("is_active", row.is_active))
    if not left.is_administrator:
        administrators.keep_one(row, others, param="role")
    before = {name: getattr(row, name) for name in ("role", "is_active") if name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    if "is_active" in changed:
        _clear(row)
    row.save(update_fields=[*changed, *CLEARED])
    if changed.get("is_active") is False:
        sessions.forget(row, tell=True)
    after = {name: changed[name] for name in before}
    detail = {"changed": sorted(changed), "before": before, "after": after}
    audit.record(actor=administrator, action="person.edited", subject=row.pk, **detail)


def _clear(row: User) -> None:
    """Whoever is switched on or off by hand has no date and no reason any more."""
    row.suspended_until, row.suspension_reason, row.left_at, row.erasing_since = None, "", None, None


def remember_choice(
    *,
    person: User,
    model: ImageModel,
    settings: dict[str, Any],
    n: int,
    shared: bool,
    aside: str = "",
    preset: Preset | None = None,
) -> None:
    """Keep what the person's next composer begins with: model, settings, count, audience, preset, wishes set aside."""
    choice = {"model": str(model.pk), "settings": settings, "n": n, "shared": shared}
    choice |= {"aside": aside} if aside else {}
    _remember(person, choice | ({"preset": str(preset.pk)} if preset else {}))


def remember_audience(*, person: User, shared: bool) -> None:
    """Keep who sees what the person makes next."""
    _remember(person, person.last_choice | {"shared": shared})


def _remember(person: User, choice: dict[str, Any]) -> None:
    if person.last_choice != choice:
        User.objects.filter(pk=person.pk).update(last_choice=choice)
