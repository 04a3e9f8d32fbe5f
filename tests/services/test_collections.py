import pytest

from studio.errors import Forbidden, StudioError
from studio.models import AuditEntry, Collection, Image, Notice, Placed
from studio.models.collections import GAP, covers_of, images_in
from studio.services import collections, images, ratings
from studio.services.people import erasure, leaving
from tests.factories import make_image

pytestmark = pytest.mark.django_db


def make_collection(person, audience="private", name="Spring"):
    return collections.create(person=person, name=name, audience=audience)


def order_of(collection, person):
    return list(images_in(collection.pk, person).values_list("pk", flat=True))


def test_visible_to_holds_ones_own_and_what_the_team_sees(bob, charlie):
    private, sees, adds = (make_collection(bob, audience) for audience in ("private", "sees", "adds"))

    assert set(Collection.objects.visible_to(bob)) == {private, sees, adds}
    assert set(Collection.objects.visible_to(charlie)) == {sees, adds}


def test_addable_by_holds_ones_own_and_what_the_team_adds_to(bob, charlie):
    private, sees, adds = (make_collection(bob, audience) for audience in ("private", "sees", "adds"))

    assert set(Collection.objects.addable_by(bob)) == {private, sees, adds}
    assert set(Collection.objects.addable_by(charlie)) == {adds}


def test_create_without_a_name_is_refused(bob):
    with pytest.raises(StudioError) as refused:
        make_collection(bob, name="  ")

    assert (refused.value.code, refused.value.param) == ("collection_wants_a_name", "name")


def test_add_puts_the_newest_on_top_and_each_once(bob, model):
    collection = make_collection(bob)
    first, second = (make_image(bob, model) for _ in range(2))

    added = collections.add(person=bob, collection=collection, images=[second.pk, first.pk])
    again = collections.add(person=bob, collection=collection, images=[first.pk])

    assert (added, again) == ([first.pk, second.pk], [])
    assert order_of(collection, bob) == [second.pk, first.pk]


def test_add_takes_a_query_as_well_as_keys(bob, model):
    collection = make_collection(bob)
    make_image(bob, model)

    found = Image.objects.owned_by(bob).values_list("pk", flat=True)

    assert collections.add(person=bob, collection=collection, images=found) == list(found)


def test_add_passes_over_what_the_person_may_not_see(bob, charlie, model):
    collection = make_collection(bob, "adds")
    private = make_image(charlie, model, shared=False)
    shared = make_image(charlie, model)

    added = collections.add(person=bob, collection=collection, images=[private.pk, shared.pk])

    assert added == [shared.pk]
    assert list(Placed.objects.values_list("image", flat=True)) == [shared.pk]


def test_add_to_what_the_team_only_sees_is_refused(bob, charlie, model):
    collection = make_collection(bob, "sees")

    with pytest.raises(Forbidden) as refused:
        collections.add(person=charlie, collection=collection, images=[make_image(charlie, model).pk])

    assert refused.value.code == "cannot_add_here"
    assert not Placed.objects.exists()


def test_a_private_picture_in_a_shared_collection_is_seen_by_its_owner_alone(bob, charlie, model):
    collection = make_collection(bob, "sees")
    private, shared = make_image(bob, model, shared=False), make_image(bob, model)
    collections.add(person=bob, collection=collection, images=[private.pk, shared.pk])
    collections.choose_cover(person=bob, collection=collection, image=private.pk)

    assert order_of(collection, charlie) == [shared.pk]
    [for_bob] = Collection.objects.visible_to(bob).with_card_data(bob)
    [for_charlie] = Collection.objects.visible_to(charlie).with_card_data(charlie)
    assert (for_bob.size, for_charlie.size) == (2, 1)
    assert (for_bob.cover_shown, for_charlie.cover_shown) == (private.pk, shared.pk)
    assert list(covers_of([for_charlie], charlie)) == [shared.pk]


@pytest.mark.parametrize("kept_back", ["trashed_at", "held_at", "removed_at", "unusable"])
def test_what_is_kept_back_shows_in_no_collection(kept_back, bob, charlie, model):
    collection = make_collection(bob, "sees")
    image = make_image(bob, model)
    collections.add(person=bob, collection=collection, images=[image.pk])

    Image.objects.filter(pk=image.pk).update(
        **{kept_back: True if kept_back == "unusable" else image.saved_at}
    )

    assert order_of(collection, charlie) == []
    assert Collection.objects.with_card_data(charlie).get().size == 0
    assert Collection.objects.with_card_data(charlie).get().cover_shown is None


def test_trash_and_restore_bring_a_picture_back_to_its_place(bob, model):
    collection = make_collection(bob)
    rows = [make_image(bob, model) for _ in range(3)]
    collections.add(person=bob, collection=collection, images=[row.pk for row in rows])
    before = order_of(collection, bob)

    images.trash(person=bob, images=[rows[1].pk])
    assert order_of(collection, bob) == [rows[2].pk, rows[0].pk]

    images.trash(person=bob, images=[rows[1].pk], trashed=False)
    assert order_of(collection, bob) == before


def test_move_puts_a_picture_below_another_or_on_top(bob, model):
    collection = make_collection(bob)
    a, b, c = (make_image(bob, model).pk for _ in range(3))
    collections.add(person=bob, collection=collection, images=[a, b, c])
    assert order_of(collection, bob) == [c, b, a]

    collections.move(person=bob, collection=collection, image=c, below=b)
    assert order_of(collection, bob) == [b, c, a]

    collections.move(person=bob, collection=collection, image=c, below=a)
    assert order_of(collection, bob) == [b, a, c]

    collections.move(person=bob, collection=collection, image=c, below=None)
    assert order_of(collection, bob) == [c, b, a]


def test_move_where_no_room_is_left_numbers_all_anew(bob, model):
    collection = make_collection(bob)
    a, b, c = (make_image(bob, model).pk for _ in range(3))
    collections.add(person=bob, collection=collection, images=[a, b, c])
    for position, pk in enumerate((a, b, c)):
        Placed.objects.filter(image=pk).update(position=position)

    collections.move(person=bob, collection=collection, image=c, below=b)

    assert order_of(collection, bob) == [b, c, a]
    assert Placed.objects.get(image=b).position - Placed.objects.get(image=a).position >= GAP


def test_move_in_another_persons_collection_is_refused(bob, charlie, model):
    collection = make_collection(bob, "adds")

    with pytest.raises(Forbidden):
        collections.move(person=charlie, collection=collection, image=make_image(bob, model).pk, below=None)


def test_remove_takes_out_what_one_added_or_made(bob, charlie, model):
    collection = make_collection(bob, "adds")
    by_bob, by_charlie = make_image(bob, model), make_image(charlie, model)
    keys = [by_bob.pk, by_charlie.pk]
    collections.add(person=bob, collection=collection, images=keys)

    assert collections.remove(person=charlie, collection=collection, images=keys) == [by_charlie.pk]
    assert order_of(collection, bob) == [by_bob.pk]
    assert collections.remove(person=bob, collection=collection, images=keys) == [by_bob.pk]


def test_edit_and_delete_are_the_owners_alone_and_leave_a_trace(bob, charlie, model):
    collection = make_collection(bob, "adds")
    image = make_image(bob, model)
    collections.add(person=bob, collection=collection, images=[image.pk])

    for act in (collections.edit, collections.delete):
        with pytest.raises(Forbidden):
            act(collection=collection, person=charlie)
    collections.edit(collection=collection, person=bob, audience="private")
    collections.delete(collection=collection, person=bob)

    assert Image.objects.filter(pk=image.pk).exists()
    written = (
        AuditEntry.objects.filter(action__startswith="collection")
        .order_by("seq")
        .values_list("action", flat=True)
    )
    assert list(written) == ["collection.created", "collection.edited", "collection.deleted"]


def test_hand_over_gives_the_heir_what_the_team_saw_and_tells_them(bob, charlie):
    private, shared = make_collection(bob), make_collection(bob, "adds")

    assert collections.hand_over(person=bob, heir=charlie) == 1

    assert Collection.objects.get(pk=private.pk).owner == bob
    assert Collection.objects.get(pk=shared.pk).owner == charlie
    assert Notice.objects.get(person=charlie).values == {"count": 1}


def test_add_of_many_takes_few_statements(bob, model, django_assert_num_queries):
    collection = make_collection(bob)
    keys = [make_image(bob, model, content=None).pk for _ in range(30)]

    # what is seen, transaction ×2, lock, what is there, highest, insert, touch
    with django_assert_num_queries(8):
        collections.add(person=bob, collection=collection, images=keys)


def test_receive_puts_a_picture_where_its_person_wanted_it(bob, model):
    collection = make_collection(bob)
    image = make_image(bob, model)
    image.generation.collection = collection

    collections.receive(generation=image.generation, index=image.index)
    collections.receive(generation=image.generation, index=image.index)

    assert order_of(collection, bob) == [image.pk]


def test_receive_passes_over_what_the_person_may_add_to_no_more(bob, charlie, model):
    collection = make_collection(charlie, "sees")
    image = make_image(bob, model)
    image.generation.collection = collection

    collections.receive(generation=image.generation, index=image.index)

    assert not Placed.objects.exists()


def test_leave_gives_what_the_team_saw_to_the_heir_if_there_is_one(alice, bob, charlie):
    first = make_collection(bob, "sees")
    leaving.leave(person=bob, administrator=alice, heir=charlie)
    second = make_collection(charlie, "adds")
    leaving.leave(person=charlie, administrator=alice)

    owners = dict(Collection.objects.values_list("pk", "owner__name"))
    assert owners == {first.pk: "Charlie", second.pk: "Charlie"}
    entry = AuditEntry.objects.filter(action="person.left").earliest("seq")
    assert entry.detail == {"saved_prompts": 0, "collections": 1, "searches": 0}


def test_erasure_leaves_the_teams_collection_with_the_administrator_and_sums_stars_anew(
    alice, bob, charlie, model
):
    collection, hidden = make_collection(bob, "adds"), make_collection(bob)
    image = make_image(charlie, model)
    collections.add(person=charlie, collection=collection, images=[image.pk])
    ratings.give(person=bob, image=image, stars=1)
    ratings.give(person=charlie, image=image, stars=5)

    erasure.ask(person=bob, administrator=alice)
    erasure.erase(pk=bob.pk)

    assert Collection.objects.get().owner == alice
    assert not Collection.objects.filter(pk=hidden.pk).exists()
    assert order_of(collection, charlie) == [image.pk]
    image.refresh_from_db()
    assert image.rating == 500
