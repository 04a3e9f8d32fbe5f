import http.client
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.backends import storages
from studio.storages import LocalFile, WrongClock
from studio.storages_s3 import S3Storage
from tests.media import naughty

KEY = "originals/0123456789abcdef0123456789abcdef/7/0.png"


class OutOfOrder(BaseHTTPRequestHandler):
    """An S3 server that answers each request with the status it was told."""

    protocol_version = "HTTP/1.1"
    status: ClassVar[int] = 503
    requests: ClassVar[list[str]] = []

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.requests.append(f"{self.command} {self.path}")
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_DELETE = do_PUT

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def storage(s3_server) -> S3Storage:
    return S3Storage(
        bucket_name=s3_server.bucket,
        endpoint_url=s3_server.endpoint,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        region_name="us-east-1",
    )


@pytest.fixture
def broken() -> Iterator[S3Storage]:
    """Return a storage whose server answers 503 to everything."""
    OutOfOrder.requests.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), OutOfOrder) as server:
        threading.Thread(target=server.serve_forever, args=[0.01]).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        yield S3Storage(
            bucket_name="b", endpoint_url=endpoint, access_key="a", secret_key="s", region_name="us-east-1"
        )
        server.shutdown()


def fetch(url: str, *, method: str = "GET") -> tuple[int, http.client.HTTPMessage, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_save_keeps_the_bytes_under_the_exact_key(storage):
    content = naughty.png()

    name = storage.save(KEY, ContentFile(content))

    with storage.open(KEY) as file:
        assert (name, file.read(), storage.size(KEY)) == (KEY, content, len(content))


@pytest.mark.parametrize("hours", [1, -1])
def test_row_36_save_by_a_wrong_clock_says_so(storage, monkeypatch, hours):
    wrong = datetime.now(UTC) + timedelta(hours=hours)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: wrong.replace(tzinfo=None))

    with pytest.raises(WrongClock):
        storage.save(KEY, ContentFile(b"late"))


def test_save_of_the_same_key_overwrites(storage):
    storage.save("overwritten/0.png", ContentFile(b"first"))

    name = storage.save("overwritten/0.png", ContentFile(b"second"))

    with storage.open("overwritten/0.png") as file:
        assert (name, file.read()) == ("overwritten/0.png", b"second")
    assert storage.listdir("overwritten") == ([], ["0.png"])


def test_save_of_a_local_file_sends_it_with_the_type_we_found(storage, tmp_path):
    path = tmp_path / "part"
    path.write_bytes(naughty.webp())

    with LocalFile(path, content_type="image/webp") as content:
        storage.save("typed/0", content)

    head = storage.connection.meta.client.head_object(Bucket=storage.bucket_name, Key="typed/0")
    assert (head["ContentType"], head["ContentLength"]) == ("image/webp", len(naughty.webp()))
    assert path.exists()


def test_save_of_a_key_that_is_too_long_is_refused_not_shortened(storage):
    with pytest.raises(SuspiciousFileOperation, match="longer than 20"):
        storage.save(KEY, ContentFile(b"picture"), max_length=20)


def test_save_outside_the_bucket_is_refused(storage):
    with pytest.raises(SuspiciousFileOperation):
        storage.save("../other/0.png", ContentFile(b"picture"))


def test_exists_and_delete_agree(storage):
    storage.save("deleted/0.png", ContentFile(b"picture"))
    before = storage.exists("deleted/0.png")

    storage.delete("deleted/0.png")
    storage.delete("deleted/0.png")

    assert (before, storage.exists("deleted/0.png")) == (True, False)


def test_fault_35_open_of_a_missing_key_is_a_missing_file(storage):
    with pytest.raises(FileNotFoundError):
        storage.open("missing/0.png")
    with pytest.raises(FileNotFoundError):
        storage.size("missing/0.png")


def test_presigned_link_shows_the_object_with_the_type_we_found(storage):
    storage.save(KEY, ContentFile(naughty.png()))

    status, headers, body = fetch(storage.presigned(KEY, media_type="image/png"))

    assert (status, headers["Content-Type"], headers["Content-Disposition"]) == (200, "image/png", "inline")
    assert body == naughty.png()


def test_presigned_link_with_a_name_downloads_it(storage):
    storage.save(KEY, ContentFile(naughty.png()))

    _, headers, _ = fetch(storage.presigned(KEY, media_type="image/png", filename='Füchse "1".png'))

    assert headers["Content-Disposition"] == "attachment; filename*=utf-8''F%C3%BCchse%20%221%22.png"


def test_presigned_link_is_version_4_in_the_path_and_lives_for_a_minute(storage):
    url = urllib.parse.urlsplit(storage.presigned(KEY, media_type="image/png"))

    query = urllib.parse.parse_qs(url.query)
    assert url.path == f"/{storage.bucket_name}/{KEY}"
    assert (query["X-Amz-Expires"], query["X-Amz-Algorithm"]) == (["60"], ["AWS4-HMAC-SHA256"])


def test_t22_presigned_link_changed_in_any_part_is_refused(storage):
    storage.save(KEY, ContentFile(naughty.png()))
    storage.save("private/1.png", ContentFile(b"other"))
    url = storage.presigned(KEY, media_type="image/png")

    changed = [
        url.replace(KEY, "private/1.png"),
        url.replace("image%2Fpng", "text%2Fhtml"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
        url.partition("?")[0],
    ]

    assert [fetch(one)[0] for one in changed] == [403] * 4
    assert [fetch(url, method=method)[0] for method in ("PUT", "DELETE")] == [403] * 2


def test_t22_presigned_link_dies_when_its_time_is_over(storage):
    storage.save(KEY, ContentFile(naughty.png()))
    url = storage.presigned(KEY, media_type="image/png", expires=1)
    time.sleep(2.1)

    assert fetch(url)[0] == 403


def test_t22_bucket_shows_nothing_to_anyone_without_a_signature(storage):
    storage.save(KEY, ContentFile(naughty.png()))
    bucket = f"{storage.endpoint_url}/{storage.bucket_name}"

    assert [fetch(url)[0] for url in (bucket, f"{bucket}/{KEY}", storage.endpoint_url)] == [403] * 3


def test_presigned_link_is_signed_for_the_address_that_browsers_use(s3_server):
    public = s3_server.endpoint.replace("127.0.0.1", "localhost")
    storage = S3Storage(
        bucket_name=s3_server.bucket,
        endpoint_url=s3_server.endpoint,
        public_endpoint=public,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        region_name="us-east-1",
    )
    storage.save(KEY, ContentFile(naughty.png()))

    url = storage.presigned(KEY, media_type="image/png")

    assert url.startswith(f"{public}/")
    assert fetch(url)[2] == naughty.png()


def test_url_of_a_key_is_signed_and_short_lived(storage):
    assert "X-Amz-Expires=60&" in storage.url(KEY)


def test_save_from_many_threads_shares_one_connection(storage):
    with ThreadPoolExecutor(8) as threads:
        connections = set(threads.map(lambda _: id(storage.connection), range(16)))
        list(threads.map(lambda n: storage.save(f"many/{n}.png", ContentFile(b"%d" % n)), range(32)))

    assert len(connections) == 1
    assert sorted(storage.listdir("many")[1]) == sorted(f"{n}.png" for n in range(32))


def test_fault_34_save_at_a_failing_server_is_tried_three_times_and_is_an_oserror(broken):
    with pytest.raises(OSError, match="503"):
        broken.save(KEY, ContentFile(b"picture"))

    assert OutOfOrder.requests == [f"PUT /b/{KEY}"] * 3


def test_fault_34_every_call_at_a_failing_server_is_an_oserror(broken):
    for call in (broken.exists, broken.size, broken.delete, broken.open):
        with pytest.raises(OSError, match="503"):
            call(KEY)


def test_fault_34_save_at_a_server_that_is_gone_is_an_oserror():
    storage = S3Storage(
        bucket_name="b", endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="s", region_name="r"
    )

    with pytest.raises(OSError, match="connect"):
        storage.save(KEY, ContentFile(b"picture"))


@pytest.mark.parametrize(
    ("url", "public", "origin"),
    [
        ("s3:///pictures?region=eu-central-1", "", "https://pictures.s3.eu-central-1.amazonaws.com"),
        ("s3:///pictures", "", "https://pictures.s3.amazonaws.com"),
        ("s3:///my.pictures?region=eu-central-1", "", "https://s3.eu-central-1.amazonaws.com"),
        ("s3://key:secret@minio.example:9000/pictures", "", "https://minio.example:9000"),
        ("s3://key:secret@minio:9000/b?tls=no", "https://b.example/", "https://b.example"),
    ],
    ids=["virtual host", "first region", "dots", "own server", "public endpoint"],
)
def test_page_may_show_pictures_from_where_links_lead(client, db, settings, monkeypatch, url, public, origin):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings.S3_PUBLIC_ENDPOINT = public
    settings.STORAGES = settings.STORAGES | {"default": storages(url)}

    policy = client.get("/login/")["Content-Security-Policy"]

    assert f"img-src 'self' data: {origin};" in policy
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    link = default_storage.presigned(KEY, media_type="image/png")
    assert link.startswith(f"{origin}/")
