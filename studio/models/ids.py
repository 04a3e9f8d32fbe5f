"""Public ids: UUIDs of version 7 (RFC 9562 §5.7), which sort by the time they were made."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


def uuid7() -> UUID:
    """Return a new id: Unix milliseconds in 48 bits, their fraction in 12, then 62 random bits.

    So ids are in the order in which a process made them, within a millisecond too (RFC 9562 §6.2, method 3).
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62))


def first_at(moment: datetime) -> UUID:
    """Return the smallest id of `uuid7` that is made at this moment: whatever was made before has a smaller one."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def id_at(moment: datetime) -> UUID:
    """Return a new id as if it were made at this moment."""
    return UUID(int=first_at(moment).int | uuid7().int & (1 << 80) - 1)


def made_at(pk: UUID) -> datetime:
    """Return the moment that an id of `uuid7` carries."""
    return datetime.fromtimestamp((pk.int >> 80) / 1000, UTC)


def storage_token() -> str:
    """Return 128 random bits in hex: the part of a storage key that nobody can guess (SAFETY §3.5)."""
    return secrets.token_hex(16)
