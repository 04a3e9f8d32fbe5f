"""Keeps searches of the gallery for later."""

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


def remove(*, search: SavedSearch) -> None:
    with write_transaction():
        SavedSearch.objects.filter(pk=search.pk).delete()
