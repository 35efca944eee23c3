"""How often a method was called and how long it took, counted without a lock on the way of a call."""

import math
import threading
from dataclasses import dataclass

FOLD_AT = 1024


@dataclass(frozen=True, slots=True)
class MethodStatus:
    """Counts and latencies of one method, in seconds; the quantiles are those of the last calls, up to 1024."""

    calls: int
    failed: int
    mean: float
    p50: float
    p99: float
    max: float


class Meter:
    """The latencies of one method.

    A call appends its seconds to `fresh`, which is atomic, after one to `failed` where it failed; whoever
    finds FOLD_AT of them there folds them: into the sums, and into the window that the quantiles are taken from.
    """

    __slots__ = ("_calls", "_failures", "_folding", "_max", "_recent", "_total", "failed", "fresh")

    def __init__(self) -> None:
        self.fresh: list[float] = []
        self.failed: list[None] = []
        self._recent: list[float] = []
        self._calls = 0
        self._failures = 0
        self._total = 0.0
        self._max = 0.0
        self._folding = threading.Lock()

    def fold(self) -> None:
        """Take in what is fresh; calls may go on meanwhile and lose nothing."""
        with self._folding:
            self._fold()

    def _fold(self) -> None:
        failures = len(self.failed)  # looked at first: there is a call for each of them, fresh or on its way
        del self.failed[:failures]
        self._failures += failures
        batch = self.fresh[:]
        del self.fresh[: len(batch)]
        self._calls += len(batch)
        self._total += sum(batch)
        self._max = max(self._max, max(batch, default=0.0))
        self._recent = batch if len(batch) >= FOLD_AT else (self._recent + batch)[-FOLD_AT:]

    def status(self) -> MethodStatus:
        """Return the figures so far."""
        with self._folding:
            self._fold()
            mean = self._total / self._calls if self._calls else 0.0
            ordered = sorted(self._recent)
            p50, p99 = (_quantile(ordered, share) for share in (0.5, 0.99))
            return MethodStatus(self._calls, self._failures, mean, p50, p99, self._max)


def _quantile(ordered: list[float], share: float) -> float:
    """Return the least of *ordered* that is not below *share* of them (nearest rank)."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else 0.0
