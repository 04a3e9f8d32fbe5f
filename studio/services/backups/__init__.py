"""Backups of the whole studio: made, checked, and put back (docs/operations.md)."""
