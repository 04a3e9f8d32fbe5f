"""Shuts the calling process in: no file can be opened, no connection made, no program started, ever again.

Two locks of Linux, each used where the kernel has it. Landlock takes away the files, the network and the way to
other processes; seccomp lets a short list of system calls through and refuses all others. Both are set up with
ctypes: a decoder's process needs no more of them than is written here. Made for one thread.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator

PR_SET_NO_NEW_PRIVS, PR_GET_SECCOMP, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 21, 22, 2
CREATE_RULESET, RESTRICT_SELF = 444, 446
"""Landlock's system calls: the same numbers on every machine."""
ASK_VERSION = 1

FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}
"""What may be forbidden of the file system, by the version of Landlock that knew it first (linux/landlock.h)."""
NETWORK_SINCE, NETWORK_RIGHTS = 4, 0b11
SCOPED_SINCE, SCOPED = 6, 0b11

LOAD, EQUALS, HAS_BITS, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Where things are in struct seccomp_data."""
PROT_EXEC, EMPTY_PATH = 4, 0x1000

X86_64 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "munmap": 11, "brk": 12,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "select": 23, "sched_yield": 24, "mremap": 25,
    "madvise": 28, "nanosleep": 35, "getpid": 39, "recvmsg": 47, "exit": 60, "gettimeofday": 96, "getrusage": 98,
    "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202, "restart_syscall": 219, "clock_gettime": 228,
    "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "pselect6": 270, "ppoll": 271,
    "getrandom": 318, "getcwd": 79, "mmap": 9, "mprotect": 10, "newfstatat": 262, "prlimit64": 302,
}  # fmt: skip
AARCH64 = {
    "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "munmap": 215, "brk": 214,
    "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139, "sched_yield": 124, "mremap": 216,
    "madvise": 233, "nanosleep": 101, "getpid": 172, "recvmsg": 212, "exit": 93, "gettimeofday": 169,
    "getrusage": 165, "sigaltstack": 132, "gettid": 178, "futex": 98, "restart_syscall": 128,
    "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "exit_group": 94, "pselect6": 72,
    "ppoll": 73, "getrandom": 278, "getcwd": 17, "mmap": 222, "mprotect": 226, "newfstatat": 79, "prlimit64": 261,
}  # fmt: skip
"""All that a decoder asks of the kernel; the last four only in a harmless form."""

MACHINES = {"x86_64": (0xC000003E, X86_64), "aarch64": (0xC00000B7, AARCH64)}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


LOCKS = ("landlock", "seccomp")


def missing() -> list[str]:
    """Return which of the locks this kernel does not have; a container may forbid the others all the same."""
    if sys.platform != "linux":
        return list(LOCKS)
    system = ctypes.CDLL(None, use_errno=True)
    filters = platform.machine() in MACHINES and system.prctl(PR_GET_SECCOMP) >= 0
    there = {"landlock": _version(system) > 0, "seccomp": filters}
    return [lock for lock in LOCKS if not there[lock]]


def shut() -> list[str]:
    """Shut this process in for good; return which of "landlock" and "seccomp" hold it."""
    if sys.platform != "linux":
        return []
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))):
        return []
    return [name for name, lock in zip(LOCKS, (_landlock, _seccomp), strict=True) if lock(system)]


def _landlock(system: ctypes.CDLL) -> bool:
    """Forbid all that this kernel's Landlock knows, without an exception."""
    version = _version(system)
    if version < 1:
        return False
    files = FILE_RIGHTS[max(known for known in FILE_RIGHTS if known <= version)]
    network = NETWORK_RIGHTS if version >= NETWORK_SINCE else 0
    rules = _Ruleset(files, network, SCOPED if version >= SCOPED_SINCE else 0)
    handle = _call(system, CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if handle < 0:
        return False
    held = _call(system, RESTRICT_SELF, handle, 0) == 0
    os.close(handle)
    return held


def _version(system: ctypes.CDLL) -> int:
    """Return which Landlock this kernel has; nothing above 0 for none."""
    return _call(system, CREATE_RULESET, None, 0, ASK_VERSION)


def _call(system: ctypes.CDLL, number: int, *arguments: object) -> int:
    """Make a system call that the C library has no name for; every argument as wide as a register."""
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return int(system.syscall(ctypes.c_long(number), *wide))


def _seccomp(system: ctypes.CDLL) -> bool:
    """Refuse every system call that is not on the list of this kind of machine."""
    if platform.machine() not in MACHINES:
        return False
    lines = list(_filter(*MACHINES[platform.machine()]))
    program = _Program(len(lines), b"".join(lines))
    asked = ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(program), ctypes.c_ulong(0), ctypes.c_ulong(0)
    return bool(system.prctl(PR_SET_SECCOMP, *asked) == 0)


def _filter(architecture: int, calls: dict[str, int]) -> Iterator[bytes]:
    """Yield the program that the kernel runs before each call (linux/filter.h)."""
    guarded = {
        "mmap": (2, HAS_BITS, PROT_EXEC, REFUSE),
        "mprotect": (2, HAS_BITS, PROT_EXEC, REFUSE),
        "newfstatat": (3, EQUALS, EMPTY_PATH, ALLOW),
        "prlimit64": (0, EQUALS, 0, ALLOW),
    }
    yield _line(LOAD, ARCHITECTURE)
    yield _line(EQUALS, architecture, yes=1)
    yield _line(RETURN, KILL)
    yield _line(LOAD, NUMBER)
    for name in calls.keys() - guarded.keys():
        yield _line(EQUALS, calls[name], no=1)
        yield _line(RETURN, ALLOW)
    for name, (argument, test, value, answer) in guarded.items():
        yield _line(EQUALS, calls[name], no=4)
        yield _line(LOAD, ARGUMENTS + 8 * argument)
        yield _line(test, value, no=1)
        yield _line(RETURN, answer)
        yield _line(RETURN, REFUSE if answer == ALLOW else ALLOW)
    yield _line(RETURN, REFUSE)


def _line(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
