"""Keeps searches of the gallery for later."""

from itertools import chain, count

from studio.db import write_transaction
from studio.models import SavedSearch, User
from studio.search.asked import Asked
from studio.services.screening import gate


def save(*, person: User, name: str, asked: Asked, shared: bool) -> SavedSearch:
    """Keep what is asked under a name; one's own search of that name is replaced. Raises StudioError for a bad name."""
    gate.check_names(name, param="name")
    row = SavedSearch(owner=person, name=name, query=str(asked), shared=shared)
    with write_transaction():
        SavedSearch.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["owner", "name"], update_fields=["query", "shared"]
        )
    return SavedSearch.objects.get(owner=person, name=name)


def hand_over(*, person: User, to: User) -> int:
    """Give the searches that somebody shared to another, under a name that is free; return how many.

    Call it in the transaction that lets them go.
    """
    rows = list(SavedSearch.objects.owned_by(person).filter(shared=True).select_for_update())
    taken = set(SavedSearch.objects.owned_by(to).values_list("name", flat=True))
    for row in rows:
        row.owner, row.name = to, _free(row.name, taken)
        taken.add(row.name)
    SavedSearch.objects.bulk_update(rows, ["owner", "name"])
    return len(rows)


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with a number where it is taken."""
    names = chain([name], (f"{name[:54]} {number}" for number in count(2)))
    return next(each for each in names if each not in taken)


def remove(*, search: SavedSearch) -> None:
    with write_transaction():
        SavedSearch.objects.filter(pk=search.pk).delete()
