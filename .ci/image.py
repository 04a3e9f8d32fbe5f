"""Proves the Dockerfile where no container engine is: runs its steps in clean roots, and the studio in the last one.

As root on Debian with debootstrap, `python3 .ci/image.py` takes each FROM from Debian's packages, each RUN in a chroot
of its own namespaces, and starts the result as compose does: user 10001, no capability, a read-only root, one folder
for /data. It prints one JSON line for each figure and fails when a step does.

`--with PATH` shows the commands a path of this machine too (a mirror of packages, certificates); variables that begin
with PIP_ are passed on. `--base FOLDER` keeps what debootstrap made for another time.
"""

import argparse
import contextlib
import fnmatch
import glob
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STRICT = ["setpriv", "--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
MODEL = "sandbox-sketch:free"
PLAIN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
UNSLIM = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache/apt",
    "var/lib/apt/lists",
)


def tell(name: str, value: float, unit: str) -> None:
    print(json.dumps({"name": f"image.{name}", "value": round(value, 2), "unit": unit}), flush=True)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in re.sub(r"\\\n", "", "\n".join(lines)).splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), rest.strip()


def ignored(path: str) -> bool:
    """Tell whether .dockerignore keeps a file back; the last line that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!")
        parts = [path, *map(str, list(Path(path).parents)[:-1])]
        fits = [
            part for part in parts if fnmatch.fnmatch(part, pattern) or fnmatch.fnmatch(f"/{part}", pattern)
        ]
        out = not line.startswith("!") if fits else out
    return out


class Stage:
    """One FROM: a root, and what ENV, WORKDIR and the like have said so far."""

    def __init__(self, root: Path, shown: list[str], settings: "Stage | None" = None) -> None:
        self.root, self.shown = root, shown
        self.env = dict(settings.env if settings else PLAIN)
        self.folder = settings.folder if settings else "/"
        self.user, self.entry, self.command, self.health = "0", "[]", "[]", "[]"

    def do(self, word: str, rest: str, stages: dict[str, "Stage"]) -> None:
        match word:
            case "RUN":
                self.run(rest)
            case "COPY":
                self.copy(shlex.split(rest), stages)
            case "ENV":
                for pair in shlex.split(rest):
                    name, _, value = pair.partition("=")
                    self.env[name] = re.sub(r"\$(\w+)", lambda found: self.env.get(found[1], ""), value)
            case "ARG":
                name, _, value = rest.partition("=")
                self.env[name] = os.environ.get(name, value)
            case "WORKDIR":
                self.folder = rest
                self.inside(rest).mkdir(parents=True, exist_ok=True)
            case "USER":
                self.user = rest
            case "ENTRYPOINT":
                self.entry = rest
            case "CMD":
                self.command = rest
            case "HEALTHCHECK":
                self.health = rest.partition("CMD ")[2]
            case "VOLUME" | "EXPOSE":
                pass
            case _:
                sys.exit(f"{word} is more than this script can do.")

    def inside(self, path: str) -> Path:
        return self.root / str(Path(self.folder, path)).lstrip("/")

    def copy(self, words: list[str], stages: dict[str, "Stage"]) -> None:
        *names, target = words
        if names[0].startswith("--from="):
            earlier = stages[names.pop(0).removeprefix("--from=")]
            places = [earlier.inside(name) for name in names]
        else:
            places = [ROOT / found for name in names for found in sorted(glob.glob(name, root_dir=ROOT))]
        for place in places:
            self.copy_one(place, target)

    def copy_one(self, place: Path, target: str) -> None:
        """Put a folder's content, or a file, where COPY puts it; .dockerignore holds for what comes from here."""
        to, is_ours = self.inside(target), place.is_relative_to(ROOT)
        if place.is_dir():
            shutil.copytree(
                place, to, symlinks=True, dirs_exist_ok=True, ignore=self.leave if is_ours else None
            )
        elif is_ours and ignored(str(place.relative_to(ROOT))):
            sys.exit(f".dockerignore keeps {place} back.")
        else:
            shutil.copy2(place, to / place.name if target.endswith("/") else to)

    @staticmethod
    def leave(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if ignored(str(Path(folder, name).relative_to(ROOT)))]

    def run(self, command: str) -> None:
        print(f"RUN {command}", flush=True)
        began = time.monotonic()
        subprocess.run(self.chroot(["sh", "-c", command], mounts=self.shown), check=True, stdout=sys.stderr)
        print(f"    {time.monotonic() - began:.1f} s", flush=True)

    def chroot(
        self, command: list[str], *, mounts: list[str], fixed: str = "", strict: bool = False, **env: str
    ) -> Any:
        """Return the command line that runs a command in the root, as this stage's user."""
        root = shlex.quote(str(self.root))
        script = ["set -e", f"mount --bind {root} {root}", "mount --make-rprivate /"]
        for path in mounts:
            place = shlex.quote(str(self.root / path.lstrip("/")))
            make = (
                f"mkdir -p {place}" if Path(path).is_dir() else f"mkdir -p $(dirname {place}); touch {place}"
            )
            script += [make, f"mount --bind {shlex.quote(path)} {place}"]
        script += [
            f"mkdir -p {root}/proc {root}/dev",
            f"mount --rbind /dev {root}/dev",
            f"mount -t proc proc {root}/proc",
        ]
        script += [fixed]
        who = [*STRICT, f"--reuid={self.user}", f"--regid={self.user}"] if strict else []
        said = [f"{name}={value}" for name, value in (self.env | passed_on() | env).items()]
        inner = [
            "env",
            "-i",
            *said,
            "sh",
            "-c",
            f'cd {shlex.quote(self.folder)} && exec "$@"',
            "sh",
            *who,
            *command,
        ]
        script += [f"exec chroot {root} {shlex.join(inner)}"]
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", "\n".join(script)]


def passed_on() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_")}


def build(options: argparse.Namespace, work: Path) -> Stage:
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for word, rest in instructions((ROOT / "Dockerfile").read_text()):
        if word == "FROM":
            source, _, name = rest.partition(" AS ")
            root = work / (name or "last")
            earlier = stages.get(source)
            copy_root(earlier.root if earlier else debian(source, options.base), root)
            stage = stages[name or "last"] = Stage(root, options.shown, earlier)
            continue
        assert stage, "FROM comes first"
        stage.do(word, rest, stages)
    assert stage
    return stage


def copy_root(old: Path, new: Path) -> None:
    subprocess.run(["cp", "--archive", "--reflink=auto", old, new], check=True)
    shutil.copy("/etc/resolv.conf", new / "etc/resolv.conf")


def debian(image: str, base: Path) -> Path:
    """Make what the image of this name is made of; slim ones come without manuals and translations."""
    suite = image.removeprefix("debian:").removesuffix("-slim")
    root = base / suite
    if not root.exists():
        command = ["debootstrap", "--variant=minbase", suite, f"{root}.part", "http://deb.debian.org/debian"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        for path in UNSLIM:
            shutil.rmtree(Path(f"{root}.part", path), ignore_errors=True)
        Path(f"{root}.part").rename(root)
    tell("base_size", size(root), "MB")
    return root


def size(root: Path) -> float:
    kept = subprocess.run(
        ["du", "--summarize", "--bytes", "--one-file-system", root], check=True, capture_output=True
    )
    return int(kept.stdout.split()[0]) / 1e6


def rehearse(stage: Stage, work: Path) -> None:
    """Run the image as compose.yaml does, draw in it, back it up, and stop it."""
    data, backups, port = work / "data", work / "backups", free_port()
    for folder in (data, backups):
        folder.mkdir(mode=0o700)
        os.chown(folder, int(stage.user), int(stage.user))
    root = shlex.quote(str(stage.root))
    fixed = "\n".join(
        [
            f"mkdir -p {root}/data {root}/backups",
            f"mount -o remount,bind,ro {root}",
            f"mount -t tmpfs tmpfs {root}/tmp",
            f"mount --bind {data} {root}/data; mount --bind {backups} {root}/backups",
        ]
    )

    def command(*words: str) -> Any:
        who = {"STUDIO_ADMIN_EMAIL": "alice@example.com", "STUDIO_ADMIN_PASSWORD": "correct horse battery"}
        return stage.chroot(list(words), mounts=[], fixed=fixed, strict=True, PORT=str(port), **who)

    for name in ("first_start", "start"):
        began = time.monotonic()
        with started(command(*json.loads(stage.entry), *json.loads(stage.command))) as studio:
            wait_for(f"http://127.0.0.1:{port}/healthz", studio)
            tell(name, time.monotonic() - began, "s")
            subprocess.run(command(*json.loads(stage.health)), check=True)
            tell(f"memory_after_{name}", memory(studio.pid), "MB")
            if name == "start":
                use(command, stage)
                time.sleep(5)
                tell("memory_after_drawing", memory(studio.pid), "MB")
            began = time.monotonic()
            os.kill(children(studio.pid)[0], signal.SIGTERM)
            studio.wait(60)
            tell(f"stop_after_{name}", time.monotonic() - began, "s")


@contextlib.contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Lend a process; with its namespace goes all that it has started."""
    process = subprocess.Popen(command, stdout=sys.stderr)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def use(command: Any, stage: Stage) -> None:
    """Draw two pictures, back everything up, and read the backup."""
    manage = json.loads(stage.entry)
    drawn = subprocess.run(
        command(*manage, "draw", "a lighthouse at dusk", "--model", MODEL, "-n", "2"),
        check=True,
        capture_output=True,
    )
    print(drawn.stdout.decode(), file=sys.stderr)
    for words in (["backup", "/backups"], ["verify", "/backups"], ["verify"]):
        subprocess.run(command(*manage, *words), check=True, stdout=sys.stderr)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    process.kill()
    sys.exit("The studio does not answer.")


def children(pid: int) -> list[int]:
    """Return the processes below one, the nearest first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *children(child)]
    return found


def memory(pid: int) -> float:
    """Return what all processes below one take together, what they share counted once."""
    total = 0
    for child in children(pid):
        with contextlib.suppress(OSError):
            total += int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{child}/smaps_rollup").read_text())[1])  # type: ignore[index]
    return total / 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--with", dest="shown", action="append", default=[], metavar="PATH")
    parser.add_argument("--base", type=Path, default=Path(tempfile.gettempdir(), "lightfast-base"))
    options = parser.parse_args()
    options.base.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lightfast-image-") as folder:
        work = Path(folder)
        stage = build(options, work)
        tell("size", size(stage.root), "MB")
        rehearse(stage, work)


if __name__ == "__main__":
    main()
