"""Saved prompts, their versions, and files of them."""

import csv
import io
import json

import pytest

from studio.errors import Conflict, Forbidden, StudioError
from studio.models import Act, SavedPrompt, SavedVersion
from studio.services import library, library_files
from studio.services.moderation import rules
from studio.services.screening.gate import Screened

pytestmark = pytest.mark.django_db


def save(person, **facts) -> SavedPrompt:
    return library.save(
        person=person, **({"title": "Lake", "text": "A {what} at dawn", "shared": True} | facts)
    )


def texts(saved) -> list[str]:
    return list(saved.versions.order_by("number").values_list("text", flat=True))


def test_revise_by_anybody_of_the_team_keeps_every_version_with_who_and_why(bob, charlie):
    saved = save(bob)

    version = library.revise(saved=saved, person=charlie, text="A {what} at night", seen=1, why="darker")
    saved.refresh_from_db()

    assert (saved.text, saved.number) == ("A {what} at night", 2)
    assert (version.author, version.why, texts(saved)) == (
        charlie,
        "darker",
        ["A {what} at dawn", saved.text],
    )


def test_revise_of_two_at_once_refuses_the_second(bob, charlie):
    saved = save(bob)
    library.revise(saved=saved, person=charlie, text="A {what} at night", seen=1)

    with pytest.raises(Conflict):
        library.revise(saved=saved, person=bob, text="A {what} at noon", seen=1)

    assert texts(saved) == ["A {what} at dawn", "A {what} at night"]


def test_revise_of_anothers_private_prompt_is_refused(bob, charlie):
    saved = save(bob, shared=False)

    with pytest.raises(Conflict):
        library.revise(saved=saved, person=charlie, text="Mine now", seen=1)

    assert texts(saved) == ["A {what} at dawn"]


def test_roll_back_makes_an_earlier_version_the_newest_and_loses_none(bob):
    saved = save(bob)
    library.revise(saved=saved, person=bob, text="Worse", seen=1)
    saved.refresh_from_db()

    library.roll_back(saved=saved, person=bob, to=saved.versions.get(number=1), seen=2, why="it was better")
    saved.refresh_from_db()

    assert (saved.text, texts(saved)) == (
        "A {what} at dawn",
        ["A {what} at dawn", "Worse", "A {what} at dawn"],
    )


def test_edit_and_remove_are_the_owners(bob, charlie):
    saved = save(bob)

    with pytest.raises(Forbidden):
        library.edit(saved=saved, person=charlie, title="X", tags="", shared=False)
    with pytest.raises(Forbidden):
        library.remove(saved=saved, person=charlie)

    assert SavedPrompt.objects.get().title == "Lake"


def test_remove_by_a_moderator_of_what_the_team_sees_is_written_down(bob, mona):
    library.remove(saved=save(bob), person=mona)

    assert not SavedPrompt.objects.exists()


def test_remove_by_a_moderator_of_what_is_private_is_refused(bob, mona):
    with pytest.raises(Forbidden):
        library.remove(saved=save(bob, shared=False), person=mona)


def test_save_for_the_team_of_what_a_rule_blocks_is_refused(alice, bob):
    rules.add(administrator=alice, on=True, name="No foxes", act=Act.BLOCK, words="fox", sentence="No.")

    with pytest.raises(Screened):
        save(bob, text="A fox")

    assert save(bob, text="A fox", shared=False).pk


def test_hand_over_gives_what_was_shared_and_keeps_the_rest_unseen(bob, charlie):
    shared, private = save(bob), save(bob, shared=False)

    assert library.hand_over(person=bob, to=charlie) == 1

    assert [SavedPrompt.objects.get(pk=row.pk).owner for row in (shared, private)] == [charlie, bob]


@pytest.fixture
def full(bob, charlie):
    """Saved prompts with everything that a file has to keep."""
    saved = save(
        bob,
        title="=cmd|' /C calc'!A0",
        tags="Oil, lake",
        text='Line one\nline "two", {style:a|b}',
        why="-first",
    )
    library.revise(saved=saved, person=charlie, text="'=1+1", seen=1, why="then")
    save(bob, title="Mine", shared=False)
    return bob


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_files_come_back_as_they_went_out(full, alice, kind):
    rows = SavedPrompt.objects.visible_to(full)
    before, known = take_out(rows, kind), library_files.as_json(rows)
    SavedPrompt.objects.all().delete()

    done = library_files.bring(person=alice, name=f"library.{kind}", content=before.encode())

    after = SavedPrompt.objects.visible_to(alice)
    assert (done.new, done.revised, done.same) == (2, 0, 0)
    assert (take_out(after, kind), library_files.as_json(after)) == (before, known)
    again = library_files.bring(person=alice, name=f"library.{kind}", content=before.encode())
    assert (again.new, again.revised, again.same) == (0, 0, 2)


def take_out(rows, kind: str) -> str:
    return library_files.as_json(rows) if kind == "json" else "".join(library_files.as_csv(rows))


def test_bring_with_other_words_writes_the_next_version(bob, charlie):
    saved = save(bob)
    facts = json.loads(library_files.as_json(SavedPrompt.objects.all()))
    facts["prompts"][0]["versions"][0] |= {"text": "A {what} at noon", "why": "from the file"}

    done = library_files.bring(person=charlie, name="x.json", content=json.dumps(facts).encode())

    assert done.revised == 1
    assert texts(saved) == ["A {what} at dawn", "A {what} at noon"]


def test_bring_of_anothers_private_id_makes_a_new_one_and_tells_nothing(bob, charlie):
    hidden = save(bob, shared=False)
    content = f"id,title,text\r\n{hidden.pk},Lake,Other words\r\n".encode()

    library_files.bring(person=charlie, name="x.csv", content=content)

    assert texts(hidden) == ["A {what} at dawn"]
    assert SavedPrompt.objects.get(owner=charlie).text == "Other words"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.txt", b"{}"),
        ("x.json", b"[]"),
        ("x.json", b"\xff"),
        ("x.json", b"[" * 100_000),
        ("x.json", b'{"prompts": [{"title": "A", "versions": []}]}'),
        ("x.json", b'{"prompts": [{"title": " ", "versions": [{"version": 1, "text": "a"}]}]}'),
        ("x.csv", b"title\r\nA\r\n"),
        ("x.csv", b"title,text\r\n" + b"t" * 200 + b",a\r\n"),
        ("x.csv", b"title,text,version\r\nA,a,x\r\n"),
        ("x.json", b'{"prompts": [{"title": "A", "versions": [{"version": Infinity, "text": "a"}]}]}'),
        ("x.json", b'{"prompts": [{"title": "\\u0000", "versions": [{"version": 1, "text": "a"}]}]}'),
    ],
)
def test_bring_of_a_broken_file_brings_nothing(bob, name, content):
    with pytest.raises(StudioError):
        library_files.bring(person=bob, name=name, content=content)

    assert not SavedVersion.objects.exists()


def test_csv_is_safe_to_open(full):
    rows = list(csv.reader(io.StringIO("".join(library_files.as_csv(SavedPrompt.objects.visible_to(full))))))

    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def block_foxes(alice) -> None:
    asked = {"name": "No foxes", "act": Act.BLOCK, "words": "fox", "sentence": "No.", "in_names": True}
    rules.add(administrator=alice, on=True, **asked)


def test_roll_back_to_what_a_rule_blocks_by_now_is_refused(alice, bob):
    saved = save(bob, text="A fox")
    library.revise(saved=saved, person=bob, text="A cat", seen=1)
    saved.refresh_from_db()
    block_foxes(alice)

    with pytest.raises(Screened):
        library.roll_back(saved=saved, person=bob, to=saved.versions.get(number=1), seen=2, why="")

    assert texts(saved) == ["A fox", "A cat"]


def test_edit_shows_the_team_no_old_version_that_a_rule_blocks(alice, bob):
    block_foxes(alice)
    saved = save(bob, text="A fox", shared=False)
    library.revise(saved=saved, person=bob, text="A cat", seen=1)
    saved.refresh_from_db()

    with pytest.raises(Screened):
        library.edit(saved=saved, person=bob, title="Cat", tags="", shared=True)

    assert not SavedPrompt.objects.get().shared


def brought(person, **facts):
    entry = {"title": "Cat", "shared": True, "versions": [{"version": 1, "text": "A cat"}]} | facts
    content = json.dumps({"prompts": [entry]}).encode()
    return library_files.bring(person=person, name="x.json", content=content)


@pytest.mark.parametrize(
    "facts",
    [
        {"title": "Fox"},
        {"tags": ["fox"]},
        {"versions": [{"version": 1, "text": "A fox"}, {"version": 2, "text": "A cat"}]},
    ],
)
def test_bring_of_what_a_rule_blocks_is_refused_wherever_it_stands(alice, bob, facts):
    block_foxes(alice)

    with pytest.raises(StudioError):
        brought(bob, **facts)

    assert not SavedPrompt.objects.exists()


def test_bring_leaves_out_what_no_text_may_hold(bob):
    versions = [{"version": 1, "text": "A\0 lake\ud800", "by": "\0Zoe", "why": "\0"}]

    brought(bob, title="La\0ke", tags=["oil\0"], versions=versions)

    saved = SavedPrompt.objects.get()
    assert (saved.title, saved.tag_names, saved.text) == ("Lake", ["oil"], "A lake")
    assert (saved.current.credit, saved.current.why) == ("Zoe", "")


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00", "0001-01-01T00:00:00+23:00", "9999-12-31T23:00:00-23:00"]
)
def test_bring_of_a_moment_outside_all_calendars_is_of_now_or_the_first(bob, at):
    assert brought(bob, versions=[{"version": 1, "text": "A cat", "at": at}]).new == 1
