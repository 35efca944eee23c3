"""Ctrl-C and SIGTERM: the first stops the work by an exception, so that services are unloaded; a second leaves at once.

Nothing else in VModel touches signals.
"""

import os
import signal
from types import FrameType

from vmodel.cli._stderr import erasing

LINES = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end; `number` says which, and the line about it is written."""

    def __init__(self, number: int) -> None:
        super().__init__(LINES[signal.Signals(number)])
        self.number = number


def catch_signals() -> None:
    """Let the first SIGINT or SIGTERM raise `Interrupted` in the main thread.

    One that is ignored, as a shell has it for jobs in the background, stays ignored.
    """
    for number in LINES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def exit_code(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code of a process that *interrupt* ended: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + getattr(interrupt, "number", signal.SIGINT)


def _interrupt(number: int, _: FrameType | None) -> None:
    """Say so, and raise; from the second signal on nothing is waited for."""
    for caught in LINES:
        signal.signal(caught, _leave)
    line = f"{LINES[signal.Signals(number)]}: unloading; once more leaves at once\n"
    # Not through sys.stderr: the signal may have come in the middle of a write to it.
    os.write(2, f"{erasing()}{line}".encode())
    raise Interrupted(number)


def _leave(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)
