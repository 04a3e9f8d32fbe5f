"""Telling programs what happens: edit makes webhooks, events writes what they are told, deliveries sends it."""
