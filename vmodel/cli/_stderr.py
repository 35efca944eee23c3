"""Lines on stderr: what stays, and on a terminal one that is rewritten until something that stays is written."""

import os
import sys
from dataclasses import dataclass
from io import FileIO, TextIOWrapper

ERASE = "\r\x1b[K"


@dataclass(slots=True)
class _Passing:
    """The text that passes, whether it is to be seen, and whether another's line is unfinished where it would be."""

    text: str = ""
    seen: bool = False
    barred: bool = False

    def hide(self) -> None:
        if self.seen:
            sys.stderr.write(ERASE)
            sys.stderr.flush()
        self.seen = False

    def show(self) -> None:
        self.seen = bool(self.text) and not self.barred
        if self.seen:
            sys.stderr.write(self.text)
            sys.stderr.flush()


_passing = _Passing()  # a process has one stderr


def rewritable() -> bool:
    """Return whether stderr is a terminal that can rewrite a line."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def tell(line: str) -> None:
    """Write *line*, in place of a passing one."""
    clear()
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def show_passing(text: str) -> None:
    """Show *text* until the next one comes; for a terminal only."""
    clear()
    _passing.text = text
    _passing.show()


def clear() -> None:
    """Take a passing text away."""
    _passing.hide()
    _passing.text = ""


def erasing() -> str:
    """Return what takes away the passing text that is to be seen, for whoever cannot wait for a stream."""
    return ERASE if _passing.seen else ""


class AbovePassing(TextIOWrapper):
    """Text on stderr that services print: a passing text makes way for it, and comes back below whole lines."""

    def __init__(self) -> None:
        super().__init__(FileIO(2, "wb", closefd=False), sys.stderr.encoding, sys.stderr.errors, write_through=True)

    def write(self, text: str) -> int:
        """Write *text* where the passing one is."""
        _passing.hide()
        written = super().write(text)
        _passing.barred = not text.endswith("\n") if text else _passing.barred
        _passing.show()
        return written
