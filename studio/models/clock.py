"""The database's clock, which leases go by (SAFETY §1.2)."""

from django.db import connection

SECONDS = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
}


def database_time() -> float:
    """Return the seconds since 1970 by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(SECONDS[connection.vendor])
        return float(cursor.fetchone()[0])
