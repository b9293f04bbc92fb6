"""Runs a program whose disk can be slow: `python slow_disk.py FILE COMMAND...`.

Each of its calls of fsync and fdatasync waits in the kernel until a process beside it lets it go on: at once, or
after as many seconds as FILE has, one call after another, as behind a disk that is busy. It needs no rights and no
tools, but Linux on x86-64 and a kernel of 2020 or newer, which has this for supervisors of containers (seccomp).
"""

import ctypes
import fcntl
import os
import select
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

FSYNC, FDATASYNC, SECCOMP = 74, 75, 317  # numbers of system calls
NO_NEW_PRIVILEGES = 38
SET_FILTER, NEW_LISTENER = 1, 8
ASK, ALLOW = 0x7FC00000, 0x7FFF0000
RECEIVE, ANSWER = 0xC0502100, 0xC0182101
QUESTION = 80  # bytes
GO_ON = 1

LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06


def ask_before_syncs() -> int:
    """From now on this process, and what it becomes, asks on this file descriptor before each sync.

    :raises OSError: the kernel has no such thing, or does not let us.
    """
    steps = (
        (LOAD, 0, 0, 0),  # the number of the call
        (JUMP_IF_EQUAL, 1, 0, FSYNC),
        (JUMP_IF_EQUAL, 0, 1, FDATASYNC),
        (RETURN, 0, 0, ASK),
        (RETURN, 0, 0, ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    asked: int = libc.syscall(SECCOMP, SET_FILTER, NEW_LISTENER, program)
    if asked < 0:
        raise OSError(ctypes.get_errno(), "this kernel lets nobody make a disk slow")
    return asked


def answer(asked: int, file: Path) -> None:
    """Let each sync go on when it may, until nobody is left who asks."""
    poll = select.poll()
    poll.register(asked, select.POLLIN)
    while not poll.poll()[0][1] & select.POLLHUP:
        question = bytearray(QUESTION)
        with suppress(FileNotFoundError):  # who asked is dead, now or when it is answered
            fcntl.ioctl(asked, RECEIVE, question)
            time.sleep(seconds(file))
            (number,) = struct.unpack_from("=Q", question)
            fcntl.ioctl(asked, ANSWER, struct.pack("=QqiI", number, 0, 0, GO_ON))


def seconds(file: Path) -> float:
    """How long a sync takes longer, as the file has it; 0 without one."""
    try:
        return float(file.read_text())
    except (FileNotFoundError, ValueError):  # or just being written
        return 0.0


def main() -> None:
    """Become the command, with a process beside it that answers."""
    file, *command = sys.argv[1:]
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        theirs.close()
        answer(socket.recv_fds(ours, 1, 1)[1][0], Path(file))
        return
    socket.send_fds(theirs, [b"."], [ask_before_syncs()])
    os.execv(command[0], command)  # noqa: S606 - the drill's own command


if __name__ == "__main__":
    main()
