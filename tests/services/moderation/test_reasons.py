"""The list of reasons: what comes with the studio, and what a team makes of it."""

import pytest

from studio.models import AuditEntry
from studio.services.moderation import reasons

pytestmark = pytest.mark.django_db


def test_offered_puts_the_teams_own_before_the_last_ones(mona):
    reasons.add(words="Shows the mayor", moderator=mona)

    assert list(reasons.offered().values()) == [
        "Client’s name or logo",
        "Real person",
        "Living artist",
        "Not for work",
        "Shows the mayor",
        "Nothing wrong",
        "Something else",
    ]
    assert "Nothing wrong" not in reasons.offered(to_report=True).values()


def test_retire_takes_a_reason_out_and_keeps_its_words(mona):
    own = reasons.add(words="Shows the mayor", moderator=mona)

    for code in (own.code, "logo"):
        assert reasons.retire(code=code, moderator=mona)

    assert {own.code, "logo"} & set(reasons.offered()) == set()
    assert [reasons.words()[code] for code in (own.code, "logo")] == [
        "Shows the mayor",
        "Client’s name or logo",
    ]
    assert AuditEntry.objects.filter(action="reason.retired", actor=mona).count() == 2


def test_retire_undone_offers_it_again(mona):
    own = reasons.add(words="Shows the mayor", moderator=mona)
    before = reasons.offered()
    for retired in (True, False):
        for code in (own.code, "logo"):
            reasons.retire(code=code, moderator=mona, retired=retired)

    assert reasons.offered() == before


@pytest.mark.parametrize("code", ["nobody knows it", "something_else"])
def test_retire_what_is_not_in_the_list_changes_nothing(mona, code):
    assert not reasons.retire(code=code, moderator=mona)
    assert not AuditEntry.objects.filter(action="reason.retired").exists()
