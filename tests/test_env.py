"""Typed reads of the environment, and addresses made of several of them."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.backends import with_password


def test_text_of_a_file_wins_over_the_variable(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("HOST", "from the variable")
    monkeypatch.setenv("HOST_FILE", str(tmp_path / "key"))

    assert env.text("HOST", "127.0.0.1") == "from the file"


def test_text_of_a_file_that_is_not_there_says_which(monkeypatch, tmp_path):
    monkeypatch.setenv("HOST_FILE", str(tmp_path / "gone"))

    with pytest.raises(
        ImproperlyConfigured, match=r"HOST_FILE cannot be read: No such file or directory: .*/gone"
    ):
        env.text("HOST", "127.0.0.1")


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("postgresql://ann@db.example:5432/studio", "postgresql://ann:p%40ss%2Fword@db.example:5432/studio"),
        ("postgresql://ann:own@db.example/studio", "postgresql://ann:own@db.example/studio"),
        ("postgres://db.example/studio?sslmode=require", "postgres://lightfast:p%40ss%2Fword@db.example/studio?sslmode=require"),
        ("redis://cache.example/0", "redis://cache.example/0"),
        ("sqlite:////data/studio.sqlite3", "sqlite:////data/studio.sqlite3"),
    ],
)  # fmt: skip
def test_with_password_fills_in_what_a_database_lacks(url, whole):
    assert with_password(url, "p@ss/word") == whole
    assert with_password(url, "") == url
