"""The pages in docs/ say what the code does."""

import re
from pathlib import Path

from django.conf import settings

from config import env

SETTINGS_PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"


def test_settings_page_names_every_variable_and_no_other():
    assert settings.configured  # the settings have read their variables
    named = set(
        re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", SETTINGS_PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )

    assert named == set(env.REGISTERED)
