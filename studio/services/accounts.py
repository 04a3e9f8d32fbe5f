"""People: the first administrator, and roles."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models.functions import Now

from studio.errors import Conflict, StudioError
from studio.models import ImageModel, Installation, Role, User
from studio.models.transactions import writing
from studio.services import audit

_SALT = "studio.first-run"


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
    draft = User(email=email, name=name)
    try:
        validate_password(password, draft)
    except ValidationError as error:
        raise StudioError(" ".join(error.messages), param="password") from None
    with writing():
        Installation.objects.get_or_create(pk=1)
        if not Installation.objects.filter(opened_at=None).update(opened_at=Now()):
            raise Conflict("This studio already has an administrator. Sign in.")
        person = User.objects.create_user(email, password, name=name, role=Role.ADMINISTRATOR)
        audit.record(actor=person, action="studio.opened", subject=person.pk)
    return person


def remember_choice(*, person: User, model: ImageModel, settings: dict[str, Any], n: int) -> None:
    """Keep the model, settings and count with which the person's next composer opens."""
    choice = {"model": str(model.pk), "settings": settings, "n": n}
    if person.last_choice != choice:
        User.objects.filter(pk=person.pk).update(last_choice=choice)
