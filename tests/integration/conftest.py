"""Borrows the stage, its database and its relay process from the rehearsals."""

from tests.faults.conftest import blank_database, relay_process, stage

__all__ = ["blank_database", "relay_process", "stage"]
