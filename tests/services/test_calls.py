"""A call of a program and the generation that it asks for: whatever dies between the two, there is one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.db.models.functions import Now

from studio.errors import OverBudget
from studio.models import Allowance, Call, Generation, State
from studio.services import budgets, calls, generations, tokens
from studio.services.orders import Order

pytestmark = pytest.mark.django_db
BODY = b'{"prompt": "A lake"}'


@pytest.fixture
def token(bob):
    return tokens.make(person=bob, name="Scripts")[0]


@pytest.fixture
def order(model) -> Order:
    return Order(model=model, text="A lake", n=1, shared=True)


def noted(token, **facts) -> Call:
    """A call that came in; the process died, or still asks the classifier, before its generation is known."""
    return Call.objects.create(token=token, digest=calls.digest_of(BODY), **facts)


@pytest.mark.parametrize("key", ["", "one"])
def test_ask_again_after_the_process_died_before_submitting_is_one_generation(key, token, order):
    call = noted(token, key=key)

    again = calls.ask(token=token, body=BODY, order=order, key=key, is_retry=True)

    assert again.replayed
    assert (Generation.objects.count(), Call.objects.get().generation) == (1, again.generation)
    assert again.generation.submission_id == call.pk


def test_ask_again_after_the_process_died_after_submitting_is_the_same_generation(token, order):
    call = noted(token)
    row = generations.submit(person=token.person, submission_id=call.pk, order=order)

    again = calls.ask(token=token, body=BODY, order=order, is_retry=True)

    assert again.generation == row
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    ("is_retry", "state", "ago", "joins"),
    [
        (None, State.UNKNOWN, 30, True),  # the AI SDK, which does not tell
        (None, State.BROKEN, 30, True),
        (None, State.UNKNOWN, 61, False),
        (None, State.FAILED, 30, False),  # nothing was charged
        (None, State.DONE, 30, False),
        (
            False,
            State.UNKNOWN,
            30,
            True,
        ),  # LiteLLM's server: each try is a first call of the library below it
        (False, State.UNKNOWN, 61, False),
        (False, State.FAILED, 30, False),
        (True, State.UNKNOWN, 61, True),
    ],
)
def test_ask_again_joins_what_may_have_been_charged(is_retry, state, ago, joins, token, order):
    first = calls.ask(token=token, body=BODY, order=order)
    ended = Now() - timedelta(seconds=ago)
    Generation.objects.update(state=state, settled_at=ended)

    again = calls.ask(token=token, body=BODY, order=order, is_retry=is_retry)

    assert (again.generation == first.generation) == joins


def test_ask_first_call_that_comes_after_its_repetition_is_the_same_generation(token, order):
    again = calls.ask(token=token, body=BODY, order=order, is_retry=True)

    first = calls.ask(token=token, body=BODY, order=order, is_retry=False)
    deliberate = calls.ask(token=token, body=BODY, order=order, is_retry=False)

    assert (again.replayed, first.replayed, deliberate.replayed) == (False, True, False)
    assert first.generation == again.generation
    assert Generation.objects.count() == 2


def test_ask_first_call_after_a_repetition_that_died_unsubmitted_is_one_generation(token, order):
    noted(token, early=True)

    calls.ask(token=token, body=BODY, order=order, is_retry=False)
    calls.ask(token=token, body=BODY, order=order, is_retry=True)

    assert Generation.objects.count() == 1
    assert not Call.objects.get().early


@pytest.mark.parametrize("is_retry", [False, None])
def test_ask_again_once_the_answer_was_sent_is_a_new_generation(is_retry, token, order):
    """Whether it arrived nobody can know: a deliberate repeat looks the same (docs/programs.md)."""
    calls.ask(token=token, body=BODY, order=order, is_retry=True)
    Generation.objects.update(state=State.DONE)

    again = calls.ask(token=token, body=BODY, order=order, is_retry=is_retry)

    assert not again.replayed
    assert Generation.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_ask_first_and_its_repetition_at_the_same_moment_are_one_generation(token, order):
    gate = Barrier(2)

    def ask(is_retry: bool) -> object:
        try:
            gate.wait()
            return calls.ask(token=token, body=BODY, order=order, is_retry=is_retry).generation.pk
        finally:
            connections.close_all()

    for _ in range(5):
        Call.objects.all().delete()
        with ThreadPoolExecutor(2) as crowd:
            assert len(set(crowd.map(ask, [False, True]))) == 1


def test_ask_refused_leaves_its_key_to_other_words(token, order):
    budgets.allowance(person=token.person)
    Allowance.objects.update(cap=0)
    with pytest.raises(OverBudget):
        calls.ask(token=token, body=BODY, order=order, key="one")
    Allowance.objects.update(cap=10)

    calls.ask(token=token, body=b"other", order=order, key="one")

    assert Call.objects.get().digest == calls.digest_of(b"other")
