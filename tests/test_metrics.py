"""Counts and latencies: exact figures from few calls, nothing lost among threads."""

import pytest
from services import Threads

from vmodel._metrics import FOLD_AT, Meter, MethodStatus


def measured(*seconds: float) -> Meter:
    """Return a meter to which calls of these *seconds* were added."""
    meter = Meter()
    meter.fresh.extend(seconds)
    return meter


def test_a_method_that_was_not_called_has_zeros() -> None:
    """No figure is missing, no division fails."""
    assert Meter().status() == MethodStatus(calls=0, failed=0, mean=0.0, p50=0.0, p99=0.0, max=0.0)


@pytest.mark.parametrize(
    ("seconds", "p50", "p99"),
    [((2.0,), 2.0, 2.0), ((1.0, 3.0), 1.0, 3.0), ((3.0, 1.0, 2.0), 2.0, 3.0), (tuple(map(float, range(100))), 49, 98)],
)
def test_a_quantile_is_a_time_that_a_call_took(seconds: tuple[float, ...], p50: float, p99: float) -> None:
    """The least that half (99 in 100) of the calls did not exceed."""
    status = measured(*seconds).status()
    assert (status.p50, status.p99, status.max) == (p50, p99, max(seconds))
    assert status.mean == sum(seconds) / len(seconds)


def test_failed_calls_count_as_calls() -> None:
    """Their time is time, too."""
    meter = measured(1.0, 3.0)
    meter.failed.append(None)
    status = meter.status()
    assert (status.calls, status.failed, status.mean) == (2, 1, 2.0)


def test_failed_calls_are_folded_with_the_others() -> None:
    """A method that always fails takes no more memory than one that never does."""
    meter = measured(1.0, 3.0)
    meter.failed.append(None)
    meter.fold()
    assert meter.failed == []
    meter.fresh.append(2.0)
    meter.failed.append(None)
    assert (meter.status().calls, meter.status().failed) == (3, 2)


def test_looking_changes_nothing() -> None:
    """Two snapshots without a call between them are equal."""
    meter = measured(1.0, 2.0)
    assert meter.status() == meter.status()


def test_sums_are_of_all_calls_and_quantiles_of_the_last_ones() -> None:
    """A meter does not grow: of the times it keeps the last 1024."""
    meter = measured(9.0)
    meter.fold()
    meter.fresh.extend([1.0] * FOLD_AT)
    status = meter.status()
    assert (status.calls, status.max, status.p99) == (FOLD_AT + 1, 9.0, 1.0)
    assert status.mean == (9.0 + FOLD_AT) / (FOLD_AT + 1)
    assert meter.fresh == []


class Busy(list[float]):
    """Seconds of calls, of which one more ends whenever somebody looks at them."""

    def __getitem__(self, key: slice) -> list[float]:
        """Return a part, and end a call."""
        part = super().__getitem__(key)
        self.append(5.0)
        return part


def test_a_call_that_ends_between_looking_and_folding_is_not_lost() -> None:
    """It is counted the next time."""
    meter = Meter()
    meter.fresh = Busy([1.0, 2.0])
    assert meter.status().calls == 2
    assert (meter.status().calls, meter.status().max) == (3, 5.0)


def test_calls_that_end_while_others_are_folded_are_not_lost() -> None:
    """Calls add without a lock while somebody else folds."""
    meter = Meter()

    def call() -> None:
        for _ in range(2000):
            meter.fresh.append(1.0)
            if len(meter.fresh) >= 50:
                meter.fold()

    with Threads() as threads:
        for _ in range(4):
            threads.go(call)
    assert meter.status().calls == 8000
