"""Django's own backend for SQLite, with triggers that outlive a migration."""
