"""Logs on stderr: warnings as one line each; -v shows what happens and tracebacks, -vv everything."""

import logging
import sys

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


class _OneLine(logging.Formatter):
    """Formats a record as one line; of an exception it keeps the last words."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        said = f": {type(error).__name__}: {error}" if error is not None else ""
        return f"{record.levelname.lower()}: {record.getMessage()}{said}"


def set_verbosity(count: int) -> None:
    """Log to stderr as *count* times -v asks for; what an earlier -v asked for is kept."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
        root.setLevel(LEVELS[0])
    root.setLevel(min(root.level, LEVELS[min(count, 2)]))
    detailed = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    root.handlers[0].setFormatter(_OneLine() if root.level == LEVELS[0] else detailed)
