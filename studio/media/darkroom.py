"""Develops pictures (tone, thumbnails) in limited child processes: no decoder runs in ours (SAFETY §3.2)."""

import json
import os
import queue
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.media import names
from studio.media.inspect import MAX_PIXELS, UnusableImage

CHILD = Path(__file__).with_name("child.py")
START_SECONDS = 20
ANSWER_BYTES = 4096
TONE = re.compile(r"#[0-9a-f]{6}")
FAIR_SHARE = 0.25
"""The part of the wall clock a child must have computed before its slowness is the picture's fault."""
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
KEPT_MEMORY = str(16 * 1024 * 1024)
MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": KEPT_MEMORY,
    "MALLOC_TRIM_THRESHOLD_": KEPT_MEMORY,
}
"""A child keeps a usual picture's memory for the next one: fetching it anew took 4 ms of 52 (2,200 page faults)."""


class DarkroomError(RuntimeError):
    """Raised when the darkroom itself fails (no start, a full disk); it says nothing about the picture."""


class _ChildGone(Exception):
    """Raised when the child's end of the pipe is closed."""


@dataclass(frozen=True)
class Limits:
    """What one job may use: bytes of address space, seconds of CPU and by the clock; `idle` in seconds."""

    memory: int = 2 * 1024**3
    cpu: int = 20
    wall: float = 30.0
    pixels: int = MAX_PIXELS
    nice: int = 10
    idle: float = 60.0


@dataclass(frozen=True)
class Developed:
    """A picture's tone as #rrggbb, its size upright in pixels, and its thumbnails: long side → WebP file."""

    tone: str
    width: int
    height: int
    thumbnails: dict[int, Path]


class Darkroom:
    """A few child processes, each with one picture at a time; started when needed, gone after an idle minute.

    Threads may share it: a caller waits until one of the `children` is free.
    """

    def __init__(self, children: int = 1, *, limits: Limits | None = None) -> None:
        self._closed = False
        self._free: queue.LifoQueue[_Child] = queue.LifoQueue()
        for _ in range(children):
            self._free.put(_Child(limits or Limits()))

    def develop(self, path: Path, *, into: Path) -> Developed:
        """Write thumbnails `into` a folder; UnusableImage is the picture's fault, DarkroomError is ours."""
        outputs = {side: into.absolute() / f"{path.stem}-{side}.webp" for side in names.SIDES}
        job = {
            "path": str(path.absolute()),
            "outputs": {side: str(output) for side, output in outputs.items()},
        }
        child = self._free.get()
        try:
            answer = self._ask(child, job)
        finally:
            self._give_back(child)
        return _developed(answer, outputs)

    def close(self) -> None:
        """Stop the children that are free now, and the others as soon as they have finished their job."""
        self._closed = True
        waiting = []
        while not self._free.empty():
            waiting.append(self._free.get_nowait())
        for child in waiting:
            self._give_back(child)

    def _ask(self, child: "_Child", job: dict[str, Any]) -> dict[str, Any]:
        if self._closed:
            raise DarkroomError("The darkroom is closed.")
        return child.ask(job)

    def _give_back(self, child: "_Child") -> None:
        if self._closed:
            child.stop()
        self._free.put(child)


def _developed(answer: dict[str, Any], outputs: dict[int, Path]) -> Developed:
    """Believe an answer only once its shape is checked: it comes from a process that saw hostile bytes."""
    match answer:
        case {"developed": {"tone": str(tone), "width": int(width), "height": int(height)}}:
            if TONE.fullmatch(tone) and all(output.is_file() for output in outputs.values()):
                return Developed(tone, width, height, outputs)
        case {"unusable": str(reason)}:
            raise UnusableImage(reason)
        case {"broken": str(reason)}:
            raise DarkroomError(reason)
    raise UnusableImage("the decoder answered nonsense")


class _Child:
    """One slot of the darkroom: at most one process at a time, used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, job: dict[str, Any]) -> dict[str, Any]:
        """Return the child's answer; a child that left while it was idle is replaced and asked once more."""
        for _ in range(2):
            process = self._running()
            before = _cpu_seconds(process.pid)
            try:
                return _exchange(process, job, seconds=self._limits.wall)
            except _ChildGone:
                code = self.stop()
            except TimeoutError:
                used = _cpu_seconds(process.pid) - before
                self.stop()
                raise self._too_slow(used) from None
            if code != 0:
                break
        raise UnusableImage(f"the decoder died ({_cause(code)})")

    def _too_slow(self, used: float) -> UnusableImage | DarkroomError:
        """Return whose fault it was: a child of low priority on a busy machine may have had hardly any turn."""
        if used < self._limits.wall * FAIR_SHARE:
            return DarkroomError(f"The darkroom had {used:.1f} s of CPU in {self._limits.wall:g} s.")
        return UnusableImage(f"took longer than {self._limits.wall:g} s to decode")

    def stop(self) -> int:
        """Kill the process if there is one, close its pipes and return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        assert process.stdin
        assert process.stdout
        process.kill()
        process.stdin.close()
        process.stdout.close()
        return process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        """Return the process, started and ready; it may have left since the last job."""
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._process is None:
            self._process = _start(self._limits)
            self._greet(self._process)
        return self._process

    def _greet(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for the first line, which says that Pillow is there and the limits hold."""
        try:
            ready = _hear(process, seconds=START_SECONDS)
        except (_ChildGone, TimeoutError):
            ready = {}
        if ready != {"ready": True}:
            code = self.stop()
            raise DarkroomError(f"The darkroom's child process does not start ({_cause(code)}).")


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    """Start a child that inherits no secret and no file; -I keeps the working folder out of its imports."""
    return subprocess.Popen(
        [sys.executable, "-I", str(CHILD), json.dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        cwd="/",
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | MALLOC,
        start_new_session=True,
    )


def _cpu_seconds(pid: int) -> float:
    """Return how long the process has computed so far; where the system does not say, it counts as all the time."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _exchange(process: subprocess.Popen[bytes], job: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    assert process.stdin
    try:
        process.stdin.write(json.dumps(job).encode() + b"\n")
    except BrokenPipeError:
        raise _ChildGone from None
    return _hear(process, seconds=seconds)


def _hear(process: subprocess.Popen[bytes], *, seconds: float) -> dict[str, Any]:
    """Read one line of JSON before the deadline; what is not one comes back as an empty answer."""
    assert process.stdout
    deadline, line = time.monotonic() + seconds, b""
    poll = select.poll()  # select.select() cannot take the numbers above 1023 that a busy worker hands out
    poll.register(process.stdout, select.POLLIN)
    while not line.endswith(b"\n") and len(line) < ANSWER_BYTES:
        if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        part = process.stdout.read(ANSWER_BYTES)
        if not part:
            raise _ChildGone
        line += part
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _cause(code: int) -> str:
    """Return an exit code in words; signals are negative in Python."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
