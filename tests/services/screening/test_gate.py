"""What the rules say of a prompt, and how soon a change of theirs is known."""

from uuid import uuid4

import pytest

from studio.errors import StudioError
from studio.models import Act, Case, CaseKind, Generation, RuleHits, State, Verdict
from studio.services import comparisons, generations
from studio.services.moderation import holds, rules
from studio.services.orders import Order
from studio.services.screening import gate, shelf
from studio.services.screening.gate import Screened
from tests.money import money_of

pytestmark = pytest.mark.django_db


def make_rule(administrator, act: Act = Act.BLOCK, words: str = "northpeak", **fields):
    facts = {"name": "Clients", "sentence": "", "patterns": "", "in_prompt": True, "in_negative": False}
    on = fields.pop("on", True)
    return rules.add(administrator=administrator, on=on, act=act, words=words, **(facts | fields))


def submit(person, model, text: str = "The Northpeak logo", **fields) -> Generation:
    settings = fields.pop("settings", {})
    order = Order(model=model, text=text, n=1, shared=True, settings=settings)
    key = fields.pop("submission_id", None) or uuid4()
    return generations.submit(person=person, submission_id=key, order=order, **fields)


def test_submit_blocked_saves_nothing_and_says_where(alice, bob, model):
    rule = make_rule(alice, sentence="No clients here.")

    with pytest.raises(Screened) as refused:
        submit(bob, model, "The N0rthpeak logo")

    assert (refused.value.status, refused.value.sentence, refused.value.param) == (
        422,
        "No clients here.",
        "prompt",
    )
    assert [(hit.start, hit.end, hit.key) for hit in refused.value.findings.hits] == [(4, 13, rule.pk)]
    assert not Generation.objects.exists()
    assert RuleHits.objects.get().count == 1


def test_submit_rule_without_a_sentence_says_the_studios(alice, bob, model):
    make_rule(alice)

    with pytest.raises(Screened, match="The marked words are not drawn here"):
        submit(bob, model)


def test_submit_warned_goes_on_with_the_token_of_just_this(alice, bob, model):
    make_rule(alice, Act.WARN)
    with pytest.raises(Screened) as warned:
        submit(bob, model)
    token = warned.value.findings.token

    row = submit(bob, model, acknowledged=token)

    assert row.state == State.QUEUED
    with pytest.raises(Screened):
        submit(bob, model, "Another northpeak", acknowledged=token)
    assert RuleHits.objects.get().count == 2


def test_submit_warning_of_a_rule_that_was_changed_is_read_again(alice, bob, model):
    rule = make_rule(alice, Act.WARN)
    with pytest.raises(Screened) as warned:
        submit(bob, model)

    rules.edit(rule=rule, administrator=alice, sentence="Really?")

    with pytest.raises(Screened, match="Really"):
        submit(bob, model, acknowledged=warned.value.findings.token)


def test_submit_held_reserves_and_waits_for_a_moderator(alice, bob, model):
    rule = make_rule(alice, Act.HOLD, sentence="Clients wait.")

    row = submit(bob, model)

    assert (row.state, money_of(row).reserved, str(row.why)) == (State.HELD, 1, "Clients wait.")
    case = Case.objects.get()
    assert (case.kind, case.generation, case.person, case.is_open) == (CaseKind.HELD, row, bob, True)
    assert case.detail == {
        "rule": "Clients",
        "rules": [str(rule.pk)],
        "finds": [rule.finds],
        "matches": [[4, 13]],
        "negative": [],
    }
    assert not Generation.objects.ready().exists()


def test_submit_strictest_rule_decides_whatever_their_order(alice, bob, model):
    make_rule(alice, Act.WARN, "lake")
    make_rule(alice, Act.HOLD, "hill")
    make_rule(alice, Act.BLOCK, "gun")

    with pytest.raises(Screened) as refused:
        submit(bob, model, "A lake, a hill, a gun")

    assert refused.value.findings.act == Act.BLOCK


def test_submit_rule_reads_the_negative_prompt_where_it_is_told_to(alice, bob, model):
    make_rule(alice, in_prompt=False, in_negative=True)

    assert submit(bob, model).state == State.QUEUED
    with pytest.raises(Screened):
        submit(bob, model, "A lake", settings={"negative_prompt": "northpeak"})


def test_submit_same_form_again_after_a_rule_was_added_is_the_same_generation(alice, bob, model):
    key = uuid4()
    first = submit(bob, model, submission_id=key)
    make_rule(alice)

    assert submit(bob, model, submission_id=key) == first


def test_submit_rule_that_is_off_or_was_removed_stops_nothing(alice, bob, model):
    rule = make_rule(alice, on=False)
    assert submit(bob, model).state == State.QUEUED
    rules.edit(rule=rule, administrator=alice, is_on=True)
    with pytest.raises(Screened):
        submit(bob, model)

    rules.remove(rule=rule, administrator=alice)

    assert submit(bob, model).state == State.QUEUED


def test_comparison_is_screened_once_for_all_columns(alice, bob, model, plain_model):
    make_rule(alice, Act.HOLD)

    row = comparisons.start(
        person=bob,
        submission_id=uuid4(),
        models=[model, plain_model],
        text="northpeak",
        settings={},
        n=1,
        shared=True,
    )

    assert [each.state for each in row.generations.all()] == [State.HELD] * 2
    assert Case.objects.open().count() == 2
    assert RuleHits.objects.get().count == 1


def test_comparison_blocked_saves_nothing(alice, bob, model, plain_model):
    make_rule(alice)

    with pytest.raises(Screened):
        comparisons.start(
            person=bob,
            submission_id=uuid4(),
            models=[model, plain_model],
            text="northpeak",
            settings={},
            n=1,
            shared=True,
        )

    assert not Generation.objects.exists()


def test_retry_passes_the_same_gate(alice, bob, model):
    row = submit(bob, model)
    generations.cancel(generation=row, person=bob)
    row.refresh_from_db()
    rule = make_rule(alice)
    with pytest.raises(Screened):
        generations.retry(generation=row, person=bob)

    rules.edit(rule=rule, administrator=alice, act=Act.HOLD)
    generations.retry(generation=row, person=bob)

    row.refresh_from_db()
    assert (row.state, row.round, money_of(row).reserved) == (State.HELD, 2, 1)
    assert Case.objects.open().get().generation == row


def test_retry_of_what_a_moderator_approved_is_not_held_again(alice, bob, mona, model):
    make_rule(alice, Act.HOLD)
    row = submit(bob, model)
    holds.approve(generation=row, moderator=mona)
    assert Case.objects.get().verdict == Verdict.APPROVED
    generations.cancel(generation=row, person=bob)
    row.refresh_from_db()

    generations.retry(generation=row, person=bob)

    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_current_asks_nothing_between_two_looks_and_one_thing_at_each(alice, django_assert_num_queries):
    make_rule(alice)
    with django_assert_num_queries(3):  # the version, the rules, the classifier
        shelf.current()

    with django_assert_num_queries(0):
        gate.screen({"prompt": "northpeak"})

    shelf.expire()
    with django_assert_num_queries(1):
        assert gate.screen({"prompt": "northpeak"}).act == Act.BLOCK


def test_current_reads_what_another_process_changed_within_two_seconds(alice, monkeypatch):
    rule = make_rule(alice)
    before = shelf.current()
    rules.remove(rule=rule, administrator=alice)
    now = before.until
    shelf.put(before)  # this process has not heard of it
    assert gate.screen({"prompt": "northpeak"})

    monkeypatch.setattr("studio.services.screening.shelf.time.monotonic", lambda: now)

    assert shelf.LOOKS <= 2
    assert not gate.screen({"prompt": "northpeak"})


@pytest.mark.parametrize(
    ("fields", "param", "words"),
    [
        ({"words": "", "patterns": ""}, "words", "at least one"),
        ({"patterns": "fine\n("}, "patterns", "“(”: This is not a pattern that RE2 reads: missing )"),
        ({"patterns": "a*"}, "patterns", "found in every text"),
        ({"words": "a\n\u200b"}, "words", "nothing to look for"),
        ({"in_prompt": False}, "in_prompt", "at least one place"),
    ],
)
def test_add_what_cannot_be_looked_for_is_refused(alice, fields, param, words):
    with pytest.raises(StudioError) as refused:
        make_rule(alice, **fields)

    assert refused.value.param == param
    assert words in refused.value.sentence
