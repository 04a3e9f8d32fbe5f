"""The pages in docs/ say what the code does."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from config import env

ROOT = Path(__file__).resolve().parent.parent
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def test_settings_page_names_every_variable_and_no_other():
    assert settings.configured  # the settings have read their variables
    named = set(
        re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", SETTINGS_PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    )

    assert named == set(env.REGISTERED)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_names_no_file_that_is_gone(page: Path):
    files = [
        f"/{path.relative_to(ROOT)}"
        for top in ("studio", "config", "tests", ".ci")
        for path in (ROOT / top).rglob("*.py")
    ]
    named = re.findall(r"`((?:[\w.]+/)*\w+\.py)`", page.read_text(encoding="utf-8"))

    gone = [name for name in named if not any(path.endswith(f"/{name}") for path in files)]

    assert [name for name in gone if not (ROOT / name).exists()] == []
