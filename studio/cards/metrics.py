"""How the studio stands, in the words of Prometheus: sums alone, nobody's name and nothing of what people wrote."""

from collections.abc import Iterator, Mapping

from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector as BaseCollector

from studio import VERSION
from studio.models import State
from studio.models.states import ACTIVE
from studio.services.health import Health


class Collector(BaseCollector):
    """Says what was found by one look."""

    def __init__(self, found: Health) -> None:
        self.found = found

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # nothing is asked of the database to register it

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self.found
        info = GaugeMetricFamily(
            "lightfast_info", "Which version runs on what.", labels=["version", "database"]
        )
        info.add_metric([VERSION, found.database], 1)
        yield info
        active = {state.value: found.waiting[state] for state in ACTIVE}
        yield labelled("generations_active", "Generations that have not ended, by state.", active, "state")
        ended = {state.value: found.ended_today[state] for state in State if state not in ACTIVE}
        yield labelled("generations_ended_today", "Generations that ended today, by how.", ended, "state")
        paused = {relay.name: int(relay.is_paused) for relay in found.relays}
        yield labelled("relay_paused", "Whether a relay is paused.", paused, "relay")
        for name, (text, value) in plain(found).items():
            if value is not None:
                yield GaugeMetricFamily(f"lightfast_{name}", text, value=value)


def labelled(name: str, text: str, values: Mapping[str, float], label: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"lightfast_{name}", text, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


def plain(found: Health) -> dict[str, tuple[str, float | None]]:
    """Return what needs no label; nothing where it is not known."""
    now = timezone.now()
    waits = (now - found.oldest).total_seconds() if found.oldest else 0
    backup = (now - found.backup).total_seconds() if found.backup else None
    return {
        "queue_oldest_seconds": ("For how long the first in the queue has waited.", waits),
        "workers_alive": ("Workers that have given a sign of life lately.", len(found.workers)),
        "workers_running": ("Generations that they draw.", sum(each.running for each in found.workers)),
        "images_kept": ("Pictures that are kept.", found.kept),
        "images_today": ("Pictures that were saved today.", found.images_today),
        "images_missing": ("Pictures whose file was not found.", found.missing),
        "images_bytes": ("Bytes of the originals.", found.used),
        "storage_writable": ("Whether the storage takes a file.", found.writable),
        "storage_free_bytes": ("Bytes left where pictures lie, if that is a folder.", found.free),
        "spool_free_bytes": ("Bytes left where answers are written down.", found.spool_free),
        "migrations_current": ("Whether the database fits this version.", found.is_current),
        "backup_age_seconds": ("Seconds since the last backup.", backup),
    }
