"""The log: each line knows its request and its generation, and is one JSON object if that is wanted."""

import json
import logging
from uuid import UUID

import pytest

from studio import logs
from studio.origin import Origin, coming_from

ROW = UUID(int=7)


def line_of(record: logging.LogRecord) -> dict:
    logs.Belonging().filter(record)
    written = logs.JsonLines().format(record)
    assert "\n" not in written
    return json.loads(written)


def record_of(text: str, *, error: BaseException | None = None, **more: object) -> logging.LogRecord:
    info = error and (type(error), error, error.__traceback__)
    record = logging.LogRecord("studio.x", logging.ERROR, __file__, 1, text, (), info)
    record.__dict__.update(more)
    return record


def test_json_line_belongs_to_its_request_and_keeps_a_traceback_in_one_line():
    try:
        raise ValueError("first\nsecond \x1b[31m")
    except ValueError as error:
        with coming_from(Origin(request_id="abc")):
            line = line_of(record_of("It\nstumbled", error=error))

    assert (line["level"], line["message"], line["request"]) == ("error", "It\nstumbled", "abc")
    assert "generation" not in line
    assert "ValueError: first\nsecond" in line["error"]


def test_json_line_about_a_generation_names_it_and_the_request_that_asked_for_it():
    with logs.about(ROW, request="abc"):
        line = line_of(record_of("x", event="relay.asked", facts={"status": 200}))
    after = line_of(record_of("x"))

    assert (line["event"], line["status"], line["request"], line["generation"]) == (
        "relay.asked",
        200,
        "abc",
        str(ROW),
    )
    assert after.keys() == {"at", "level", "logger", "message"}


@pytest.mark.parametrize(("level", "lines"), [(logging.WARNING, 0), (logging.INFO, 1)])
def test_say_writes_where_such_lines_are_wanted(level, lines, caplog):
    logger = logging.getLogger("tests.said")
    caplog.set_level(level, logger="tests.said")

    logs.say(logger, "relay.asked", status=200)

    assert [record.getMessage() for record in caplog.records] == ["relay.asked status=200"] * lines
