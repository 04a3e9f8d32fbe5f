"""Typed reads of the environment; every name read here is listed in docs/settings.md (a test checks it)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

REGISTERED: dict[str, str] = {}
"""Name of each variable that was read → its default, as text."""

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that NAME_FILE points to, or the default."""
    REGISTERED[name] = default
    path = os.environ.get(f"{name}_FILE")
    return _read(name, Path(path)) if path else os.environ.get(name, default)


def _read(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}: {path}") from None


def flag(name: str, default: bool = False) -> bool:
    """Return a yes/no variable; anything but a clear yes or no stops the start."""
    value = text(name, "yes" if default else "no").strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return value in TRUE


def number(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number of at least `least`."""
    value = text(name, str(default))
    try:
        result = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if result < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {result}.")
    return result


def choice(name: str, default: str, among: list[str]) -> str:
    """Return one of some words; anything else stops the start."""
    value = text(name, default).strip().lower()
    if value not in among:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(filter(None, among))}, not {value!r}.")
    return value


def seconds(name: str, default: float) -> float:
    """Return a duration in seconds."""
    value = text(name, str(default))
    try:
        return float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number of seconds, not {value!r}.") from None


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, *, state: Path, make: Callable[[], str]) -> str:
    """Return the variable, or a secret made once and kept in the state folder for its owner only."""
    given = text(name)
    if given:
        return given
    path = state / name.lower()
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return _keep(path, make())


def _keep(path: Path, value: str) -> str:
    """Write the secret unless another process was first; return the one that stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(value, encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        value = path.read_text(encoding="utf-8").strip()
    draft.unlink()
    return value


HIDDEN = ("KEY", "SECRET", "PASSWORD", "TOKEN", "SSO", "OIDC")
"""What is in the name of a variable whose value nobody is shown."""


class Told(NamedTuple):
    """A variable as an administrator may see it: no secret is among these values."""

    name: str
    value: str
    source: str


def told() -> list[Told]:
    """Return every variable that was read, in the order of their names, with its value and where that comes from."""
    return [Told(name, _shown(name, default), _source(name)) for name, default in sorted(REGISTERED.items())]


def _source(name: str) -> str:
    return "file" if os.environ.get(f"{name}_FILE") else "environment" if name in os.environ else "default"


def _shown(name: str, default: str) -> str:
    value = text(name, default)
    if any(word in name for word in HIDDEN):
        return "set" if value else ""
    scheme, mark, rest = value.partition("://")
    if mark and "@" in rest:
        value = f"{scheme}://…@{rest.rpartition('@')[2]}"
    return value.partition("?")[0] if mark else value
