"""A production install, which has requirements.txt alone, works without NumPy, and without the sandbox's folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media import naughty

ROOT = Path(__file__).resolve().parent.parent
WITHOUT = """
import sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "numpy" or name.startswith("studio.sandbox"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "numpy" else found(name, package)
"""
WORKS = """
import importlib, pkgutil, pathlib
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
import studio
for module in pkgutil.walk_packages(studio.__path__, "studio."):
    if not module.name.startswith(("studio.sandbox", "studio.media.child")):
        importlib.import_module(module.name)
call_command("check", verbosity=0)
from studio.media.darkroom import Darkroom
from studio.media.inspect import look
room, folder = Darkroom(), pathlib.Path(sys.argv[1])
made = room.develop(folder / "picture.png", into=folder)
room.close()
print(settings.SANDBOX, look(made.thumbnails[512]).media_type, "numpy" in sys.modules)
"""


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if name != "STUDIO_SANDBOX"}
    ours |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "STUDIO_STATE": str(folder / "state"),
        **environment,
    }
    command = [sys.executable, "-c", WITHOUT + script, str(folder)]
    return subprocess.run(
        command, cwd=ROOT, env=ours, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "picture.png").write_bytes(naughty.png(1200, 800))
    return tmp_path


def test_studio_without_numpy_and_the_painter_starts_with_the_sandbox_off_and_develops(folder):
    ended = run(WORKS, folder)

    assert ended.stderr == ""
    assert ended.stdout.splitlines()[-1] == "False image/webp False"


def test_sandbox_asked_for_without_numpy_says_what_to_install(folder):
    ended = run("from config import settings", folder, STUDIO_SANDBOX="yes")

    assert (
        ended.stderr.strip()
        .splitlines()[-1]
        .endswith("The sandbox paints with NumPy: install requirements-sandbox.txt, or unset STUDIO_SANDBOX")
    )


def test_requirements_of_production_name_nothing_that_only_the_sandbox_needs():
    names = re.findall(r"^[\w-]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)

    assert "numpy" not in names
    assert "pillow" in names
