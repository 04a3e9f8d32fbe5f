"""docs/relays.md tells what the code does, and the code does what the relays' documents say."""

from studio.relays import DIALECTS
from tests.relays import table

# The request fields of each relay's documents, as RELAYS.md lists them; those of objects with a dot.
DOCUMENTED = {
    "routeway": {
        *("model", "prompt", "n", "size", "quality", "response_format", "steps", "seed"),
        *("negative_prompt", "guidance", "async"),
    },
    "routmy": {
        *("model", "prompt", "n", "size", "quality", "style", "user"),
        *("image_config.aspect_ratio", "image_config.image_size"),
    },
    "relayrouter": {"model", "prompt", "n", "size"},
    "openai": {
        *("model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression"),
        *("moderation", "user", "style", "response_format"),
    },
    "chat": {"model", "messages.content", "image_config.aspect_ratio", "image_config.image_size"},
    "generic": {"model", "prompt", "n", "size", "quality"},
}
LEFT_OUT = {"routeway": {"async"}, "routmy": {"user"}, "openai": {"user"}}


def sent(dialect: str) -> set[str]:
    """Return where the fields of the table land in a body, without those an administrator has to tick."""
    fields = [field for field in table.FIELDS if field not in DIALECTS[dialect].ticked]
    return {place for field in fields if (place := table.place(dialect, field))}


def test_page_holds_the_table_the_code_makes() -> None:
    assert table.on_the_page() == table.render(), "run: python -m tests.relays.table --write"


def test_table_sends_exactly_what_the_relays_document() -> None:
    assert {dialect: sent(dialect) | LEFT_OUT.get(dialect, set()) for dialect in DIALECTS} == DOCUMENTED


def test_withheld_fields_are_documented_and_never_sent() -> None:
    withheld = {name: set(each.withheld) for name, each in DIALECTS.items() if each.withheld}

    assert withheld == LEFT_OUT
    assert [name for name in LEFT_OUT if sent(name) & LEFT_OUT[name]] == []


def test_table_has_a_row_for_every_field_of_every_dialect() -> None:
    known = set().union(*(relay.fields | relay.withheld for relay in DIALECTS.values()))

    assert known - {"image_only"} == set(table.FIELDS)


def test_renamed_fields_are_fields() -> None:
    assert {name for name, each in DIALECTS.items() if each.renamed.keys() - each.fields} == set()


def test_page_tells_how_to_add_each_relay() -> None:
    page = table.PAGE.read_text(encoding="utf-8")

    assert [name for name in DIALECTS if f"(`{name}`)" not in page] == []
