"""Loaded before the settings: the run gets a state folder of its own and none of the developer's variables.

It has the drivers of all engines, too (config/drivers.py).
"""

import atexit
import os
import re
import shutil
import tempfile

import psycopg  # noqa: F401
import redis  # noqa: F401

FORGOTTEN = re.compile(
    r"(STUDIO|LIGHTFAST|SANDBOX|RELAY|TASK|STORAGE|S3|SPOOL|WORKER|DARKROOM|LEASE)_\w+|\w+_API_KEY(_FILE)?"
    r"|DATABASE_(CONNECTIONS|POOLER)|STOP_GRACE|BEHIND_PROXY|PROXY_COUNT|DEBUG|SECRET_KEY|FIELD_KEYS|ALLOWED_HOSTS|HOST|PORT"
)

for name in [name for name in os.environ if FORGOTTEN.fullmatch(name)]:
    os.environ.pop(name)
os.environ["STUDIO_STATE"] = tempfile.mkdtemp(prefix="lightfast-test-")
os.makedirs(
    os.path.join(os.environ["STUDIO_STATE"], "static"), exist_ok=True
)  # WhiteNoise warns when it is missing
os.makedirs(os.path.join(os.environ["STUDIO_STATE"], "static"), exist_ok=True)
atexit.register(shutil.rmtree, os.environ["STUDIO_STATE"], ignore_errors=True)
