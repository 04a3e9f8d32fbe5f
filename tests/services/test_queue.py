from uuid import uuid4

import pytest

from studio.errors import Conflict, StudioError, TooMany
from studio.models import AuditEntry, Generation, Notice, State
from studio.services import generations, queue
from studio.services.drawing import claims, line
from studio.services.orders import Order
from tests.factories import make_generation
from tests.money import money_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(bob, charlie, model) -> list[Generation]:
    return [make_generation(person, model) for person in (bob, charlie, bob)]


def _order() -> list:
    return [place.pk for place in line.look().waiting]


def test_move_first_and_last_go_beyond_all_others(alice, three):
    one, two, last = three
    queue.move(generation=last, administrator=alice, to=queue.FIRST)
    queue.move(generation=two, administrator=alice, to=queue.FIRST)
    queue.move(generation=one, administrator=alice, to=queue.LAST)

    assert _order() == [two.pk, last.pk, one.pk]
    assert [claims.claim_next("me").pk for _ in three] == [two.pk, last.pk, one.pk]


def test_move_back_into_turn_forgets_where_it_was_put(alice, three):
    queue.move(generation=three[0], administrator=alice, to=queue.LAST)
    queue.move(generation=three[0], administrator=alice, to=queue.TURN)

    assert _order()[0] == three[0].pk


def test_move_is_in_the_audit(alice, three):
    queue.move(generation=three[0], administrator=alice, to=queue.LAST)

    entry = AuditEntry.objects.get(action="queue.moved")
    assert (entry.actor, entry.subject, entry.detail["to"]) == (alice, str(three[0].pk), "last")


def test_move_what_does_not_wait_any_more_is_a_conflict(alice, bob, model):
    row = make_generation(bob, model, state=State.SENT)

    with pytest.raises(Conflict):
        queue.move(generation=row, administrator=alice, to=queue.FIRST)


def test_cancel_for_another_frees_what_was_reserved_and_says_why(alice, bob, model):
    row = make_generation(bob, model, n=2)

    queue.cancel(generation=row, actor=alice, why="The relay is for the pitch today.")

    row.refresh_from_db()
    assert row.state == State.CANCELLED
    assert str(row.why) == (
        "An administrator cancelled this: The relay is for the pitch today. Nothing was charged."
    )
    assert money_of(row) == (0, 0, 0)
    entry = AuditEntry.objects.get(action="queue.cancelled")
    assert (entry.actor, entry.detail["reason"]) == (alice, "The relay is for the pitch today.")
    notice = Notice.objects.get(person=bob)
    assert (notice.kind, notice.by, notice.generation) == ("cancelled", alice, row)


def test_cancel_ones_own_wants_no_reason_and_tells_nobody(bob, model):
    row = make_generation(bob, model)

    queue.cancel(generation=row, actor=bob)

    row.refresh_from_db()
    assert (row.state, row.reason, Notice.objects.count()) == (State.CANCELLED, "cancelled", 0)


def test_cancel_for_another_without_a_reason_changes_nothing(alice, bob, model):
    row = make_generation(bob, model)

    with pytest.raises(StudioError) as refused:
        queue.cancel(generation=row, actor=alice, why="  ")

    row.refresh_from_db()
    assert (refused.value.param, row.state) == ("why", State.QUEUED)


def test_cancel_what_the_relay_draws_is_a_conflict(alice, bob, model):
    row = make_generation(bob, model, state=State.SENT)

    with pytest.raises(Conflict):
        queue.cancel(generation=row, actor=alice, why="No.")

    assert not AuditEntry.objects.filter(action="queue.cancelled").exists()


def test_limit_of_a_person_goes_before_that_of_their_role(alice, bob, model, settings):
    settings.QUEUE_PER_PERSON = 20
    queue.limit(person=bob, administrator=alice, images=2)
    bob.refresh_from_db()
    make_generation(bob, model, n=2)
    order = Order(model=model, text="A lake", n=1, shared=True)

    with pytest.raises(TooMany) as refused:
        generations.submit(person=bob, submission_id=uuid4(), order=order)

    assert refused.value.sentence == "You already have 2 images waiting."
    assert AuditEntry.objects.get(action="person.queue_changed").detail["after"] == {"images": 2}


def test_limit_none_is_what_the_role_has(alice, bob, settings):
    settings.QUEUE_PER_PERSON = 7
    queue.limit(person=bob, administrator=alice, images=2)
    queue.limit(person=bob, administrator=alice, images=None)

    bob.refresh_from_db()
    assert bob.queue_cap == 7
