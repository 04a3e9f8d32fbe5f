"""Start-up checks: what is wrong is said before anything starts."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.core.files.storage import storages

from config.env import Told
from studio import checks
from tests.e2e.studio import ROOT

BUCKET = {"bucket_name": "pictures", "region_name": "eu-central-1", "access_key": "a", "secret_key": "s"}


@pytest.fixture
def use(settings):
    """A function that lets pictures lie in a bucket with these options."""

    def use_bucket(**options: object) -> None:
        bucket = {"BACKEND": "studio.storages_s3.S3Storage", "OPTIONS": BUCKET | options}
        settings.STORAGES = settings.STORAGES | {"default": bucket}

    return use_bucket


def test_t22_bucket_as_the_studio_opens_it_is_private(use):
    use()

    assert checks.bucket_is_private() == []


def test_t22_folder_has_no_links_to_look_at():
    assert not hasattr(storages["default"], "querystring_auth")
    assert checks.bucket_is_private() == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"default_acl": "public-read"}, "default_acl is 'public-read'"),
        ({"default_acl": "public-read-write"}, "default_acl is 'public-read-write'"),
        ({"default_acl": "authenticated-read"}, "default_acl is 'authenticated-read'"),
        ({"querystring_auth": False}, "querystring_auth is off"),
        ({"querystring_expire": 301}, "querystring_expire is above 300"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_t22_bucket_that_others_could_read_is_an_error_at_the_start(use, options, said):
    use(**options)

    found = run_checks(tags=[checks.AT_START])

    assert [(each.id, each.msg) for each in found] == [
        ("studio.E002", f"Anybody could read pictures in the bucket: {said}.")
    ]


def test_t22_settings_of_the_library_do_not_reach_the_bucket(use, settings):
    settings.AWS_DEFAULT_ACL = "public-read"
    settings.AWS_QUERYSTRING_AUTH = False
    settings.AWS_QUERYSTRING_EXPIRE = 3600
    use()

    assert checks.bucket_is_private() == []


def test_up_starts_nothing_when_a_check_fails(tmp_path):
    environment = os.environ | {"STUDIO_STATE": str(tmp_path), "FIELD_KEYS": "not-a-key"}

    ran = subprocess.run(
        [sys.executable, "manage.py", "up", "--prepare-only"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 1
    assert "(studio.E001) FIELD_KEYS must be" in ran.stderr
    assert not (tmp_path / "studio.sqlite3").exists()


def test_keys_of_one_machine_alone_are_warned_of_where_several_share_a_queue(settings):
    settings.VARIABLES = [Told("SECRET_KEY", "set", "default"), Told("FIELD_KEYS", "set", "environment")]
    alone = checks.keys_are_in_common()
    settings.ONE_MACHINE = False

    [warning] = checks.keys_are_in_common()

    assert alone == []
    assert warning.msg == "SECRET_KEY was made by this machine alone, and TASK_URL is for several."
