"""The darkroom's child process: makes thumbnails under limits, shut in where the kernel can (SAFETY §3).

Run as a script in Python's isolated mode; its first argument is the limits as JSON, its standard input a socket.
Each line that comes in is a job, with open files: the picture, then one for each thumbnail. It gets one line back:
"developed", "unusable" (the picture's fault), "memory" (there was not enough) or "broken" (ours: a full disk).
"""

import json
import os
import resource
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2]))  # isolated mode leaves it out

from studio.media import confinement, thumbnails

AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux keeps a session's priority: with autogrouping on, `nice` counts only inside the child's own session."""

LINE = 4096
OPEN_FILES = 32
WRITTEN_BYTES = 64 * 1024 * 1024
UNFIT = 3
"""The exit code of a child that cannot decode any more once it is shut in."""


def main() -> None:
    """Answer jobs until the parent is gone or none came for the idle time; either way the exit code is 0."""
    limits, parent = json.loads(sys.argv[1]), socket.socket(fileno=0)
    _limit(limits)
    thumbnails.refuse_bombs(limits["pixels"])
    thumbnails.warm_up()
    _give_way(limits["nice"])  # only now: on a busy machine the start would take seconds
    locks = _shut_in() if limits["shut_in"] else []
    _say({"ready": locks})
    while select.select([0], [], [], limits["idle"])[0]:
        line, files, _, _ = socket.recv_fds(parent, LINE, OPEN_FILES)
        if not line:
            return
        _allow_seconds(limits["cpu"])
        answer = _answer(json.loads(line)["sides"], *files)
        for file in files:
            os.close(file)
        _say(answer)


def _shut_in() -> list[str]:
    """Give up all that a decoder never needs, and prove that it still can do what it is here for."""
    locks = confinement.shut()
    try:
        thumbnails.warm_up()
    except Exception:
        os._exit(UNFIT)
    return locks


def _limit(limits: dict[str, Any]) -> None:
    """Take the limits on; the signals of a terminal or supervisor are for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for name, value in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        resource.setrlimit(name, (value, value))


def _give_way(nice: int) -> None:
    """Take a low priority within the session and, where Linux schedules by sessions, for the session as a whole."""
    os.nice(nice)
    for _ in range(10):
        try:
            AUTOGROUP.write_text(str(nice))
        except BlockingIOError:  # the kernel takes one such wish in a tenth of a second
            time.sleep(0.1)
        except OSError:
            return
        else:
            return


def _allow_seconds(seconds: int) -> None:
    """Move the soft CPU limit, counted in whole seconds, to `seconds` from now or a little more; over it kills."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _say(message: dict[str, Any]) -> None:
    os.write(0, json.dumps(message).encode() + b"\n")


def _answer(sides: list[int], original: int, *outputs: int) -> dict[str, Any]:
    """Develop in memory and only then touch the disk, so that the kinds of failure stay apart."""
    try:
        with open(original, "rb", closefd=False) as file:
            content = file.read()
    except OSError as error:
        return {"broken": str(error)}
    try:
        proof = thumbnails.develop(content, sides=sides)
    except MemoryError:
        return {"memory": "not enough memory"}
    except (PermissionError, ImportError) as error:  # something that the warming up forgot to load
        return {"broken": str(error)}
    except Exception as error:
        return {"unusable": f"{type(error).__name__}: {error}"[:200]}
    return _written(proof, dict(zip(sides, outputs, strict=True)))


def _written(proof: thumbnails.Proof, outputs: dict[int, int]) -> dict[str, Any]:
    try:
        for side, output in outputs.items():
            with open(output, "wb", closefd=False) as file:
                file.write(proof.thumbnails[side])
    except OSError as error:
        return {"broken": str(error)}
    facts = ("width", "height", "tone", "hue", "likeness")
    return {"developed": {name: getattr(proof, name) for name in facts}}


if __name__ == "__main__":
    main()
    os._exit(0)  # at once: who hears the line close takes the process for ended
