"""Finds words in a text whatever they are disguised as; knows neither rules' acts nor a database."""

from studio.screening.book import Book, Hit, Spec
from studio.screening.terms import Unsearchable, check_pattern, check_words

__all__ = ["Book", "Hit", "Spec", "Unsearchable", "check_pattern", "check_words"]
