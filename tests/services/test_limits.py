"""Tries are counted in the database, exactly, and by its clock (SAFETY §5, T16)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from studio.errors import TooMany
from studio.models import AuditEntry, Tries
from studio.services import limits, retention

pytestmark = pytest.mark.django_db


def attempt(email: str = "bob@example.com", address: str = "203.0.113.9", browser: str = "") -> str:
    """Count one try and say what came of it."""
    try:
        limits.sign_in(email=email, address=address, browser=browser)
    except TooMany as error:
        return error.sentence
    return "counted"


def later(seconds: int) -> None:
    """Let this time pass: everything that was counted lies further back."""
    for row in Tries.objects.all():
        row.times = [time - seconds for time in row.times]
        row.told_at -= seconds
        row.save()


def test_t16_sixth_try_for_one_name_is_refused_from_wherever_it_comes():
    answers = [attempt(address=f"203.0.113.{number}") for number in range(6)]

    assert answers == ["counted"] * 5 + ["Too many attempts. Try again in 5 minutes."]


def test_t16_eleventh_try_from_one_address_is_refused_for_whatever_name():
    answers = [attempt(f"n{number}@example.com") for number in range(11)]

    assert answers == ["counted"] * 10 + ["Too many attempts. Try again in 1 minute."]


@pytest.mark.parametrize(
    "variant",
    ["BOB@EXAMPLE.COM", " bob@example.com ", "bób@example.com", "bob@exaｍple.com", "b\u0307ob@example.com"],
)
def test_t16_case_accents_and_look_alikes_are_one_name(variant):
    assert limits.same_name(variant) == limits.same_name("bob@example.com")


def test_t16_name_is_free_again_when_its_first_try_is_five_minutes_old():
    for _ in range(5):
        attempt()

    later(299)
    assert attempt() == "Too many attempts. Try again in 1 minute."
    later(2)
    assert attempt() == "counted"


def test_t16_refused_tries_do_not_make_the_wait_longer():
    for _ in range(5):
        attempt()
    later(200)
    for _ in range(20):
        attempt()

    later(101)

    assert attempt() == "counted"


def test_t16_known_browser_has_a_count_of_its_own():
    for _ in range(6):
        attempt()

    assert attempt(address="198.51.100.7", browser="its own name") == "counted"


def test_refusal_says_in_seconds_when_to_come_back():
    for _ in range(5):
        attempt()

    with pytest.raises(TooMany) as refused:
        limits.sign_in(email="bob@example.com", address="203.0.113.9")

    assert 298 <= refused.value.retry_after <= 301


def test_give_back_leaves_room_for_the_next_try():
    for _ in range(12):
        limits.give_back(limits.sign_in(email="bob@example.com", address="203.0.113.9"))

    assert attempt() == "counted"


def test_right_passwords_are_counted_too_for_each_address():
    for number in range(30):
        limits.give_back(limits.sign_in(email=f"n{number}@example.com", address="203.0.113.9"))

    assert attempt("another@example.com") == "Too many attempts. Try again in 1 minute."


def test_t16_lock_is_in_the_audit_once_for_its_time(bob):
    for _ in range(8):
        attempt(bob.email)
    entries = [
        (row.actor, row.subject, row.detail) for row in AuditEntry.objects.filter(action="auth.locked")
    ]

    later(301)
    for _ in range(6):
        attempt(bob.email, address="198.51.100.7")

    assert entries == [(None, str(bob.pk), {"by": "name", "seconds": 300})]
    assert AuditEntry.objects.filter(action="auth.locked").count() == 2


@pytest.mark.parametrize(("email", "subject"), [("nobody@example.com", "unknown")])
def test_t16_lock_of_a_name_that_is_nobodys_keeps_no_name(email, subject):
    for _ in range(6):
        attempt(email)

    entry: Any = AuditEntry.objects.get(action="auth.locked")
    assert (entry.subject, "nobody" in str(entry.detail)) == (subject, False)


def test_row_says_neither_who_was_tried_nor_from_where():
    attempt()

    kept = str(list(Tries.objects.values()))
    assert "bob" not in kept
    assert "203.0.113" not in kept


def test_counts_that_are_over_are_removed():
    attempt()
    assert (limits.forget(), Tries.objects.count()) == (0, 3)
    Tries.objects.update(ends_at="2020-01-01T00:00Z")

    retention.clean_up()

    assert Tries.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_t16_twenty_tries_at_once_are_five():
    def one(number: int) -> str:
        try:
            return attempt(address=f"203.0.113.{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(one, range(20)))

    assert answers.count("counted") == 5
