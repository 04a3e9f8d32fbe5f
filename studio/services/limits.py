"""Counts tries in the database, where all processes and machines count together; a full count refuses the next."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from studio.db import write_transaction
from studio.errors import TooMany
from studio.models import Tries, User
from studio.services import audit
from studio.words import Reason


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many tries in so many seconds, for each name, address or person."""

    by: str
    many: int
    seconds: int


NAME = Limit(by="name", many=5, seconds=300)
ADDRESS = Limit(by="address", many=10, seconds=60)
VISITS = Limit(by="visits", many=30, seconds=60)
"""Of one address, right passwords too: each costs a quarter of a second of work."""
PASSWORD = Limit(by="password", many=5, seconds=60)
REPORTS = Limit(by="report", many=30, seconds=3600)
"""Of one person: nobody looks at more things by hand (SAFETY T25)."""
FACTOR = Limit(by="second factor", many=5, seconds=300)
CODE = Limit(by="code", many=1, seconds=120)
"""Longer than an app shows a code and the studio takes it: it is good once."""

GUESSES = Limit(by="outside password", many=5, seconds=300)
"""At one outside link, from one address."""
ALL_GUESSES = Limit(by="outside passwords", many=100, seconds=3600)
"""At one outside link, from everywhere."""
NEWCOMERS = Limit(by="visitors", many=5, seconds=3600)
"""People who begin to answer by one outside link, from one address."""
ANSWERS = Limit(by="answers", many=120, seconds=60)
"""Of one address: nobody looks at two pictures a second."""
MAIL = Limit(by="mail", many=3, seconds=3600)


@dataclass(frozen=True)
class Counted:
    """One try under one limit."""

    limit: Limit
    of: str

    @property
    def key(self) -> str:
        return salted_hmac("studio.limits", f"{self.limit.by}:{self.of}", algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class CountedTries:
    """Tries that were counted at this moment of the database's clock."""

    keys: tuple[str, ...]
    at: float


def sign_in(*, email: str, address: str, browser: str = "") -> CountedTries:
    """Count a try to sign in, or raise TooMany; what is returned can be given back once the password was right.

    A browser in which the person has been signed in before (`browser`) has a count of its own: strangers who guess
    cannot lock the owner out of it.
    """
    name = same_name(email)
    person = User.objects.filter(email=email.strip().lower()).values_list("pk", flat=True).first()
    tries = [Counted(VISITS, address), Counted(ADDRESS, address), Counted(NAME, f"{name} {browser}")]
    at = _take(tries, subject=person or "unknown")
    return CountedTries(tuple(each.key for each in tries if each.limit is not VISITS), at)


def come_by_link(*, address: str) -> CountedTries:
    """Count a try to come in by a link, or raise TooMany; to be given back once the link was a good one."""
    tries = [Counted(VISITS, address), Counted(ADDRESS, address)]
    return CountedTries((tries[1].key,), _take(tries, subject="unknown"))


def enter_outside(*, link: UUID, address: str) -> CountedTries:
    """Count a password that is tried at an outside link, or raise TooMany; to be given back once it was right."""
    tries = [Counted(VISITS, address), Counted(ALL_GUESSES, str(link)), Counted(GUESSES, f"{link} {address}")]
    at = _take(tries, subject=link)
    return CountedTries(tuple(each.key for each in tries if each.limit is not VISITS), at)


def answer_outside(*, link: UUID, address: str, new: bool) -> None:
    """Count what a visitor says by an outside link, and a visitor who is new, or raise TooMany."""
    tries = [Counted(ANSWERS, address)] + [Counted(NEWCOMERS, f"{link} {address}")] * new
    _take(tries, subject=link)


def ask_for_mail(*, email: str, address: str) -> None:
    """Count a wish for a mail, or raise TooMany: nobody's inbox is filled through us."""
    _take([Counted(ADDRESS, address), Counted(MAIL, same_name(email))], subject="unknown")


def change_password(*, person: User) -> CountedTries:
    """Count a try to change one's password, or raise TooMany."""
    tries = [Counted(PASSWORD, str(person.pk))]
    return CountedTries((tries[0].key,), _take(tries, subject=person.pk))


def report(*, person: User) -> None:
    """Count something a person reports, or raise TooMany."""
    _take([Counted(REPORTS, str(person.pk))], subject=person.pk)


def second_factor(*, person: User) -> CountedTries:
    """Count a try to enter a code, or raise TooMany."""
    tries = [Counted(FACTOR, str(person.pk))]
    return CountedTries((tries[0].key,), _take(tries, subject=person.pk))


def is_first_use(*, person: User, code: str) -> bool:
    """Use a person's code up; False when it was used before."""
    key = Counted(CODE, f"{person.pk}:{code}").key
    with write_transaction():
        Tries.objects.over().filter(key=key).delete()
        ends_at = Now() + timedelta(seconds=CODE.seconds)
        return Tries.objects.get_or_create(key=key, defaults={"ends_at": ends_at})[1]


def give_back(taken: CountedTries) -> None:
    """Forget these tries: the password was right."""
    with write_transaction():
        for row in _lock(taken.keys):
            if taken.at in row.times:
                row.times.remove(taken.at)
                row.save(update_fields=["times"])


def forget() -> int:
    """Remove the counts that are over; return how many."""
    with write_transaction():
        return Tries.objects.over().delete()[0]


def same_name(email: str) -> str:
    """Return what case, accents and look-alike letters of one address have in common."""
    letters = unicodedata.normalize("NFKD", email.strip().upper().lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


def _take(tries: list[Counted], *, subject: object) -> float:
    """Count all of them or, where one count is full, none; a lock is written into the audit once."""
    with write_transaction():
        rows = {row.key: row for row in _open(tries)}
        now: float = next(iter(rows.values())).now.timestamp()  # type: ignore[attr-defined]
        waits = {each: _wait(rows[each.key], each.limit, now) for each in tries}
        fullest = max(tries, key=lambda each: waits[each])
        if not waits[fullest]:
            for row in rows.values():
                row.times.append(now)
            Tries.objects.bulk_update(rows.values(), ["times"])
            return now
        _tell(rows[fullest.key], fullest.limit, now, subject)
    raise _too_many(waits[fullest])


def _open(tries: list[Counted]) -> list[Tries]:
    """Return the rows of these counts, made or found, and locked in one order."""
    ends = {each.key: Now() + timedelta(seconds=each.limit.seconds) for each in tries}
    rows = [Tries(key=key, ends_at=ends[key]) for key in sorted(ends)]
    Tries.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=["ends_at"])
    return _lock(ends)


def _lock(keys: Iterable[str]) -> list[Tries]:
    rows = Tries.objects.filter(key__in=list(keys)).order_by("key").select_for_update()
    return list(rows.annotate(now=Now()))


def _too_many(wait: float) -> TooMany:
    seconds = int(wait) + 1
    return TooMany(Reason("too_many_tries", seconds=seconds), retry_after=seconds)


def _wait(row: Tries, limit: Limit, now: float) -> float:
    """Return the seconds until the oldest try no longer counts, or 0 if there is room."""
    row.times = [time for time in row.times if time > now - limit.seconds]
    return row.times[-limit.many] + limit.seconds - now if len(row.times) >= limit.many else 0.0


def _tell(row: Tries, limit: Limit, now: float, subject: object) -> None:
    if row.told_at > now - limit.seconds:
        return
    row.told_at = now
    row.save(update_fields=["told_at"])
    of_an_address = (VISITS, ADDRESS, MAIL, ANSWERS)
    whose = (
        "address" if limit in of_an_address else subject
    )  # which one is in the log, not in what stays for ever
    audit.record(actor=None, action="auth.locked", subject=whose, by=limit.by, seconds=limit.seconds)
