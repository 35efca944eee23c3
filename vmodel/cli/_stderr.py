"""Lines on stderr: what stays, and on a terminal one that is rewritten until something that stays is written."""

import sys


def tell(line: str) -> None:
    """Write *line*, in place of a passing one."""
    clear()
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def show_passing(text: str) -> None:
    """Show *text* until the next one comes; for a terminal only."""
    clear()
    sys.stderr.write(text)
    sys.stderr.flush()


def clear() -> None:
    """Take a passing text away."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
