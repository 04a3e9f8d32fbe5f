"""Bringing in pictures that were made elsewhere: asking for it, the tables of prompts beside them, and the work."""
