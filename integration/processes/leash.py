"""Becomes the command it is given, and has the kernel end it when the supervisor dies (Linux only).

Run as a script in isolated mode, because it must start in milliseconds:
`leash.py <supervisor pid> <program> <args>`. Without it a supervisor killed with SIGKILL would leave its
children behind, holding ports and working twice.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Never returns: the process is replaced by the command."""
    supervisor = int(arguments[0])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:  # it died before the line above took hold
            sys.exit(1)
    os.execvp(arguments[1], arguments[1:])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
