"""The import law (pyproject.toml, [tool.importlinter]) and the habits that no linter knows."""

import ast
import logging.config
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

from studio import staticfiles

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for path in (ROOT / "studio").rglob("*.py") if "migrations" not in path.parts)
MODELS_AND_FORMS = [path for path in FILES if {"models", "forms"} & set(path.parts)]
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ELEMENT = re.compile(r"<[a-z]|{% icon ")
LONG = {"relays.css"}
"""Holds several components and is still to be split."""


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _nodes(path: Path, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, kinds))


def _imported(path: Path) -> set[str]:
    """Return every module or name that the file imports, with dots."""
    names: set[str] = set()
    for node in _nodes(path, ast.Import, ast.ImportFrom):
        prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        names |= {prefix + alias.name for alias in node.names}
    return names


def test_each_block_of_css_has_one_file():
    """A name that two components share takes the looks of whichever stands later in the bundle."""
    bare = re.compile(r"^  \.([a-z0-9_-]+) \{$", re.MULTILINE)
    homes: dict[str, list[str]] = {}
    for path in STYLES:
        alone = re.sub(r",\n  \..*\{$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name in sorted(set(bare.findall(alone))):
            homes.setdefault(name, []).append(path.name)

    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def test_every_declaration_of_css_ends_before_a_nested_rule():
    """Without its semicolon a declaration swallows the rule below it, and no browser says so."""
    swallowed = re.compile(r"^ +[a-z-]+: [^;{}]*\n\s*&[^;{]*\{", re.MULTILINE)

    found = {path.name: swallowed.findall(path.read_text(encoding="utf-8")) for path in STYLES}

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_import_law_holds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(logging.config, "dictConfig", lambda config: None)  # it would silence our own loggers

    broken = lint_imports(no_cache=True)

    assert broken == 0, capsys.readouterr().out


def test_httpx_is_imported_in_relays_alone():
    graph = grimp.build_graph("studio", include_external_packages=True, cache_dir=None)

    importers = {
        importer
        for library in ("httpx", "httpcore")
        if library in graph.modules
        for importer in graph.find_modules_that_directly_import(library)
    }

    assert importers, "nobody imports httpx: the test looks at the wrong place"
    assert {importer for importer in importers if not importer.startswith("studio.relays.")} == set()


def test_signals_are_not_used():
    signals = {
        f"{_name(path)}: {name}"
        for path in FILES
        for name in _imported(path)
        if name.startswith(("django.dispatch", "django.db.models.signals"))
    }

    assert signals == set()


def test_save_and_delete_are_not_overridden():
    methods = [
        f"{_name(path)}: {cls.name}.{method.name}"
        for path in MODELS_AND_FORMS
        for cls in _nodes(path, ast.ClassDef)
        for method in cls.body
        if isinstance(method, ast.FunctionDef)
        and method.name in {"save", "delete"}
        and not cls.name.endswith("QuerySet")
    ]

    assert methods == []


def test_no_two_classes_have_one_name():
    homes: dict[str, list[str]] = {}
    for path in FILES:
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":  # Django looks for that one
                homes.setdefault(node.name, []).append(_name(path))

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_file_is_at_most_300_lines():
    assert {_name(path) for path in FILES if len(_lines(path)) > 300} == set()


def test_stylesheet_is_at_most_150_lines():
    assert {_name(path) for path in STYLES if len(_lines(path)) > 150} <= {
        f"static/css/{name}" for name in LONG
    }


def test_template_opens_at_most_two_elements_a_line():
    """An icon is an element too; a label in a list of facts may stand in one line with its value, not with the row."""
    full = [
        f"{_name(path)}: {line}"
        for path in TEMPLATES
        for line in _lines(path)
        if len(ELEMENT.findall(line)) > 2
    ]

    assert full == []


def test_stylesheet_has_one_declaration_a_line():
    dense = [
        f"{_name(path)}: {line}"
        for path in STYLES
        for line in _lines(path)
        if line.count(";") > 1 or ("{" in line and ";" in line) or len(line) > 120
    ]

    assert dense == []


def test_every_stylesheet_goes_out_in_the_one_file():
    assert {path.stem for path in STYLES} == set(staticfiles.ORDER)
