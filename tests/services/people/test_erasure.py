"""Erasing a person leaves no byte of theirs: the test looks through every table, the storage and the spool."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from studio.errors import Conflict, Lapsed
from studio.models import (
    Audience,
    AuditEntry,
    Collection,
    Delivery,
    DeliveryTry,
    Favourite,
    Generation,
    Image,
    Import,
    KeptLink,
    LedgerEntry,
    Letter,
    Prompt,
    RelayRequest,
    SavedPrompt,
    SavedSearch,
    State,
    User,
    Webhook,
    WebhookKind,
)
from studio.search.asked import Asked
from studio.services import collections, comments, letters, library, retention, searches, tokens
from studio.services.people import erasure, exports, invitations, suspensions
from studio.services.webhooks import edit as webhooks
from studio.services.webhooks import events
from studio.words import NO_REASON
from tests.factories import PASSWORD, make_comparison, make_generation, make_image, make_user

pytestmark = pytest.mark.django_db
MARK = "zyxomma"
"""A word that is in everything of the person, and in nothing else."""


@pytest.fixture
def zoe(alice, charlie, model, settings) -> User:
    """A person who has left marks wherever one can leave them."""
    row, _ = invitations.make(administrator=alice, role="member", days=7, email=f"{MARK}@example.com")
    zoe = invitations.accept(invitation=row, name=f"Zoe {MARK}", email="", password=PASSWORD)
    Client(headers={"user-agent": MARK}).post("/login/", {"login": zoe.email, "password": PASSWORD})
    for number in range(3):
        image = make_image(
            zoe,
            model,
            text=f"A {MARK} over {number} lakes",
            content=f"PNG {MARK}".encode(),
            revised_prompt=MARK,
        )
        default_storage.save(image.thumbnail_key(512), ContentFile(f"small {MARK}".encode()))
        Favourite.objects.create(person=charlie, image=image)
    failed = make_generation(zoe, model, text=f"{MARK} in the fog", state=State.FAILED)
    RelayRequest.objects.create(generation=failed, attempt=1, raw=MARK, sent={"prompt": MARK})
    (Path(settings.SPOOL_DIR) / f"{failed.pk}-1.spool").write_text(MARK)
    link = KeptLink(generation=failed, index=0, model=model, host=f"{MARK}.example")
    link.url = f"https://{MARK}.example/1.png"
    link.save()
    make_comparison(zoe, [model, model], text=f"Two {MARK}")
    tokens.make(person=zoe, name=f"Script of {MARK}")
    tell_webhooks(zoe, alice, image)
    settings.HAS_MAIL = True
    letters.post(to=zoe.email, subject="Today", text=MARK, person=zoe)
    exports.make(pk=exports.ask(person=zoe).pk)
    suspensions.suspend(person=zoe, actor=alice, reason="It was too much.")
    return zoe


def tell_webhooks(zoe: User, alice: User, image: Image) -> None:
    """Leave what their own webhook and the team's were told, and what the receivers said to that."""
    own = webhooks.add(person=zoe, url=f"https://8.8.8.8/{MARK}", kinds=list(WebhookKind))[0]
    team = webhooks.add(person=alice, url="https://8.8.8.8/team", kinds=list(WebhookKind), team=True)[0]
    events.ended(generation=image.generation, to=State.DONE, why=NO_REASON, count=1)
    events.shared(person=zoe.pk, images=[image.pk])
    told = list(Delivery.objects.all())
    assert {row.webhook_id for row in told} == {own.pk, team.pk}
    DeliveryTry.objects.bulk_create(
        DeliveryTry(delivery=row, status=500, answer=f"Thanks, {MARK}", took_ms=9) for row in told
    )


def marks(settings) -> list[str]:
    """Return every place in which the mark stands."""
    found = [f"table {table}" for table in tables() if MARK in contents(table)]
    folders = (default_storage.location, settings.SPOOL_DIR)
    files = [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]
    found += [f"file {path}" for path in files if MARK.encode() in path.read_bytes() or MARK in path.name]
    return found


def tables() -> list[str]:
    """Return all of them, those in which an index keeps its words too."""
    with connection.cursor() as cursor:
        return [table.name for table in connection.introspection.get_table_list(cursor) if table.type != "v"]


def contents(table: str) -> str:
    with connection.cursor() as cursor:
        rows = cursor.execute(f'SELECT * FROM "{table}"').fetchall()
    values = (bytes(value) if isinstance(value, memoryview) else value for row in rows for value in row)
    return " ".join(
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values
    ).lower()


def test_erase_leaves_no_mark_in_database_storage_and_spool(alice, charlie, model, zoe, settings):
    theirs = make_image(charlie, model, text="Somebody else's lake")
    comments.write(person=zoe, image=theirs, text=f"More {MARK}, @Charlie")
    assert len(marks(settings)) > 10
    counts = erasure.preview(person=zoe)

    erasure.ask(person=zoe, administrator=alice)
    done = erasure.erase(pk=zoe.pk)

    assert done
    assert counts == {
        "images": 3,
        "bytes": 33,
        "prompts": 5,
        "generations": 6,
        "comparisons": 1,
        "saved_prompts": 0,
        "favourites": 0,
        "collections": 0,
        "comments": 1,
    }
    assert marks(settings) == []
    assert not User.objects.filter(pk=zoe.pk).exists()
    assert not Delivery.objects.exists()
    assert not Letter.objects.exists()
    assert list(Webhook.objects.values_list("owner", flat=True)) == [None]
    assert Image.objects.get() == theirs
    assert default_storage.exists(theirs.key)


def test_erase_audit_keeps_a_number_that_says_nothing(alice, zoe):
    erasure.ask(person=zoe, administrator=alice)
    before = LedgerEntry.objects.filter(person=zoe.pk).count()

    erasure.erase(pk=zoe.pk)

    entry = AuditEntry.objects.get(action="person.erased")
    assert (entry.subject, entry.actor) == (str(zoe.pk), None)
    assert AuditEntry.objects.filter(actor_id=zoe.pk).exists()
    assert LedgerEntry.objects.filter(person=zoe.pk).count() == before > 0


def test_ask_shuts_the_door_at_once_and_clean_up_erases_if_the_ticket_is_lost(alice, bob, as_bob, model):
    make_generation(bob, model)

    erasure.ask(person=bob, administrator=alice)

    assert as_bob.get("/").status_code == 403
    assert Generation.objects.get().state == State.CANCELLED
    retention.clean_up()
    assert not User.objects.filter(pk=bob.pk).exists()
    assert not Prompt.objects.exists()


def test_erase_waits_while_a_relay_draws(alice, bob, model):
    row = make_generation(bob, model, state=State.SENT)
    erasure.ask(person=bob, administrator=alice)

    assert not erasure.erase(pk=bob.pk)
    Generation.objects.filter(pk=row.pk).update(state=State.DONE)
    assert erasure.erase(pk=bob.pk)


def test_erase_of_somebody_nobody_asked_it_for_does_nothing(bob):
    assert not erasure.erase(pk=bob.pk)
    assert User.objects.filter(pk=bob.pk).exists()


def test_ask_for_oneself_and_for_the_last_administrator_is_refused(alice, bob):
    with pytest.raises(Conflict, match="yourself"):
        erasure.ask(person=alice, administrator=alice)
    User.objects.filter(pk=bob.pk).update(role="administrator")
    bob.refresh_from_db()
    User.objects.filter(pk=alice.pk).update(is_active=False)

    with pytest.raises(Conflict, match="needs an administrator"):
        erasure.ask(person=bob, administrator=alice)


def test_preview_of_a_newcomer_counts_nothing():
    counts = erasure.preview(person=make_user("Nina", created_at=timezone.now()))

    assert set(counts.values()) == {0}


def test_erase_leaves_no_invitation_that_was_for_their_address_alone_to_others(alice, bob):
    _, token = invitations.make(administrator=alice, role="moderator", days=7, email=bob.email)
    erasure.ask(person=bob, administrator=alice)

    erasure.erase(pk=bob.pk)

    with pytest.raises(Lapsed):
        invitations.check(invitations.find(token))


def test_erasure_hands_over_what_the_team_works_with_and_takes_the_rest(alice, bob, charlie):
    library.save(person=charlie, title="Theirs", text="A {subject}", shared=True)
    searches.save(person=charlie, name="Theirs", asked=Asked(words="lake"), shared=True)
    for whose in (bob, charlie):
        collections.create(person=whose, name="Spring", audience=Audience.SEES)
    archive = default_storage.save("imports/theirs.zip", ContentFile(b"zip"))
    Import.objects.create(owner=charlie, name="Theirs", shared=False, key=archive)
    for shared in (True, False):
        name = "Ours" if shared else "Mine"
        library.save(person=bob, title=name, text="A {subject}", shared=shared)
        searches.save(person=bob, name=name, asked=Asked(words="lake"), shared=shared)
    searches.save(person=alice, name="Ours", asked=Asked(words="fox"), shared=False)
    assert erasure.preview(person=bob)["saved_prompts"] == 1

    erasure.ask(person=bob, administrator=alice)
    erasure.erase(pk=bob.pk)

    assert set(Collection.objects.values_list("owner", flat=True)) == {alice.pk, charlie.pk}
    assert set(SavedPrompt.objects.values_list("title", "owner")) == {
        ("Ours", alice.pk),
        ("Theirs", charlie.pk),
    }
    assert SavedSearch.objects.get(name="Theirs").owner == charlie
    assert default_storage.exists(archive)
    found = SavedSearch.objects.exclude(owner=charlie).order_by("name").values_list("name", "query", "owner")
    assert list(found) == [("Ours", "view=mine&q=fox", alice.pk), ("Ours 2", "view=mine&q=lake", alice.pk)]
