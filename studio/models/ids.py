"""Public ids: UUIDs of version 7 (RFC 9562 §5.7), which sort by the time they were made."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID


def uuid7() -> UUID:
    """Return a new id: 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


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
