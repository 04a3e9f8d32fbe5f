"""Borrows the relay process of the rehearsals."""

from tests.faults.conftest import relay_process

__all__ = ["relay_process"]
