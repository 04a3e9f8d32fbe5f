"""The OpenAPI document as its page shows it: one entry for each method of an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class FieldCard:
    """One field of a body, or what is said beside it."""

    name: str
    kind: str
    about: str
    needed: bool


@dataclass(frozen=True)
class AnswerCard:
    """What comes back with one status, and the fields of its shape."""

    status: str
    about: str
    fields: list[FieldCard]


@dataclass(frozen=True)
class AddressCard:
    """One method of one address."""

    anchor: str
    method: str
    path: str
    title: str
    about: str
    params: list[FieldCard]
    body: list[FieldCard]
    answers: list[AnswerCard]


def entries(document: Schema) -> list[AddressCard]:
    """Return every method of every address, in the document's order."""
    schemas = document["components"]["schemas"]
    return [
        _entry(method, path, operation, schemas)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def _entry(method: str, path: str, operation: Schema, schemas: Schema) -> AddressCard:
    return AddressCard(
        anchor=operation["operationId"],
        method=method.upper(),
        path=f"/v1{path}",
        title=operation["summary"],
        about=operation["description"].replace("`", ""),
        params=[
            FieldCard(one["name"], f"{one['in']}, {one['schema']['type']}", _words(one), one["required"])
            for one in operation["parameters"]
        ],
        body=_fields_of(operation.get("requestBody", {}), schemas),
        answers=[
            AnswerCard(status, _words(one), _fields_of(one, schemas) if status < "300" else [])
            for status, one in operation["responses"].items()
        ],
    )


def _fields_of(holder: Schema, schemas: Schema) -> list[FieldCard]:
    schema = holder.get("content", {}).get("application/json", {}).get("schema")
    return _fields(_found(schema, schemas), schemas) if schema else []


def _fields(schema: Schema, schemas: Schema) -> list[FieldCard]:
    needed = schema.get("required", [])
    return [
        FieldCard(name, _kind(one, schemas), _words(one), name in needed)
        for name, one in schema.get("properties", {}).items()
    ]


def _kind(schema: Schema, schemas: Schema) -> str:
    """Return the type in a few words; a list says what is in it, a shape its name."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(_kind(one, schemas) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array" and "items" in schema:
        return f"list of {_kind(schema['items'], schemas)}"
    kinds = schema.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kind for kind in kinds if kind != "null")


def _found(schema: Schema, schemas: Schema) -> Schema:
    found: Schema = schemas[_name(schema)] if "$ref" in schema else schema
    return found


def _name(schema: Schema) -> str:
    return str(schema["$ref"].rpartition("/")[2])


def _words(schema: Schema) -> str:
    return str(schema.get("description", "")).replace("`", "")
