"""Logs on stderr: warnings as one line each; -v shows what happens and tracebacks, -vv everything."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from vmodel.cli._stderr import clear

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


class _OneLine(logging.Formatter):
    """Formats a record as one line; of an exception it keeps the last words.

    `error:` is for what ends the command: what is only logged changed neither the result nor the exit code.
    """

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        said = f": {type(error).__name__}: {error}" if error is not None else ""
        level = "warning" if record.levelno >= logging.WARNING else record.levelname.lower()
        return f"{level}: {record.getMessage()}{said}"


class _Lines(logging.StreamHandler[TextIO]):
    """Writes records in place of a passing line; what VModel complained of before it does not say again."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self._complaints: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*."""
        if record.name == "vmodel" and record.levelno >= logging.ERROR:
            complaint = record.getMessage()  # a failing unload is tried again at the end
            if complaint in self._complaints:
                return
            self._complaints.add(complaint)
        clear()
        super().emit(record)


def set_verbosity(count: int) -> None:
    """Log to stderr as *count* times -v asks for; what an earlier -v asked for is kept."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(_Lines())
        root.setLevel(LEVELS[0])
    root.setLevel(min(root.level, LEVELS[min(count, 2)]))
    detailed = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    root.handlers[0].setFormatter(_OneLine() if root.level == LEVELS[0] else detailed)


@contextmanager
def discreet() -> Iterator[None]:
    """Let VModel log no warnings inside, unless -v asked for them."""
    log = logging.getLogger("vmodel")
    log.setLevel(logging.ERROR if logging.getLogger().level == LEVELS[0] else logging.NOTSET)
    try:
        yield
    finally:
        log.setLevel(logging.NOTSET)
