"""When a link dies, as it says itself."""

from datetime import UTC, datetime

import pytest

from studio.relays.answers.links import death, moment

END = datetime(2026, 3, 4, 13, 0, tzinfo=UTC)
SECONDS = int(END.timestamp())


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260304T120000Z&X-Amz-Expires=3600&X-Amz-Signature=ab",
        "X-Goog-Date=20260304T120000Z&X-Goog-Expires=3600",
        "x-amz-date=20260304T120000Z&x-amz-expires=3600",
        "st=2026-03-04T12%3A00%3A00Z&se=2026-03-04T13%3A00%3A00Z&sig=abc%3D",
        f"Expires={SECONDS}&Signature=x&Key-Pair-Id=y",
        f"exp={SECONDS}",
        f"expires={SECONDS * 1000}",
    ],
)
def test_death_of_a_signed_link_is_read(query: str) -> None:
    assert death(f"https://cdn.example/a.png?{query}") == END


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example/a.png",
        "https://cdn.example/a.png?expires=3600",
        "https://cdn.example/a.png?Expires=soon&exp=nan&se=inf",
        "https://cdn.example/a.png?X-Amz-Date=yesterday&X-Amz-Expires=3600",
        "https://cdn.example/a.png?X-Amz-Date=20260304T120000Z",
        "https://[bad/a.png?exp=1",
        "a bare word",
        "",
    ],
)
def test_death_that_is_not_said_is_none(url: str) -> None:
    assert death(url) is None


@pytest.mark.parametrize(
    "value", [SECONDS, float(SECONDS), str(SECONDS), "2026-03-04T13:00:00+00:00", "2026-03-04T13:00"]
)
def test_moment_is_read_from_numbers_and_dates(value: object) -> None:
    assert moment(value) == END


@pytest.mark.parametrize("value", [None, "", True, {}, [], "1e400", -1, 10**400, "0001-01-01"])
def test_moment_that_is_none_is_none(value: object) -> None:
    assert moment(value) is None
