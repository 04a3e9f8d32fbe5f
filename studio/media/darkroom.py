"""Develops pictures (tone, thumbnails) in limited child processes: no decoder runs in ours (SAFETY §3.2)."""

import functools
import json
import logging
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from studio.media import confinement, names, talk
from studio.media.hues import HUES
from studio.media.inspect import MAX_PIXELS, UnusableImage

logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("child.py")
LEAVING_SECONDS = 5.0
"""How long a child may take from closing its line to its end: one that left by itself was not killed."""

START_SECONDS = 20
LOOKS = re.compile(rf"#[0-9a-f]{{6}} ({'|'.join(HUES)}) [0-9a-f]{{16}}")
"""Tone, hue and likeness of a picture, as nothing else looks."""
UNFIT = 3
"""The exit code of a child that cannot decode any more once it is shut in: it is started again without locks."""
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


class DarkroomBusy(DarkroomError):
    """Raised when no child was free for as long as the caller would wait."""


class DecoderDied(RuntimeError):
    """Raised when the child was killed, crashed or had no memory left: the picture's fault, or the machine's."""


@dataclass(frozen=True)
class Limits:
    """What one job may use: bytes of address space, seconds of CPU and by the clock; `idle` in seconds."""

    memory: int = 2 * 1024**3
    cpu: int = 20
    wall: float = 30.0
    pixels: int = MAX_PIXELS
    nice: int = 10
    idle: float = 60.0
    shut_in: bool = True


@dataclass(frozen=True)
class Developed:
    """What a picture looks like, its size upright in pixels, and its thumbnails: long side → WebP file."""

    tone: str
    hue: str
    likeness: str
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

    def develop(
        self,
        path: Path,
        *,
        into: Path,
        sides: Sequence[int] = names.FIRST_SIDES,
        alone: bool = False,
        patience: float | None = None,
    ) -> Developed:
        """Write thumbnails `into` a folder; UnusableImage is the picture's fault, DarkroomError is ours.

        `alone` means in a child that has seen no other picture; `patience` is how long to wait for a child.
        """
        outputs = {side: into / f"{path.stem}-{side}.webp" for side in sides}
        try:
            child = self._free.get(timeout=patience)
        except queue.Empty:
            raise DarkroomBusy("Every child of the darkroom is busy.") from None
        try:
            if alone:
                child.stop()
            return _developed(self._ask(child, path, outputs), outputs)
        except BaseException:
            for output in outputs.values():
                output.unlink(missing_ok=True)
            raise
        finally:
            self._give_back(child)

    def close(self) -> None:
        """Stop the children that are free now, and the others as soon as they have finished their job."""
        self._closed = True
        waiting = []
        while not self._free.empty():
            waiting.append(self._free.get_nowait())
        for child in waiting:
            self._give_back(child)

    def _ask(self, child: "_Child", path: Path, outputs: dict[int, Path]) -> dict[str, Any]:
        if self._closed:
            raise DarkroomError("The darkroom is closed.")
        with ExitStack() as stack:
            try:
                original = stack.enter_context(path.open("rb"))
                files = [stack.enter_context(output.open("wb")) for output in outputs.values()]
            except OSError as error:
                raise DarkroomError(str(error)) from error
            return child.ask({"sides": list(outputs)}, [file.fileno() for file in (original, *files)])

    def _give_back(self, child: "_Child") -> None:
        if self._closed:
            child.stop()
        self._free.put(child)


def _developed(answer: dict[str, Any], outputs: dict[int, Path]) -> Developed:
    """Believe an answer only once its shape is checked: it comes from a process that saw hostile bytes."""
    match answer:
        case {
            "developed": {
                "tone": str(tone),
                "hue": str(hue),
                "likeness": str(likeness),
                "width": int(width),
                "height": int(height),
            }
        }:
            looks = LOOKS.fullmatch(f"{tone} {hue} {likeness}")
            if looks and all(output.stat().st_size for output in outputs.values()):
                return Developed(tone, hue, likeness, width, height, outputs)
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
        self._line: socket.socket | None = None

    def ask(self, job: dict[str, Any], files: list[int]) -> dict[str, Any]:
        """Return the child's answer; a child that left while it was idle is replaced and asked once more."""
        for _ in range(2):
            process, line = self._running()
            before = _cpu_seconds(process.pid)
            try:
                return self._unless_out_of_memory(talk.exchange(line, job, files, seconds=self._limits.wall))
            except talk.HungUp:
                code = self.stop(grace=LEAVING_SECONDS)
            except TimeoutError:
                used = _cpu_seconds(process.pid) - before
                self.stop()
                raise self._too_slow(used) from None
            if code != 0:
                break
        if code == -signal.SIGXCPU:
            raise UnusableImage(f"took more than {self._limits.cpu} s of CPU to decode")
        raise DecoderDied(_cause(code))

    def _unless_out_of_memory(self, answer: dict[str, Any]) -> dict[str, Any]:
        """A child that had no memory left is not trusted with another picture."""
        if "memory" in answer:
            self.stop()
            raise DecoderDied("out of memory")
        return answer

    def _too_slow(self, used: float) -> UnusableImage | DarkroomError:
        """Return whose fault it was: a child of low priority on a busy machine may have had hardly any turn."""
        if used < self._limits.wall * FAIR_SHARE:
            return DarkroomError(f"The darkroom had {used:.1f} s of CPU in {self._limits.wall:g} s.")
        return UnusableImage(f"took longer than {self._limits.wall:g} s to decode")

    def stop(self, *, grace: float = 0) -> int:
        """Close the line to the process if there is one, kill it unless it leaves in time, return its exit code."""
        process, self._process = self._process, None
        line, self._line = self._line, None
        if process is None or line is None:
            return 0
        line.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
        process.kill()
        return process.wait()

    def _running(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Return the process and the line to it, started and ready; it may have left since the last job."""
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        while self._process is None or self._line is None:
            self._process, self._line = _start(self._limits)
            self._greet(self._line)
        return self._process, self._line

    def _greet(self, line: socket.socket) -> None:
        """Wait for the first line: Pillow is there, the limits hold, these locks shut the child in."""
        try:
            ready = talk.hear(line, seconds=START_SECONDS)
        except (talk.HungUp, TimeoutError):
            ready = {}
        if isinstance(locks := ready.get("ready"), list):
            return _tell_once(tuple(lock for lock in confinement.LOCKS if lock not in locks))
        code = self.stop()
        if code != UNFIT or not self._limits.shut_in:
            raise DarkroomError(f"The darkroom's child process does not start ({_cause(code)}).")
        self._limits = replace(self._limits, shut_in=False)
        return None


@functools.cache
def _tell_once(missing: tuple[str, ...]) -> None:
    """Say once in each process which locks do not hold the decoder here."""
    if missing:
        logger.warning("darkroom.open missing=%s: see docs/operations.md, The decoder", ",".join(missing))


def _start(limits: Limits) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a child that inherits no secret and no file; -I keeps the working folder out of its imports."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", str(CHILD), json.dumps(asdict(limits))],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | MALLOC,
            start_new_session=True,
        )
    return process, ours


def _cpu_seconds(pid: int) -> float:
    """Return how long the process has computed so far; where the system does not say, it counts as all the time."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return time.monotonic()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _cause(code: int) -> str:
    """Return an exit code in words; signals are negative in Python."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
