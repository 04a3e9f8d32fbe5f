"""Links to the outside: what they show is asked anew each time, and never more than their owner may show (T24)."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from studio.errors import Conflict, StudioError
from studio.models import (
    AuditEntry,
    Case,
    CaseKind,
    Collection,
    Generation,
    Image,
    Notice,
    OutsideLink,
    Placed,
    User,
    Verdict,
)
from studio.services import outside, reviews, sharing, visitors
from studio.services.moderation import decisions
from studio.services.moderation.decisions import Decision
from studio.services.people import leaving, suspensions
from tests.factories import make_comparison, make_generation, make_image
from tests.services.screening.test_gate import make_rule

pytestmark = pytest.mark.django_db


def link_to(person: User, target: outside.Target, **facts) -> tuple[OutsideLink, str]:
    return outside.make(person=person, target=target, days=7, **facts)


def shown(token: str) -> list:
    link = outside.find(token)
    return outside.keys(link) if link else []


def test_t24_make_keeps_a_digest_and_no_secret(bob, model):
    link, token = link_to(bob, make_image(bob, model), password="a long one")

    row = OutsideLink.objects.values().get(pk=link.pk)
    assert len(token) == 22  # 128 bits
    assert row["digest"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(row)
    assert "a long one" not in str(row)
    entry = AuditEntry.objects.get(action="outside_link.made")
    assert (entry.actor, entry.subject, token in str(entry.detail)) == (bob, str(link.pk), False)


def test_make_links_are_good_for_seven_days(bob, model):
    link, _ = link_to(bob, make_image(bob, model))

    assert timedelta(days=6, hours=23) < link.expires_at - timezone.now() <= timedelta(days=7)


def test_make_short_password_is_refused_beside_its_field(bob, model):
    with pytest.raises(StudioError, match="At least 8 characters") as caught:
        link_to(bob, make_image(bob, model), password="1234567")

    assert caught.value.param == "password"
    assert not OutsideLink.objects.exists()


KEPT_BACK = ("trashed_at", "held_at", "removed_at")


@pytest.mark.parametrize("what", [*KEPT_BACK, "unusable", "undeveloped"])
def test_t24_make_of_what_is_kept_back_is_refused(what, bob, model):
    facts = {what: timezone.now()} if what in KEPT_BACK else {}
    facts |= (
        {"unusable": True} if what == "unusable" else {"developed": False} if what == "undeveloped" else {}
    )

    with pytest.raises(StudioError, match="nothing here that may be shown outside"):
        link_to(bob, make_image(bob, model, **facts))


def test_t24_make_of_anothers_private_picture_is_refused(bob, charlie, model):
    with pytest.raises(StudioError, match="nothing here that may be shown outside"):
        link_to(charlie, make_image(bob, model, shared=False))


@pytest.mark.parametrize("what", [*KEPT_BACK, "unusable"])
def test_t24_what_is_kept_back_later_vanishes_from_the_link(what, bob, model):
    image = make_image(bob, model)
    _, token = link_to(bob, image)
    assert shown(token) == [image.pk]

    Image.objects.filter(pk=image.pk).update(**{what: True if what == "unusable" else timezone.now()})

    assert shown(token) == []


def test_t24_what_its_maker_takes_back_from_the_team_vanishes_from_a_mates_link(bob, charlie, model):
    image = make_image(bob, model)
    _, token = link_to(charlie, image)
    assert shown(token) == [image.pk]

    sharing.share_image(image=image, person=bob, shared=False)

    assert shown(token) == []


def test_t24_what_moderators_withhold_vanishes_with_its_private_pictures(bob, model):
    run = make_generation(bob, model, state="done")
    seen = make_image(bob, model, generation=run)
    private = make_image(bob, model, generation=make_generation(bob, model, state="done", shared=False))
    tokens = [link_to(bob, image)[1] for image in (seen, private)]
    assert [shown(token) for token in tokens] == [[seen.pk], [private.pk]]

    sharing.withhold(prompt=run.prompt_id, removed=False)

    assert [shown(token) for token in tokens] == [[], []]


def test_t24_what_no_moderator_has_seen_stays_inside_while_pictures_are_reviewed(bob, model, settings):
    private = make_image(bob, model, shared=False)
    _, token = link_to(bob, private)

    settings.REVIEW_PICTURES = "everybody"

    assert shown(token) == []
    with pytest.raises(StudioError):
        link_to(bob, private)


def test_picture_that_a_moderator_kept_goes_out_while_pictures_are_reviewed(bob, mona, model, settings):
    settings.REVIEW_PICTURES = "everybody"
    image = make_image(bob, model)
    reviews.hold_back(generation=image.generation)
    with pytest.raises(StudioError):
        link_to(bob, image)

    case = Case.objects.get(image=image, kind=CaseKind.REVIEW)
    decisions.decide(case=case, moderator=mona, decision=Decision(verdict=Verdict.KEPT))

    assert shown(link_to(bob, image)[1]) == [image.pk]


def test_t24_comparison_shows_its_columns_in_order_and_nothing_private_of_another(bob, charlie, model):
    row = make_comparison(bob, [model, model])
    runs = list(row.generations.order_by("pk"))
    pictures = [make_image(bob, model, generation=run) for run in runs]
    _, token = link_to(charlie, row)
    assert shown(token) == [image.pk for image in pictures]

    sharing.share_generation(generation=runs[0], person=bob, shared=False)
    assert shown(token) == [pictures[1].pk]
    sharing.share_generation(generation=runs[1], person=bob, shared=False)
    assert shown(token) == []


@pytest.mark.parametrize("end", ["suspended", "left", "inactive"])
def test_t13_t24_link_is_dead_with_its_owners_account_at_once(end, alice, bob, model):
    _, token = link_to(bob, make_image(bob, model))
    assert outside.find(token)

    if end == "suspended":
        suspensions.suspend(person=bob, actor=alice)
    elif end == "left":
        leaving.leave(person=bob, administrator=alice)
    else:
        User.objects.filter(pk=bob.pk).update(is_active=False)

    assert outside.find(token) is None


def test_t24_link_of_an_erased_person_is_gone(bob, model):
    _, token = link_to(bob, make_image(bob, model))

    bob.delete()

    assert (outside.find(token), OutsideLink.objects.count()) == (None, 0)


def test_t24_expired_link_is_dead(bob, model):
    link, token = link_to(bob, make_image(bob, model))

    OutsideLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert (outside.find(token), outside.find_by_key(link.pk)) == (None, None)


def test_t24_switched_off_for_the_studio_every_link_is_dead(bob, model, settings):
    link, token = link_to(bob, make_image(bob, model))

    settings.OUTSIDE_LINKS = False

    assert (outside.find(token), outside.find_by_key(link.pk)) == (None, None)


def test_revoke_ends_a_link_once(bob, model):
    link, token = link_to(bob, make_image(bob, model))

    outside.revoke(link=link, person=bob)

    assert (outside.find(token), outside.find_by_key(link.pk)) == (None, None)
    with pytest.raises(Conflict, match="revoked already"):
        outside.revoke(link=link, person=bob)
    assert AuditEntry.objects.filter(action="outside_link.revoked").count() == 1


@pytest.mark.parametrize("guess", ["", "x", "ü" * 22, "A" * 22, "\x00", "../../etc"])
def test_t24_guess_finds_nothing(guess, bob, model):
    link_to(bob, make_image(bob, model))

    assert outside.find(guess) is None


def test_t24_digest_is_no_secret_that_opens(bob, model):
    link, _ = link_to(bob, make_image(bob, model))

    assert outside.find(link.digest) is None
    assert Generation.objects.count() == 1


def make_collection(person: User, *images: Image, audience: str = "private") -> Collection:
    row = Collection.objects.create(owner=person, name="Spring", audience=audience)
    for position, image in enumerate(reversed(images)):
        Placed.objects.create(collection=row, image=image, position=position)
    return row


def test_collection_shows_its_pictures_in_order_and_each_once(bob, model):
    images = [make_image(bob, model) for _ in range(3)]
    row = make_collection(bob, images[1], images[0], images[2])
    make_collection(bob, *images)  # the same pictures lie elsewhere too
    _, token = link_to(bob, row)

    assert shown(token) == [images[1].pk, images[0].pk, images[2].pk]


def test_t24_collection_shows_nothing_that_its_links_owner_may_not_show(bob, charlie, model):
    seen, private, theirs, held = (
        make_image(bob, model),
        make_image(bob, model, shared=False),
        make_image(charlie, model, shared=False),
        make_image(bob, model, held_at=timezone.now()),
    )
    row = make_collection(bob, seen, private, theirs, held, audience="adds")

    assert shown(link_to(bob, row)[1]) == [seen.pk, private.pk]
    assert shown(link_to(charlie, row)[1]) == [seen.pk, theirs.pk]


def test_t24_collection_that_is_no_longer_the_teams_vanishes_from_a_mates_link(bob, charlie, model):
    row = make_collection(bob, make_image(bob, model), audience="sees")
    _, token = link_to(charlie, row)
    assert len(shown(token)) == 1

    Collection.objects.filter(pk=row.pk).update(audience="private")

    assert shown(token) == []


def test_t24_make_of_anothers_private_collection_is_refused(bob, charlie, model):
    row = make_collection(bob, make_image(bob, model))

    with pytest.raises(StudioError, match="nothing here that may be shown outside"):
        link_to(charlie, row)


def test_link_of_a_collection_that_is_deleted_is_gone(bob, model):
    row = make_collection(bob, make_image(bob, model))
    _, token = link_to(bob, row)

    row.delete()

    assert (outside.find(token), OutsideLink.objects.count()) == (None, 0)


def test_make_with_a_title_that_a_rule_stops_is_refused(bob, alice, model):
    make_rule(alice, words="northpeak", in_names=True)

    with pytest.raises(StudioError) as caught:
        link_to(bob, make_image(bob, model), title="For Northpeak")

    assert (caught.value.param, OutsideLink.objects.count()) == ("title", 0)


def test_forget_deletes_what_is_long_over_and_nothing_else(bob, model):
    image, old = make_image(bob, model), timezone.now() - timedelta(days=181)
    over, revoked, lately, _ = (link_to(bob, image)[0].pk for _ in range(4))
    OutsideLink.objects.filter(pk=over).update(expires_at=old)
    OutsideLink.objects.filter(pk=revoked).update(revoked_at=old)
    OutsideLink.objects.filter(pk=lately).update(revoked_at=timezone.now())

    assert outside.forget() == 2
    assert not OutsideLink.objects.filter(pk__in=[over, revoked]).exists()
    assert OutsideLink.objects.count() == 2


def test_answer_tells_the_links_owner_once_until_they_have_read_it(bob, model):
    image = make_image(bob, model)
    link, _ = link_to(bob, image, reviews=True)
    lena = visitors.introduce(link=link, name="Lena", address="127.0.0.1")

    for answer in ("yes", "no"):
        visitors.mark(visitor=lena, image=image, answer=answer, note="", address="127.0.0.1")
    notice = Notice.objects.get()
    Notice.objects.update(read_at=timezone.now())
    visitors.mark(visitor=lena, image=image, answer="maybe", note="", address="127.0.0.1")

    assert (notice.person, notice.kind, notice.values) == (bob, "client_answered", {"link": str(link.pk)})
    assert Notice.objects.count() == 2


def test_answers_as_csv_tells_what_was_said_of_what_is_shown_now(bob, charlie, model):
    mine, theirs = make_image(bob, model), make_image(charlie, model)
    row = make_collection(bob, theirs, mine)
    link, _ = link_to(bob, row, reviews=True)
    lena = visitors.introduce(link=link, name="=Lena", address="127.0.0.1")
    for image in (mine, theirs):
        visitors.mark(visitor=lena, image=image, answer="yes", note="More, sky", address="127.0.0.1")
    sharing.share_image(image=theirs, person=charlie, shared=False)

    lines = list(csv.reader(io.StringIO("".join(outside.answers_as_csv(link)).removeprefix("\ufeff"))))

    assert lines[0] == ["number", "picture", "name", "answer", "note", "at"]
    assert [line[:5] for line in lines[1:]] == [["1", str(mine.pk), "'=Lena", "yes", "More, sky"]]
