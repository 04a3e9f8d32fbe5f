"""The pages of the rules: list, form, trial, history, lists to start from."""

from html import unescape

import pytest
from django.test import Client

from studio.models import Act, AuditEntry, Rule, RuleChange
from studio.services import prompts
from studio.services.moderation import rules
from studio.services.moderation.starters import STARTERS
from studio.services.screening import gate
from tests.services.screening.test_gate import make_rule

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NEW = "/moderation/rules/new/"


@pytest.fixture
def as_mona(mona) -> Client:
    client = Client()
    client.force_login(mona)
    return client


def written(**changes) -> dict[str, str]:
    facts = {"name": "Clients", "act": "hold", "words": "northpeak\n\n northpeak \nharbour & finch"}
    return facts | {"patterns": "", "sentence": "", "in_prompt": "on"} | changes


def test_index_without_rules_says_what_one_does_and_offers_lists(as_alice, as_mona):
    page, read = as_alice.get("/moderation/rules/"), as_mona.get("/moderation/rules/")

    assert "No rules yet" in page.text
    assert page.text.count("Take it") == len(STARTERS)
    assert ("Take it" in read.text, "Add a rule" in read.text) == (False, False)


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_the_same_number_of_queries(as_alice, alice, count, django_assert_num_queries):
    for number in range(count):
        make_rule(alice, on=False, name=f"Rule {number}")
    as_alice.get("/moderation/rules/")

    with django_assert_num_queries(6):  # session, person, relays in trouble, open cases, rules, changes
        as_alice.get("/moderation/rules/")


def test_index_shows_hits_order_and_what_is_off(as_mona, alice):
    rule = make_rule(alice, Act.BLOCK, "northpeak\nharbour finch", patterns="x+", name="First")
    make_rule(alice, Act.WARN, name="Second", on=False)
    gate._count(gate.screen({"prompt": "northpeak"}))

    page = as_mona.get("/moderation/rules/")

    rows = page.context["rules"]
    assert [(row["name"], row["does"], row["hits"], row["counts"], row["is_on"]) for row in rows] == [
        ("First", "Block", 1, "1 word, 1 phrase, 1 pattern", True),
        ("Second", "Warn", 0, "1 word, off", False),
    ]
    assert f"/moderation/rules/{rule.pk}/" in page.text
    assert "/edit/" not in page.text


@pytest.mark.parametrize(("on", "is_on"), [("1", True), ("0", False)])
def test_new_is_kept_and_used_or_not(as_alice, alice, on, is_on):
    answer = as_alice.post(NEW, written(on=on))

    rule = Rule.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/moderation/rules/{rule.pk}/edit/")
    assert (rule.words, rule.is_on, rule.made_by) == ("northpeak\nharbour & finch", is_on, alice)
    assert bool(gate.screen({"prompt": "northpeak"})) == is_on
    assert AuditEntry.objects.get(action="rule.added").detail["after"]["words"] == rule.words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Give the rule a name."),
        ({"act": ""}, "Choose what happens."),
        ({"act": "shoot"}, "Select a valid choice"),
        ({"words": ""}, "Write at least one word, phrase or pattern."),
        ({"patterns": "fine\n(oops"}, "“(oops”: This is not a pattern that RE2 reads: missing ): (oops"),
        ({"patterns": "(?=look)"}, "not a pattern that RE2 reads"),
        ({"in_prompt": ""}, "Tick at least one place to look in."),
        ({"words": "x" * 301}, "A line has at most 300 characters"),
        ({"words": "\n".join(map(str, range(1001)))}, "At most 1,000 lines; these are 1,001."),
        ({"sentence": "x" * 301}, "at most 300 characters"),
    ],
)
@pytest.mark.parametrize("button", [{"on": "1"}, {"try": "1"}])
def test_new_wrong_is_422_beside_the_field_and_keeps_what_was_typed(as_alice, changes, said, button):
    typed = written(name="Mine <b>", sentence="Read this") | changes

    answer = as_alice.post(NEW, typed | button)

    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert typed["words"].strip().split("\n")[0] in unescape(answer.text)
    assert "Mine <b>" not in answer.text
    assert not Rule.objects.exists()


def test_edit_changes_and_the_history_says_what(as_alice, alice):
    rule = make_rule(alice, Act.WARN, name="Clients")

    as_alice.post(f"/moderation/rules/{rule.pk}/edit/", written(words="northpeak\nostmark", act="hold"))
    as_alice.post(f"/moderation/rules/{rule.pk}/edit/", written(words="ostmark", sentence="No."))
    as_alice.post(f"/moderation/rules/{rule.pk}/switch/", {"on": "0"})

    rule.refresh_from_db()
    assert (rule.act, rule.words, rule.is_on, rule.changed_by) == (Act.HOLD, "ostmark", False, alice)
    page = as_alice.get(f"/moderation/rules/{rule.pk}/edit/")
    assert [change["said"] for change in page.context["changes"]] == [
        "Alice turned it off",
        "Alice took out “northpeak”, changed what the writer reads",
        "Alice made it hold, it warned before, added “ostmark”",
        "Alice added it",
    ]


def test_edit_without_a_change_writes_nothing(as_alice, alice):
    rule = make_rule(alice, Act.HOLD)

    as_alice.post(f"/moderation/rules/{rule.pk}/edit/", written(words="northpeak"))

    assert RuleChange.objects.count() == 1


def test_position_moves_and_the_order_decides(as_alice, alice):
    weapons = make_rule(alice, words="knife", name="Weapons")
    kitchen = make_rule(alice, Act.ALLOW, "kitchen knife", name="Kitchen")
    assert gate.screen({"prompt": "kitchen knife"})

    answer = as_alice.post(f"/moderation/rules/{kitchen.pk}/position/", {"step": "-1"}, headers=HTMX)

    assert [row["name"] for row in answer.context["rules"]] == ["Kitchen", "Weapons"]
    assert not gate.screen({"prompt": "kitchen knife"})
    assert not rules.move(rule=weapons, administrator=alice, step=1)


def test_deletion_asks_and_then_deletes_but_for_the_history(as_alice, alice):
    rule = make_rule(alice, name="Clients")
    address = f"/moderation/rules/{rule.pk}/deletion/"
    assert "Delete Clients?" in as_alice.get(address).text

    as_alice.post(address)

    assert not Rule.objects.exists()
    assert "Alice deleted it: Clients" in as_alice.get("/moderation/rules/").text
    assert as_alice.get(f"/moderation/rules/{rule.pk}/edit/").status_code == 404


@pytest.mark.parametrize("key", STARTERS)
def test_starter_becomes_a_rule_that_is_off_and_is_not_offered_again(as_alice, key):
    as_alice.post("/moderation/rules/lists/", {"list": key})

    rule = Rule.objects.get()
    assert (rule.name, rule.is_on) == (STARTERS[key].name, False)
    assert f'value="{key}"' not in as_alice.get("/moderation/rules/").text


def test_starter_that_there_is_not_is_said(as_alice):
    answer = as_alice.post("/moderation/rules/lists/", {"list": "nothing"})

    assert (answer.status_code, "There is no such list." in answer.text) == (400, True)


# Try it


@pytest.mark.parametrize("htmx", [True, False])
def test_try_shows_what_it_would_have_met_and_saves_nothing(as_alice, bob, charlie, htmx):
    for person, text, shared in (
        (bob, "The N0rthpeak logo", True),
        (bob, "northpeak twice", True),
        (charlie, "a secret northpeak", False),
        (charlie, "A lake", True),
    ):
        prompts.remember(author=person, text=text, shared=shared)

    answer = as_alice.post(NEW, written(**{"try": "1"}), headers=HTMX if htmx else {})

    found = answer.context["trial"]
    assert answer.status_code == 200
    assert (found["found"], found["of"], found["people"], found["of_people"], found["share"]) == (
        3,
        4,
        2,
        2,
        100,
    )
    assert "The <mark>N0rthpeak</mark> logo" in answer.text
    assert ("secret" in answer.text, found["unseen"]) == (False, 1)
    assert "Would hold <b>3</b> of the last 4 prompts" in answer.text
    assert not Rule.objects.exists()


def test_try_of_a_rule_that_is_on_says_what_it_does_as_it_stands(as_alice, alice, bob):
    rule = make_rule(alice, Act.WARN)
    for text in ("northpeak", "ostmark", "ostmark again"):
        prompts.remember(author=bob, text=text, shared=True)
    typed = written(words="northpeak\nostmark", **{"try": "1"})

    answer = as_alice.post(f"/moderation/rules/{rule.pk}/edit/", typed)

    assert "As it stands it warns of 1 of them, by 1." in answer.text
    assert "“ostmark” alone makes 2." in answer.text
    rule.refresh_from_db()
    assert rule.words == "northpeak"


def test_try_looks_at_the_last_thousand_and_stops_in_time(as_alice, bob, monkeypatch):
    monkeypatch.setattr("studio.services.moderation.trial.PROMPTS", 3)
    for number in range(5):
        prompts.remember(author=bob, text=f"northpeak {number}", shared=True)

    assert as_alice.post(NEW, written(**{"try": "1"})).context["trial"]["of"] == 3
    monkeypatch.setattr("studio.services.moderation.trial.SECONDS", -1)
    assert as_alice.post(NEW, written(**{"try": "1"})).context["trial"]["of"] == 0


def test_try_of_prompts_asks_the_same_number_of_queries(as_alice, bob, django_assert_num_queries):
    for number in range(3):
        prompts.remember(author=bob, text=f"northpeak {number}", shared=True)
    as_alice.get("/moderation/rules/")

    with django_assert_num_queries(6):  # session, person, relays in trouble, open cases, rules, prompts
        as_alice.post(NEW, written(**{"try": "1"}))


def test_detail_is_read_by_moderators_and_changed_by_nobody_of_them(as_mona, alice):
    rule = make_rule(alice, name="Clients")

    page = as_mona.get(f"/moderation/rules/{rule.pk}/")

    assert "disabled" in page.text
    assert ("Save and use" in page.text, "Turn off" in page.text) == (False, False)
