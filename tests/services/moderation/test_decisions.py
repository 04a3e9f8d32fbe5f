"""One decision for each case, and what it does."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from studio.errors import Conflict, Forbidden, StudioError
from studio.models import (
    AuditEntry,
    Case,
    CaseKind,
    Generation,
    Image,
    ImageModel,
    Prompt,
    Role,
    State,
    Strike,
    User,
)
from studio.models.ids import uuid7
from studio.services import generations, images, sharing
from studio.services.moderation import appeals, cases, decisions, reports
from studio.services.moderation.decisions import Decision
from studio.services.orders import Order
from studio.words import Reason
from tests.factories import make_generation, make_image, make_user

pytestmark = pytest.mark.django_db


def seen(image: Image, *people) -> list[bool]:
    return [Image.objects.visible_to(person).filter(pk=image.pk).exists() for person in people]


@pytest.mark.parametrize(
    ("verdict", "owner", "team"), [("kept", True, True), ("hidden", True, False), ("removed", False, False)]
)
def test_decide_says_who_sees_the_picture_from_now_on(
    bob, charlie, mona, image, case, decide, verdict, owner, team
):
    decide(case, mona, verdict, words="Ask the client first.", note="Second time.")

    assert seen(image, bob, charlie) == [owner, team]
    assert (case.verdict, case.decided_by, case.reason, case.words, case.note) == (
        verdict,
        mona,
        "logo",
        "Ask the client first.",
        "Second time.",
    )


def test_decide_is_in_the_audit_with_what_was_before(mona, case, decide):
    decide(case, mona, "hidden")

    entry = AuditEntry.objects.get(action="case.hidden")
    assert (entry.actor, entry.subject) == (mona, str(case.pk))
    assert (entry.detail["before"], entry.detail["reason"], entry.detail["image"]) == (
        "kept",
        "logo",
        str(case.image_id),
    )


def test_decide_tells_the_cards_of_the_run(mona, case, decide):
    before = Generation.objects.get().version

    decide(case, mona, "removed")

    assert Generation.objects.get().version == before + 1


def test_decide_what_is_decided_names_who_was_quicker(alice, mona, case, decide):
    stale = Case.objects.get(pk=case.pk)
    decide(case, mona, "kept")

    with pytest.raises(Conflict, match=r"Decided by Mona just now\."):
        decisions.decide(case=stale, moderator=alice, decision=Decision(verdict="removed", reason="logo"))

    assert Case.objects.get().verdict == "kept"


def test_decide_what_was_reopened_meanwhile_is_a_conflict(alice, mona, case, decide):
    stale = Case.objects.get(pk=case.pk)
    decide(case, mona, "kept")
    decisions.reopen(case=case, moderator=mona)

    with pytest.raises(Conflict, match="This case has changed meanwhile"):
        decisions.decide(case=stale, moderator=alice, decision=Decision(verdict="kept"))


def test_t14_decide_on_ones_own_thing_is_refused(mona, model):
    image = make_image(mona, model)
    case = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)

    with pytest.raises(StudioError, match="You have a part in this case") as error:
        decisions.decide(case=case, moderator=mona, decision=Decision(verdict="kept"))

    assert (error.value.status, Case.objects.get().verdict) == (403, "")


def test_t14_decide_on_what_one_has_reported_is_refused(mona, image):
    reports.report(generation=image.generation, image=image, person=mona, reason="logo")

    with pytest.raises(StudioError, match="You have a part in this case"):
        decisions.decide(case=Case.objects.get(), moderator=mona, decision=Decision(verdict="kept"))


@pytest.mark.parametrize(
    ("decision", "sentence"),
    [
        (Decision(verdict="hidden"), "Say why: the person reads it."),
        (Decision(verdict="kept", warn=True), "Say why: the person reads it."),
        (Decision(verdict="approved"), "This cannot be decided so."),
        (Decision(verdict="kept", reason="made up"), "Choose one of the reasons."),
    ],
)
def test_decide_what_cannot_be_decided_so_is_refused(mona, case, decision, sentence):
    with pytest.raises(StudioError) as error:
        decisions.decide(case=case, moderator=mona, decision=decision)

    assert error.value.sentence == sentence
    assert Case.objects.get().is_open


def test_decide_with_a_warning_is_a_strike(bob, mona, case, decide, settings):
    settings.STRIKE_DAYS = 30

    decide(case, mona, "kept", warn=True)

    strike = Strike.objects.counting().get()
    assert (strike.person, strike.case, strike.points, strike.given_by) == (bob, case, 1, mona)
    assert timedelta(days=29) < strike.expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize(("at", "suspended"), [(0, False), (2, True), (3, False)])
def test_decide_with_the_last_strike_suspends_if_that_is_set(
    bob, mona, model, decide, settings, at, suspended
):
    settings.STRIKES_SUSPEND = at
    for _ in range(2):
        image = make_image(bob, model)
        case = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)
        decide(case, mona, "kept", warn=True)

    bob.refresh_from_db()
    assert (bob.is_active, bool(bob.suspended_until)) == (not suspended, suspended)


def test_decide_to_suspend_until_a_date_says_why(bob, mona, case, decide):
    until = timezone.now() + timedelta(days=3)

    decide(case, mona, "removed", words="Third time.", suspend_until=until)

    bob.refresh_from_db()
    assert (bob.is_active, bob.suspended_until) == (False, until)
    assert bob.suspension_reason == "Client’s name or logo. Third time."
    assert AuditEntry.objects.get(action="person.suspended").actor == mona


def test_decide_to_suspend_a_moderator_decides_nothing(mona, model, decide):
    other = make_user("Rita", role=Role.MODERATOR)
    image = make_image(other, model)
    case = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)

    with pytest.raises(StudioError):
        decide(case, mona, "removed", suspend_until=timezone.now() + timedelta(days=3))

    assert Case.objects.get().is_open


# Taken back


@pytest.mark.parametrize("verdict", ["hidden", "removed"])
def test_undo_leaves_no_trace_but_in_the_audit(charlie, mona, image, case, decide, verdict):
    decide(case, mona, verdict, warn=True)

    decisions.undo(case=case, moderator=mona)

    case.refresh_from_db()
    assert (case.is_open, seen(image, charlie), Strike.objects.count()) == (True, [True], 0)
    assert AuditEntry.objects.get(action="case.undone").detail["before"] == verdict


def test_undo_by_another_or_too_late_is_a_conflict(alice, mona, case, decide):
    decide(case, mona, "removed")
    with pytest.raises(Conflict):
        decisions.undo(case=case, moderator=alice)
    Case.objects.update(decided_at=timezone.now() - timedelta(seconds=11))

    with pytest.raises(Conflict):
        decisions.undo(case=case, moderator=mona)

    assert Case.objects.get().verdict == "removed"


def test_reopen_keeps_what_was_decided_until_the_next_decision(alice, charlie, mona, image, case, decide):
    decide(case, mona, "removed")

    decisions.reopen(case=case, moderator=alice)
    waiting = seen(image, charlie)
    decide(case, alice, "kept")

    assert (waiting, seen(image, charlie), case.verdict) == ([False], [True], "kept")


def test_reopen_beside_a_newer_open_case_is_a_conflict(charlie, mona, image, case, decide):
    decide(case, mona, "kept")
    reports.report(generation=image.generation, image=image, person=charlie, reason="logo")

    with pytest.raises(Conflict, match="in a newer case"):
        decisions.reopen(case=case, moderator=mona)


# A held prompt


@pytest.fixture
def held(bob, model) -> Case:
    why = {"reason": "rule_holds", "reason_values": {}}
    run = make_generation(bob, model, text="Northpeak", state=State.HELD, **why)
    return cases.open_for(kind=CaseKind.HELD, generation=run, rule="Client names", rules=[])


def test_decide_to_approve_lets_a_held_prompt_run(mona, held, decide, money):
    decide(held, mona, "approved", note="Fine with the client.")

    row = Generation.objects.get()
    assert (row.state, money(row)) == (State.QUEUED, (1, 0, 0))
    assert (held.verdict, held.decided_by, held.note) == ("approved", mona, "Fine with the client.")


def test_decide_to_refuse_a_held_prompt_says_why_and_costs_nothing(mona, held, decide, money):
    decide(held, mona, "refused", words="Ask first.")

    row = Generation.objects.get()
    assert (row.state, money(row)) == (State.REFUSED, (0, 0, 0))
    assert "Client’s name or logo. Ask first." in row.why.said()
    assert (held.verdict, held.words) == ("refused", "Ask first.")


def test_decide_a_hold_twice_is_a_conflict(alice, mona, held, decide):
    stale = Case.objects.get(pk=held.pk)
    decide(held, mona, "approved")

    with pytest.raises(Conflict, match="Decided by Mona just now"):
        decisions.decide(case=stale, moderator=alice, decision=Decision(verdict="refused", reason="logo"))

    assert Generation.objects.get().state == State.QUEUED


def test_undo_of_an_approval_holds_the_prompt_again(mona, held, decide):
    decide(held, mona, "approved")

    decisions.undo(case=held, moderator=mona)

    row = Generation.objects.get()
    assert (row.state, row.reason, Case.objects.get().is_open) == (State.HELD, "rule_holds", True)


def test_undo_of_an_approval_that_is_drawn_already_is_a_conflict(mona, held, decide):
    decide(held, mona, "approved")
    Generation.objects.update(state=State.CLAIMED)

    with pytest.raises(Conflict, match="no longer waits for a moderator"):
        decisions.undo(case=held, moderator=mona)

    assert Case.objects.get().verdict == "approved"


def test_undo_or_reopening_of_a_refused_prompt_is_a_conflict(mona, held, decide):
    decide(held, mona, "refused")

    for act in (decisions.undo, decisions.reopen):
        with pytest.raises(Conflict):
            act(case=held, moderator=mona)


# A prompt, with all its runs


@pytest.fixture
def prompt_case(bob, model) -> Case:
    """A reported prompt: three runs, of which one is private; one picture was taken out and one is in the trash."""
    runs = [make_generation(bob, model, text="A tower", n=3, state=State.DONE) for _ in range(2)]
    make_image(bob, model, text="A tower", shared=False)
    for _ in range(3):
        make_image(bob, model, generation=runs[0])
    out, trashed, _ = runs[0].images.order_by("index")
    sharing.share_image(image=out, person=bob, shared=False)
    images.trash(images=[trashed.pk], person=bob, trashed=True)
    return cases.open_for(kind=CaseKind.REPORT, generation=runs[1])


def stand() -> tuple[list, list, list]:
    """How everything stands that a decision may touch."""
    return (
        list(Generation.objects.order_by("pk").values_list("shared", "withheld_at")),
        list(Image.objects.order_by("pk").values_list("shared", "held_at", "removed_at", "trashed_at")),
        [at is not None for at in Prompt.objects.values_list("shared_at", flat=True)],
    )


@pytest.mark.parametrize("verdict", ["hidden", "removed"])
def test_decide_on_a_prompt_takes_it_from_the_team_everywhere(charlie, mona, prompt_case, decide, verdict):
    decide(prompt_case, mona, verdict)

    for rows in (Generation, Image, Prompt):
        assert not rows.objects.visible_to(charlie).exists()
    assert Image.objects.filter(removed_at__isnull=False).count() == (2 if verdict == "removed" else 0)


@pytest.mark.parametrize("walk", [["hidden"], ["removed"], ["hidden", "removed"], ["removed", "hidden"]])
def test_decide_to_keep_a_prompt_gives_back_just_what_was_taken(mona, prompt_case, decide, walk):
    before = stand()
    for verdict in walk:
        decide(prompt_case, mona, verdict)
        decisions.reopen(case=prompt_case, moderator=mona)

    decide(prompt_case, mona, "kept")

    assert stand() == before


def test_undo_of_a_prompts_decision_gives_back_just_what_was_taken(mona, prompt_case, decide):
    before = stand()
    decide(prompt_case, mona, "removed")

    decisions.undo(case=prompt_case, moderator=mona)

    assert stand() == before


def test_decide_to_keep_one_picture_leaves_it_hidden_with_its_prompt(charlie, mona, prompt_case, decide):
    image = Image.objects.seen_by_team().get()
    of_picture = cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=image)
    decide(prompt_case, mona, "hidden")

    decide(of_picture, mona, "kept")

    assert seen(image, charlie) == [False]


def test_share_what_moderators_keep_from_the_team_is_a_conflict(bob, mona, prompt_case, decide):
    decide(prompt_case, mona, "hidden")

    for shared in (True, False):
        with pytest.raises(Conflict, match="Moderators keep this from the team"):
            sharing.share_generation(
                generation=Generation.objects.filter(withheld_at__isnull=False).first(),
                person=bob,
                shared=shared,
            )


@pytest.mark.parametrize("verdict", ["hidden", "removed"])
def test_share_of_a_run_that_was_private_when_its_prompt_was_withheld_is_a_conflict(
    bob, charlie, mona, model, prompt_case, decide, verdict
):
    text = prompt_case.generation.prompt.text
    private = make_image(bob, model, text=text, shared=False)
    decide(prompt_case, mona, verdict)

    with pytest.raises(Conflict, match="Moderators keep this from the team"):
        sharing.share_generation(generation=private.generation, person=bob, shared=True)
    with pytest.raises(Conflict, match="Moderators keep this from the team"):
        sharing.share_image(image=private, person=bob, shared=True)
    assert not Prompt.objects.visible_to(charlie).exists()


def test_submit_of_what_moderators_keep_from_the_team_is_for_its_person_alone(
    bob, charlie, mona, model, prompt_case, decide
):
    text = prompt_case.generation.prompt.text
    decide(prompt_case, mona, "hidden")

    with pytest.raises(Conflict, match="Moderators keep this from the team"):
        submit(bob, model, text, shared=True)
    submit(bob, model, text, shared=False)

    assert not Prompt.objects.visible_to(charlie).exists()
    assert not Generation.objects.visible_to(charlie).exists()


def submit(person: User, model: ImageModel, text: str, *, shared: bool) -> Generation:
    order = Order(model=model, text=text, n=1, shared=shared, settings={})
    return generations.submit(person=person, submission_id=uuid7(), order=order)


def test_decide_again_with_a_warning_counts_it_once_and_without_forgets_it(mona, case, decide):
    decide(case, mona, "hidden", warn=True)
    decisions.reopen(case=case, moderator=mona)
    decide(case, mona, "removed", warn=True)
    assert Strike.objects.count() == 1

    decisions.reopen(case=case, moderator=mona)
    decide(case, mona, "kept")

    assert not Strike.objects.exists()


@pytest.fixture
def removed_meanwhile(alice, mona, image, case, decide) -> Case:
    """A picture that mona hid for a report, and that alice removed when she reviewed it."""
    review = cases.open_for(kind=CaseKind.REVIEW, generation=image.generation, image=image)
    decide(case, mona, "hidden")
    decide(review, alice, "removed")
    return case


def test_undo_leaves_what_another_has_removed_meanwhile(bob, mona, image, removed_meanwhile):
    decisions.undo(case=removed_meanwhile, moderator=mona)

    assert seen(image, bob) == [False]


def test_appeal_accepted_leaves_what_another_has_removed(bob, charlie, image, removed_meanwhile, decide):
    row = appeals.appeal(case=removed_meanwhile, person=bob, text="The client agreed.")

    decide(row, make_user("Max", role="moderator"), "overturned")

    assert seen(image, bob, charlie) == [False, False]


@pytest.fixture
def hidden_twice(alice, mona, image, case, decide) -> Case:
    """A picture that mona hid for a report, and that alice hid when she reviewed it."""
    review = cases.open_for(kind=CaseKind.REVIEW, generation=image.generation, image=image)
    decide(case, mona, "hidden")
    decide(review, alice, "hidden")
    return case


def test_undo_leaves_hidden_what_another_has_hidden_too(charlie, mona, image, hidden_twice):
    decisions.undo(case=hidden_twice, moderator=mona)

    assert seen(image, charlie) == [False]


def test_appeal_accepted_leaves_hidden_what_another_has_hidden_too(bob, charlie, image, hidden_twice, decide):
    row = appeals.appeal(case=hidden_twice, person=bob, text="The client agreed.")

    decide(row, make_user("Max", role="moderator"), "overturned")

    assert seen(image, charlie) == [False]


def test_t14_decide_on_the_review_of_what_one_has_reported_is_refused(mona, image):
    reports.report(generation=image.generation, image=image, person=mona, reason="logo")
    review = cases.open_for(kind=CaseKind.REVIEW, generation=image.generation, image=image)

    with pytest.raises(Forbidden):
        decisions.decide(case=review, moderator=mona, decision=Decision(verdict="kept"))


# Two at once


class Rival(Thread):
    """Does one act after the other, each at the same moment as a rival; what they are told stands in `told`."""

    def __init__(self, acts: Iterable[Callable[[], object]], start: Barrier) -> None:
        super().__init__()
        self.acts, self.start_line = list(acts), start
        self.told: list[str] = []

    def run(self) -> None:
        for act in self.acts:
            self.start_line.wait()
            try:
                act()
            except Exception as error:
                self.told.append(str(error))
            else:
                self.told.append("won")
        connection.close()


def race(*acts: Iterable[Callable[[], object]]) -> list[tuple[str, ...]]:
    """What each is told, act by act."""
    start = Barrier(len(acts))
    rivals = [Rival(each, start) for each in acts]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    return list(zip(*(rival.told for rival in rivals), strict=True))


def deciding(person: User, verdict: str) -> list[Callable[[], object]]:
    """What decides every case, as a page shows it now."""
    decision = Decision(verdict=verdict, reason="logo")
    rows = Case.objects.order_by("pk").select_related("generation__owner")
    return [partial(decisions.decide, case=case, moderator=person, decision=decision) for case in rows]


@pytest.fixture
def races(kills) -> int:
    """How often two meet: 200 times by `make faults`, which is long for every run."""
    return min(kills, 200)


@pytest.fixture
def rita() -> User:
    return make_user("Rita", role=Role.MODERATOR)


@pytest.mark.django_db(transaction=True)
def test_decide_by_two_at_once_every_time_is_one_decision_each(races, mona, rita, image):
    for index in range(1, races):
        Image.objects.create(**facts_of(image) | {"id": uuid7(), "index": index})
    for each in Image.objects.all():
        cases.open_for(kind=CaseKind.REPORT, generation=image.generation, image=each)

    told = race(deciding(mona, "kept"), deciding(rita, "hidden"))

    decided = Case.objects.order_by("pk").values_list("decided_by__name", "verdict")
    for (winner, verdict), told_both in zip(decided, told, strict=True):
        assert sorted(told_both) == [f"Decided by {winner} just now.", "won"]
        assert (winner, verdict, told_both.index("won")) in {("Mona", "kept", 0), ("Rita", "hidden", 1)}
    assert AuditEntry.objects.filter(action__in=["case.kept", "case.hidden"]).count() == races


@pytest.fixture
def held_ones(races, bob, model) -> list[Generation]:
    """Held prompts, each with its case."""
    rows = [make_generation(bob, model, text=f"Northpeak {n}", state=State.HELD) for n in range(races)]
    for row in rows:
        cases.open_for(kind=CaseKind.HELD, generation=row, rule="Client names", rules=[])
    return rows


@pytest.mark.django_db(transaction=True)
def test_approve_and_refuse_at_once_every_time_is_one_decision_each(mona, rita, held_ones):
    told = race(deciding(mona, "approved"), deciding(rita, "refused"))

    decided = Case.objects.order_by("pk").values_list("decided_by__name", "verdict", "generation__state")
    for (winner, verdict, state), told_both in zip(decided, told, strict=True):
        assert sorted(told_both) == [f"Decided by {winner} just now.", "won"]
        won = (winner, verdict, state, told_both.index("won"))
        assert won in {("Mona", "approved", State.QUEUED, 0), ("Rita", "refused", State.REFUSED, 1)}


@pytest.mark.django_db(transaction=True)
def test_approve_and_cancel_at_once_every_time_ends_cancelled_and_costs_nothing(mona, bob, held_ones, money):
    cancelling = [partial(generations.cancel, generation=row, person=bob) for row in held_ones]

    told = race(deciding(mona, "approved"), cancelling)

    assert set(Generation.objects.values_list("state", flat=True)) == {State.CANCELLED}
    assert {money(row) for row in held_ones} == {(0, 0, 0)}
    outcomes = Counter(zip(Case.objects.order_by("pk").values_list("verdict", flat=True), told, strict=True))
    late = Reason("hold_is_over").said()
    assert set(outcomes) <= {("approved", ("won", "won")), ("withdrawn", (late, "won"))}


def facts_of(image: Image) -> dict[str, object]:
    return {field.attname: getattr(image, field.attname) for field in Image._meta.fields}
