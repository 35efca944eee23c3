"""stdout belongs to the result: what services and the libraries they use write there goes to stderr."""

import atexit
import os
import sys
from functools import cache
from typing import TextIO

from vmodel.cli._stderr import AbovePassing, clear, rewritable


@cache
def results() -> TextIO:
    """Return the stdout that the process was given, for results alone.

    From the first call until the process ends, everything else that is written to stdout reaches stderr,
    by C code too: a service may print while it is imported, loaded, called and unloaded.
    """
    sys.stdout.flush()
    # A terminal has its own encoding; for everybody else JSON is UTF-8.
    encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
    kept = os.fdopen(os.dup(1), "w", encoding=encoding, errors="backslashreplace")
    atexit.register(kept.close)
    os.dup2(2, 1)
    sys.stdout = AbovePassing() if rewritable() else sys.stderr
    return kept


def write(text: str) -> None:
    """Write *text* as a result; where the reader has left, as `head` does, end quietly."""
    out = results()
    clear()
    try:
        out.write(f"{text}\n")
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # what is still buffered must go somewhere
        sys.exit(141)
