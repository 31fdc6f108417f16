"""Run a command that ends when the process that started it ends, however that happens.

Started as a script, `python child.py PARENT_PID COMMAND...`, so that nothing of ours runs between fork and exec of a
parent that has threads. On Linux the kernel sends SIGKILL when the parent's thread is gone (prctl(2), PR_SET_PDEATHSIG;
it survives the exec); on other systems the next start finds what was left behind.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def guarded(command: list[str]) -> list[str]:
    """The command line that runs `command` tied to this process."""
    return [sys.executable, "-IS", __file__, str(os.getpid()), *command]


def main() -> None:
    """Tie this process to its parent and become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel knew that we care
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
