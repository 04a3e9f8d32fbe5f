"""One administrator who can sign in always remains, whoever changes whom at the same moment."""

from django.db.models import Q

from studio.errors import Conflict
from studio.models import Role, User
from studio.words import Reason


def lock(person: User) -> tuple[User, list[User]]:
    """Return the row and the other administrators, all locked: two who demote each other wait for one another."""
    either = Q(pk=person.pk) | Q(role=Role.ADMINISTRATOR, is_active=True)
    rows = list(User.objects.filter(either).order_by("pk").select_for_update(no_key=True))
    return next(row for row in rows if row.pk == person.pk), [row for row in rows if row.pk != person.pk]


def keep_one(row: User, others: list[User], *, param: str = "") -> None:
    """Refuse to lose the last of them; to be asked while all of them are locked."""
    if row.is_administrator and not others:
        raise Conflict(Reason("last_administrator"), param=param)
