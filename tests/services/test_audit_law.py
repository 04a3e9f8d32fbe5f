"""The law of the audit: whatever is done in the name of a moderator or an administrator is written down."""

import ast
from pathlib import Path

import pytest

SERVICES = Path(__file__).resolve().parents[2] / "studio" / "services"
STAFF = {"administrator", "moderator", "actor", "by"}
"""What services call the person in whose name they act."""

ONLY_ASKS = ("_", "may_", "check_")
"""How functions begin that are another's step, or look whether something is allowed."""

ONLY_LOOK = {
    "moderation.cases.close_for": "a step of what closes a card; whoever calls it writes down what and why",
    "moderation.looks.look": "says for some seconds who looks at a card",
    "prices.keep": "a step of what changes prices; whoever calls it writes down which",
    "notices.tell": "tells a person; whoever calls it writes down why",
    "notices.tell_everyone": "the same",
}
"""Services that take such a person and change nothing themselves."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(SERVICES).with_suffix("").parts)


FUNCTIONS: dict[str, ast.FunctionDef] = {
    f"{name_of(path)}.{node.name}": node
    for path in sorted(SERVICES.rglob("*.py"))
    for node in ast.parse(path.read_bytes()).body
    if isinstance(node, ast.FunctionDef)
}


def called_by(name: str) -> set[str]:
    """The services that a function calls: those of its own module, and of others by the last part of their module."""
    module = name.rpartition(".")[0]
    found = set()
    for node in ast.walk(FUNCTIONS[name]):
        match node:
            case ast.Call(func=ast.Name(id=own)) if f"{module}.{own}" in FUNCTIONS:
                found.add(f"{module}.{own}")
            case ast.Call(func=ast.Attribute(value=ast.Name(id=other), attr=function)):
                found |= {each for each in FUNCTIONS if f".{each}".endswith(f".{other}.{function}")}
    return found


def writes_audit(name: str, seen: frozenset[str] = frozenset()) -> bool:
    if name == "audit.record":
        return True
    return any(writes_audit(each, seen | {name}) for each in called_by(name) - seen - {name})


def of_staff() -> list[str]:
    """The public services with a person of the staff among their arguments."""
    return [
        name
        for name, node in FUNCTIONS.items()
        if not node.name.startswith(ONLY_ASKS)
        and STAFF & {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}
        and name not in ONLY_LOOK
        and not name.startswith("audit.")
    ]


def test_law_finds_the_services_it_is_about():
    assert {"relays.edit.pause", "generations.forgive", "people.suspensions.suspend"} <= set(of_staff())
    assert not writes_audit("notices.read")


@pytest.mark.parametrize("name", of_staff())
def test_service_of_the_staff_writes_the_audit(name):
    assert writes_audit(name), f"{name} changes something in somebody's name and writes no audit entry"
