"""When idle services end: one daemon timer, there only while something can expire.

The clock of a service starts when its last caller leaves. Nothing is polled: a timer that finds all ends
later than it was told is set anew, which is cheaper than to set it anew with every call.
"""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from vmodel._tenant import Tenant


class Expiry:
    """Calls *expire* with each tenant whose time is over; whoever is in use again by then is left alone there."""

    def __init__(self, expire: Callable[[Tenant], None]) -> None:
        self._expire = expire
        self._lock = threading.Lock()
        self._ends: dict[Tenant, float] = {}
        self._timer: threading.Timer | None = None
        self._rings_at = math.inf
        self._closed = False

    def set(self, tenant: Tenant, seconds: float) -> None:
        """Let *tenant* end in *seconds*, instead of when it was to end before."""
        with self._lock:
            end = self._ends[tenant] = time.monotonic() + seconds
            if end < self._rings_at:
                self._arm()

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._closed = True
            self._ends.clear()
            self._disarm()

    def _arm(self) -> None:
        """Have the timer run out at the next end; called with the lock held."""
        self._disarm()
        if not self._ends or self._closed:
            return
        end = min(self._ends.values())
        timer = threading.Timer(max(0.0, end - time.monotonic()), self._ring)
        timer.daemon = True
        with suppress(RuntimeError):  # no thread can be started: the next call that ends tries again
            timer.start()
            self._timer, self._rings_at = timer, end

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = None, math.inf

    def _ring(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [tenant for tenant, end in self._ends.items() if end <= now]
            for tenant in due:
                del self._ends[tenant]
            self._arm()
        for tenant in due:
            self._expire(tenant)
