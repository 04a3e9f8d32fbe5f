"""The OpenAPI document against the studio: Schemathesis asks what it allows and forbids, and judges the answers."""

import re

import pytest

from tests.judges.desk import Desk, run
from tests.judges.gateway import ALONE, PROGRAMS, PYTHON

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
SECONDS = 60


@pytest.mark.skipif(not PYTHON.exists(), reason="Schemathesis: run .ci/judges --all")
def test_schemathesis_finds_no_answer_that_the_document_does_not_say(each_desk: Desk):
    token = each_desk.make_token("--cap", "30")
    told = run(
        [
            *(str(PYTHON), "-m", "schemathesis.cli", "run", f"{each_desk.base_url}/openapi.json"),
            *(
                "--url",
                each_desk.base_url,
                "--header",
                f"Authorization: Bearer {token}",
                "--checks",
                ",".join(CHECKS),
            ),
            *("--max-time", str(SECONDS), "--seed", "1", "--no-color", "--continue-on-failure"),
        ],
        cwd=PROGRAMS,
        **ALONE,
    )

    assert int(re.search(r"(\d+) generated", told)[1]) > 100
