"""What is written down for containers fits the studio: processes, settings, times, and the page for Kubernetes."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import env

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ["compose.yaml", "compose.production.yaml"]
PROCESSES = {
    line.partition(":")[0] for line in (ROOT / "Procfile").read_text().splitlines() if line[0] != "#"
}
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def services(name: str) -> dict[str, dict[str, Any]]:
    """The services of a file that run the studio."""
    found = yaml.safe_load((ROOT / name).read_text())["services"]
    return {name: row for name, row in found.items() if "build" in row}


@pytest.mark.parametrize("name", COMPOSE)
def test_services_are_shut_in_and_have_time_to_finish(name):
    for row in services(name).values():
        assert row["read_only"] is True
        assert row["cap_drop"] == ["ALL"]
        assert row["security_opt"] == ["no-new-privileges:true"]
        assert row["stop_grace_period"] == "640s"
        assert "/tmp" in row["tmpfs"]


@pytest.mark.parametrize("name", COMPOSE)
def test_services_name_no_setting_that_does_not_exist(name):
    named = {each.removesuffix("_FILE") for row in services(name).values() for each in row["environment"]}

    assert named <= set(env.REGISTERED)


def test_production_runs_every_process_of_the_procfile_once_the_database_is_ready():
    rows = services("compose.production.yaml")

    only = {row["command"][2]: row for row in rows.values() if row["command"][:2] == ["up", "--only"]}
    assert set(only) == PROCESSES
    for row in only.values():
        assert row["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_image_runs_as_nobody_of_the_machine_and_starts_what_compose_starts():
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    assert 'ENTRYPOINT ["python", "manage.py"]\nCMD ["up"]' in DOCKERFILE
    assert "VOLUME" in DOCKERFILE


def test_manifest_for_kubernetes_can_be_read_and_waits_as_long():
    text = (ROOT / "docs" / "containers.md").read_text()
    worker = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])

    pod = worker["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 640
    assert pod["containers"][0]["volumeMounts"] == pod["initContainers"][0]["volumeMounts"]


def test_healthcheck_of_a_studio_that_does_not_answer_fails_and_says_why():
    ended = subprocess.run(
        [sys.executable, "-m", "config.healthcheck"],
        cwd=ROOT,
        env={"PORT": "1"},
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 1
    assert "refused" in ended.stderr
