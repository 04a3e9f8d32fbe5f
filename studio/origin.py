"""Where what happens now comes from: a request, its address and token. The audit reads it; services see no more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """One request; the address is looked up when somebody wants to know it. Nothing of it where the studio acts."""

    request_id: str = ""
    find_address: Callable[[], str] = str
    token: str = ""

    @property
    def address(self) -> str:
        return self.find_address()


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def current() -> Origin:
    return _origin.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Let whatever happens inside come from there."""
    before = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(before)
