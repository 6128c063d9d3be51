"""Runs one program that dies with the process that started it.

    python -I -S child.py SIGNAL PARENT UID:GID|- PROGRAM ARGUMENT…

A file of its own, without imports of the project: it stands between `fork` and
`exec`, where a function called in a copy of a busy parent could lock up.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int, parent: int) -> None:
    """Have the kernel send the signal to this process when `parent` ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the line above
        os.kill(os.getpid(), signal_number)


def main(arguments: list[str]) -> None:
    """Drop rights, ask for the signal (dropping rights would forget it), become the program."""
    signal_number, parent, owner, *command = arguments
    if owner != "-":
        uid, gid = (int(number) for number in owner.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        os.umask(0o077)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # the supervisor blocks those it waits for
    die_with_parent(int(signal_number), int(parent))
    os.execvp(command[0], command)  # noqa: S606 - the program is ours, without a shell


if __name__ == "__main__":
    main(sys.argv[1:])
