"""What people change about themselves."""

from django.db import IntegrityError

from studio.db import write_transaction
from studio.errors import Conflict
from studio.models import User
from studio.services import audit
from studio.services.people import passwords
from studio.words import Reason


def rename(*, person: User, name: str, colour: str) -> None:
    """Give oneself another name or colour; names stay out of the audit, which nobody can erase."""
    if (name, colour) == (person.name, person.colour):
        return
    person.name, person.colour = name, colour
    with write_transaction():
        person.save(update_fields=["name", "colour"])
        audit.record(actor=person, action="person.renamed", subject=person.pk)


def move(*, person: User, email: str, password: str) -> None:
    """Sign in with another address from now on; the password proves who asks."""
    email = email.strip().lower()
    if email == person.email:
        return
    passwords.prove(person=person, password=password, param="password")
    try:
        with write_transaction():
            User.objects.filter(pk=person.pk).update(email=email)
            audit.record(actor=person, action="person.address_changed", subject=person.pk)
    except IntegrityError:
        raise Conflict(Reason("email_taken"), param="email") from None
    person.email = email
