"""A timer beside a piece of work that cannot be stopped: it only tells where the work is."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watched(seconds: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Run the body; when it takes longer than *seconds*, call *tell* once with the stack that it has then."""
    worker = threading.get_ident()
    timer = threading.Timer(seconds, lambda: tell(_stack(worker)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _stack(thread: int) -> str:
    frame = sys._current_frames().get(thread)  # noqa: SLF001  # public in all but name, and documented
    return "".join(traceback.format_stack(frame)) if frame else ""
