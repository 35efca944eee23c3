"""When idle services end: one daemon timer, there only while something can expire.

The clock of a service starts when its last caller leaves. Nothing is polled.
"""

import threading
import time
from collections.abc import Callable

from vmodel._tenant import Tenant


class Expiry:
    """Calls *expire* with each tenant whose time is over; whoever is in use again by then is left alone there."""

    def __init__(self, expire: Callable[[Tenant], None]) -> None:
        self._expire = expire
        self._lock = threading.Lock()
        self._ends: dict[Tenant, float] = {}
        self._timer: threading.Timer | None = None
        self._closed = False

    def set(self, tenant: Tenant, seconds: float) -> None:
        """Let *tenant* end in *seconds*, instead of when it was to end before."""
        with self._lock:
            self._ends[tenant] = time.monotonic() + seconds
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
        if self._ends and not self._closed:
            left = min(self._ends.values()) - time.monotonic()
            self._timer = threading.Timer(max(0.0, left), self._ring)
            self._timer.daemon = True
            self._timer.start()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        now = time.monotonic()
        with self._lock:
            due = [tenant for tenant, end in self._ends.items() if end <= now]
            for tenant in due:
                del self._ends[tenant]
            self._arm()
        for tenant in due:
            self._expire(tenant)
