"""What was used: sums by the day, which at any moment say what generations and pictures say."""

import csv
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from studio.models import (
    Collection,
    Favourite,
    Generation,
    Image,
    OutsideLink,
    Placed,
    State,
    Unit,
    UsageMark,
    UsageSum,
    UsageTouched,
)
from studio.models.ids import first_at, id_at
from studio.services import usage, usage_sums
from tests.factories import make_generation, make_image

FIGURES = ("runs", "images", "failed", "unpriced", "kept")
HOUR = timedelta(hours=1)


def plain(days: int, person=None) -> dict[str, dict[Any, tuple]]:
    """The figures as one adds them up who reads every row."""
    first = timezone.localdate() - timedelta(days=days - 1)
    midnight = timezone.make_aware(timezone.datetime(first.year, first.month, first.day))
    sums: dict[str, dict[Any, Counter]] = {"days": {}, "models": {}, "people": {}}
    for row in Generation.objects.filter(pk__gte=first_at(midnight)):
        if person and row.owner_id != person.pk:
            continue
        images = [image for image in row.images.all() if not image.unusable]
        found = Counter(
            runs=1,
            images=len(images),
            kept=sum(map(is_kept, images)),
            failed=row.state in ("failed", "refused", "broken", "unknown"),
            unpriced=row.cost is None and row.state == "done",
        )
        if row.cost_unit and row.cost is not None:
            found[row.cost_unit] = row.cost
        day = timezone.localtime(row.created_at).date()
        keys = {"days": day, "models": row.via_id or row.model_id, "people": row.owner_id}
        for cut, key in keys.items():
            line = sums[cut].setdefault(key, Counter())
            line.update(found)
            line["priced " + row.cost_unit] += row.cost is not None
    if person:
        sums["people"] = {}
    return {cut: {key: _figures(line) for key, line in lines.items()} for cut, lines in sums.items()}


def is_kept(image: Image) -> bool:
    return (
        image.favourites.exists()
        or image.places.exists()
        or OutsideLink.objects.filter(image=image).exists()
        or (image.rating or 0) >= 400
        or image.downloaded_at is not None
    )


def _figures(line: Counter) -> tuple:
    costs = {Unit(unit): line[unit] for unit in Unit.values if line["priced " + unit]}
    return tuple(line[name] for name in FIGURES), costs


def told(days: int, person=None) -> dict[str, dict[Any, tuple]]:
    """The figures as the page has them."""
    used = usage.look(days=days, person=person)
    return {
        cut: {
            key: (tuple(getattr(line, name) for name in FIGURES), line.costs)
            for key, line in getattr(used, cut).items()
        }
        for cut in ("days", "models", "people")
    }


class History:
    """Things that happen by chance to generations of some months."""

    def __init__(self, seed: int, people: list[Any], models: list[Any], albums: list[Collection]) -> None:
        self.chance = random.Random(seed)
        self.people, self.models, self.albums = people, models, albums
        self.acts: list[Callable[[], object]] = [self.run, self.run, self.picture, self.change, self.mark]
        self.acts += [self.unmark, self.image, self.remove]

    def go_on(self) -> None:
        self.chance.choice(self.acts)()

    def run(self) -> None:
        """A generation of any age, brought in or made here."""
        age = timedelta(minutes=self.chance.choice([1, 50, 70, 130, 60 * 30, 60 * 24 * 6, 60 * 24 * 60]))
        at = timezone.now() - age * self.chance.uniform(0.9, 1.1)
        brought = self.chance.random() < 0.2
        make_generation(
            self.chance.choice(self.people),
            self.chance.choice(self.models),
            n=4,
            pk=id_at(at),
            created_at=timezone.now() if brought else at,
            **self._end(),
        )

    def _end(self) -> dict[str, Any]:
        cost = self.chance.choice([None, 0, 3, 40])
        return {
            "state": self.chance.choice(["done", "done", "failed", "unknown", "sent"]),
            "cost": cost,
            "cost_unit": "" if cost is None else self.chance.choice(["USD", "EUR"]),
            "via": self.chance.choice([None, None, *self.models]),
        }

    def picture(self) -> None:
        for row in self._some(Generation):
            if row.images.count() < 4:
                make_image(row.owner, row.model, generation=row, content=None, unusable=self._rarely())

    def change(self) -> None:
        for row in self._some(Generation):
            owner = self.chance.choice(self.people) if self._rarely() else row.owner
            Generation.objects.filter(pk=row.pk).update(owner=owner, **self._end())

    def mark(self) -> None:
        for image in self._some(Image):
            match self.chance.randrange(3):
                case 0:
                    Favourite.objects.get_or_create(person=self.chance.choice(self.people), image=image)
                case 1:
                    Placed.objects.get_or_create(
                        collection=self.chance.choice(self.albums), image=image, defaults={"position": 1}
                    )
                case 2:
                    at = timezone.now() + HOUR
                    digest = f"{self.chance.random()}"
                    OutsideLink.objects.create(owner=image.owner, image=image, digest=digest, expires_at=at)

    def unmark(self) -> None:
        for row in self._some(self.chance.choice([Favourite, Placed, OutsideLink])):
            row.delete()

    def image(self) -> None:
        for image in self._some(Image):
            name, value = self.chance.choice(
                [
                    ("rating", self.chance.choice([None, 300, 400])),
                    ("downloaded_at", timezone.now()),
                    ("unusable", not image.unusable),
                ]
            )
            Image.objects.filter(pk=image.pk).update(**{name: value})

    def remove(self) -> None:
        for row in self._some(Generation)[:1]:
            last = row.images.order_by("index").last()
            (last or row).delete()

    def _some(self, table: Any) -> list[Any]:
        rows = list(table.objects.order_by("pk"))
        return self.chance.sample(rows, min(len(rows), self.chance.randint(1, 4)))

    def _rarely(self) -> bool:
        return self.chance.random() < 0.1


@pytest.fixture
def models(model) -> list[Any]:
    other = type(model).objects.create(relay=model.relay, model_id="other", label="Other")
    return [model, other]


@pytest.fixture
def old_image(bob, model) -> Image:
    """A picture of two days ago, in the sums."""
    at = timezone.now() - timedelta(days=2)
    row = make_generation(bob, model, state=State.DONE, pk=id_at(at), created_at=at)
    image = make_image(bob, model, generation=row, content=None)
    usage_sums.count()
    return image


@pytest.mark.parametrize(
    ("seed", "zone"),
    [(0, "UTC"), (1, "Asia/Kathmandu"), (2, "America/Santiago"), (3, "Europe/Berlin"), (8, "UTC")],
)
def test_look_says_what_all_rows_say_after_any_history(
    settings, bob, charlie, models, seed, zone, monkeypatch
):
    monkeypatch.setattr(usage_sums, "PARTS", usage_sums.PARTS if seed % 2 else 1)
    settings.TIME_ZONE = zone
    albums = [Collection.objects.create(owner=bob, name=name) for name in ("One", "Two")]
    history = History(seed, [bob, charlie], models, albums)

    for step in range(60):
        history.go_on()
        if history.chance.random() < 0.2:
            usage_sums.count()
        days, person = usage.DAYS[step % 3], [None, bob, charlie][step % 7 % 3]
        assert told(days, person) == plain(days, person), f"step {step}"

    usage_sums.count()
    assert UsageSum.objects.exists()
    assert not UsageTouched.objects.exists()
    for days in usage.DAYS:
        for person in (None, bob, charlie):
            assert told(days, person) == plain(days, person)


def test_look_reads_no_generation_that_is_in_the_sums(bob, old_image, django_assert_num_queries):
    with django_assert_num_queries(5) as asked:
        told(30, bob)

    day = timezone.now() - timedelta(days=1)
    bounds = [each["sql"] for each in asked.captured_queries if '"studio_generation"' in each["sql"]]
    assert len(bounds) == 1
    assert UsageMark.objects.get().until > first_at(day - timedelta(days=1))
    assert told(30, bob) == plain(30, bob)


def test_late_change_is_told_at_once_and_summed_by_the_clock(bob, charlie, old_image):
    Favourite.objects.create(person=charlie, image=old_image)

    assert usage.look(days=7).total.kept == 1
    assert UsageTouched.objects.count() == 1
    usage_sums.count()
    assert not UsageTouched.objects.exists()
    assert usage.look(days=7).total.kept == 1
    assert usage.look(days=7, person=bob).total.kept == 1


@pytest.mark.parametrize("mark", [Favourite, Placed, OutsideLink])
def test_late_mark_is_told_and_told_no_more_when_it_is_taken_back(bob, old_image, mark):
    album = Collection.objects.create(owner=bob, name="Album")
    fields = {
        Favourite: {"person": bob},
        Placed: {"collection": album, "position": 1},
        OutsideLink: {"owner": bob, "digest": "0", "expires_at": timezone.now() + HOUR},
    }

    row = mark.objects.create(image=old_image, **fields[mark])
    assert usage.look(days=7).total.kept == 1
    usage_sums.count()
    row.delete()

    assert usage.look(days=7).total.kept == 0


def test_late_generation_is_told_at_once(bob, model, old_image):
    at = timezone.now() - timedelta(days=3)
    make_generation(bob, model, state=State.FAILED, pk=id_at(at), created_at=at)

    assert usage.look(days=7).total.failed == 1


def test_young_generation_is_in_no_sum_and_costs_no_row(bob, charlie, model):
    image = make_image(bob, model, content=None)
    Favourite.objects.create(person=charlie, image=image)

    usage_sums.count()

    assert not UsageTouched.objects.exists()
    assert not UsageSum.objects.exists()
    assert usage.look(days=7).total.kept == 1


def test_erased_person_is_in_no_sum_once_the_clock_has_been_there(bob, charlie, model, old_image):
    Generation.objects.filter(owner=bob).delete()

    assert told(30) == plain(30) == {"days": {}, "models": {}, "people": {}}
    usage_sums.count()
    assert not UsageSum.objects.exists()


def test_sums_of_another_time_zone_are_made_anew(settings, bob, old_image):
    settings.TIME_ZONE = "Pacific/Kiritimati"

    assert told(30) == plain(30)
    usage_sums.count()
    assert told(30) == plain(30)
    assert UsageMark.objects.get().zone == "Pacific/Kiritimati"


def test_look_after_a_purge_of_very_many_says_that_it_is_counted_until_the_clock_has_been_there(
    as_bob, bob, old_image, monkeypatch
):
    monkeypatch.setattr(usage_sums, "BEARABLE", 0)
    Image.objects.filter(pk=old_image.pk).update(unusable=True)

    before, page = usage.look(days=7), as_bob.get("/usage/").text
    usage_sums.count()
    after = usage.look(days=7)

    assert [(each.total.images, each.behind) for each in (before, after)] == [(1, True), (0, False)]
    assert ["counted anew" in text for text in (page, as_bob.get("/usage/").text)] == [True, False]


def test_look_says_that_it_is_counted_where_a_little_has_changed_of_a_day_with_very_many(
    bob, charlie, model, old_image, monkeypatch
):
    monkeypatch.setattr(usage_sums, "BEARABLE", 2)
    at = old_image.generation.created_at
    for person in (bob, bob, charlie):
        make_generation(person, model, pk=id_at(at), created_at=at)
    usage_sums.count()

    Favourite.objects.create(person=charlie, image=old_image)

    assert usage.look(days=7).behind
    assert usage.look(days=7, person=bob).behind
    assert not usage.look(days=7, person=charlie).behind


def test_files_are_exact_while_the_pages_show_figures_of_before(as_alice, alice, old_image, monkeypatch):
    monkeypatch.setattr(usage_sums, "BEARABLE", 0)
    Generation.objects.update(owner=alice)
    Image.objects.update(unusable=True)

    for page in ("/usage/", "/administration/usage/"):
        assert "counted anew" in as_alice.get(page).text
        lines = csv.DictReader(as_alice.get(f"{page}file/").text.splitlines())
        assert {(line["generations"], line["images"]) for line in lines} == {("1", "0")}, page


def test_look_while_the_sums_are_moved_counts_nothing_twice(bob, charlie, old_image):
    Favourite.objects.create(person=charlie, image=old_image)
    done = []

    def count_once(execute, sql, *rest):
        found = execute(sql, *rest)
        if sql.startswith("SELECT") and '"studio_usagesum"' in sql and not done:
            done.append(sql)
            usage_sums.count()
        return found

    with connection.execute_wrapper(count_once):
        total = usage.look(days=7).total

    assert done
    assert (total.runs, total.images, total.kept) == (1, 1, 1)


def test_count_leaves_the_sums_to_a_worker_that_was_faster(bob, charlie, old_image):
    Favourite.objects.create(person=charlie, image=old_image)
    before = usage_sums.mark()
    usage_sums.count()
    found = list(UsageSum.objects.values())

    usage_sums._write(before, before.until, {(bob.pk, usage_sums.day_of(old_image.generation_id))}, [], [])

    assert list(UsageSum.objects.values()) == found


@pytest.mark.django_db(transaction=True)
def test_change_that_is_not_committed_while_the_clock_counts_is_not_lost(bob, charlie, old_image):
    if connection.vendor == "sqlite":
        pytest.skip("nobody counts there while somebody writes")
    Image.objects.filter(pk=old_image.pk).update(rating=100)
    liked, counted = Event(), Event()

    def like() -> None:
        with transaction.atomic():
            Favourite.objects.create(person=charlie, image=old_image)
            liked.set()
            counted.wait(20)
        connection.close()

    thread = Thread(target=like)
    thread.start()
    liked.wait(20)
    usage_sums.count()
    assert usage.look(days=7).total.kept == 0
    counted.set()
    thread.join()

    assert usage.look(days=7).total.kept == 1
    usage_sums.count()
    assert usage.look(days=7).total.kept == 1
    assert not UsageTouched.objects.exists()
