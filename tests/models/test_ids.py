import time
from datetime import UTC, datetime, timedelta

from studio.models.ids import made_at, storage_token, uuid7


def test_uuid7_says_its_version_and_sorts_by_time():
    first = uuid7()
    time.sleep(0.002)
    second = uuid7()

    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first < second


def test_uuid7_many_are_all_different_and_in_the_order_in_which_they_were_made():
    made = [uuid7() for _ in range(1000)]

    assert made == sorted(set(made))


def test_made_at_returns_the_moment():
    assert abs(made_at(uuid7()) - datetime.now(UTC)) < timedelta(seconds=1)


def test_storage_token_is_128_bits_in_hex():
    token = storage_token()

    assert (len(token), len(bytes.fromhex(token))) == (32, 16)
    assert token != storage_token()
