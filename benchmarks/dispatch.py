"""One call in one process: `vm.run` of add(a: int, b: int) on a READY standard service, and what others take for it.

Everything is on: validation, the gate, the count of calls inside, latencies.
In each round every statement is timed in turn; a ratio is the median of the ratios within the rounds.
"""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from timeit import Timer
from typing import TYPE_CHECKING

from _harness import Ratio, Report, Timed, interleave, main, microseconds_a_call, paired_ratio, seconds_of
from _others import NEAR, REMOTE, build

from vmodel.protocol.standard_protocol import (
    cleanup_func,
    get_service_info_func,
    load_func,
    prepare_func,
    service_func,
    test_func,
    unload_func,
)

if TYPE_CHECKING:
    from vmodel import VModel

THREADS = 8
OURS = "vm.run"
VALIDATED = "pydantic validate_call"
IN_THREADS = f"{THREADS} threads, "
UNLOCKED = f"{THREADS} threads without the GIL, "


def add(a: int, b: int) -> int:
    """Return the sum."""
    return a + b


def digest(rounds: int) -> bytes:
    """Hash for a quarter of a millisecond or so, without the GIL."""
    return hashlib.pbkdf2_hmac("sha256", b"password", b"salt", rounds)


def declare(service: str, info: dict[str, object]) -> None:
    """Declare a standard service whose methods are the two functions."""
    get_service_info_func(service)(lambda: info)
    for hook in (prepare_func, load_func, test_func, unload_func, cleanup_func):
        hook(service)(lambda: True)
    for function in (add, digest):
        service_func(None, service)(function)


declare("adder", {})
declare("open", {"max_concurrency": None})


def measure(report: Report, rounds: int) -> None:
    """Measure us and the others in one run."""
    from vmodel import VModel

    with VModel([sys.modules[__name__]]) as vm, ExitStack() as stack:
        for service in vm.services:
            vm.load(service)
        ours = timer("vm.run('adder', 'add', {'a': 1, 'b': 2})", vm=vm)
        one_thread(report, ours, rounds)
        many_threads(report, vm, rounds)
        for name, other in REMOTE.items():
            theirs = build(report, name, other, add, stack)
            if theirs is not None:
                far(report, name, {OURS: ours, name: theirs}, rounds=rounds, aim=other.aim)


def timer(statement: str, **names: object) -> Timed:
    """Return the timer of *statement*; the garbage collector stays on, as it is in life."""
    return Timer(statement, "import gc; gc.enable()", globals=names).timeit


def one_thread(report: Report, ours: Timed, rounds: int) -> None:
    """Compare with what takes microseconds, all of it in the same rounds."""
    with ExitStack() as stack:
        timed: dict[str, Timed] = {OURS: ours, "direct call with keywords": timer("add(a=1, b=2)", add=add)}
        for name, other in NEAR.items():
            theirs = build(report, name, other, add, stack)
            if theirs is not None:
                timed[name] = theirs
        samples = interleave({name: microseconds_a_call(each) for name, each in timed.items()}, rounds)
    report.add_rows(samples, "µs")
    report.ratios[f"{OURS} / {VALIDATED}"] = Ratio(paired_ratio(samples, OURS, VALIDATED), 1.0)


def many_threads(report: Report, vm: "VModel", rounds: int) -> None:
    """Compare where several threads call a service without a limit, and where the calls release the GIL."""
    from pydantic import validate_call

    timed = {
        IN_THREADS + OURS: timer("vm.run('open', 'add', {'a': 1, 'b': 2})", vm=vm),
        IN_THREADS + VALIDATED: timer("validated(a=1, b=2)", validated=validate_call(add)),
        UNLOCKED + OURS: timer("vm.run('open', 'digest', {'rounds': 500})", vm=vm),
        UNLOCKED + "direct call": timer("digest(rounds=500)", digest=digest),
    }
    with ThreadPoolExecutor(THREADS) as pool:
        measures = {name: microseconds_a_call(at_once(pool, each), seconds=0.005) for name, each in timed.items()}
        samples = interleave(measures, rounds)
    report.add_rows(samples, "µs")
    for ours, theirs in ((IN_THREADS + OURS, IN_THREADS + VALIDATED), (UNLOCKED + OURS, UNLOCKED + "direct call")):
        report.ratios[f"{ours} / {theirs.removeprefix(IN_THREADS).removeprefix(UNLOCKED)}"] = Ratio(
            paired_ratio(samples, ours, theirs), 1.05
        )


def at_once(pool: ThreadPoolExecutor, timed: Timed) -> Timed:
    """Return the timer of the same in every thread of *pool*; its seconds are those of one thread's share."""
    return lambda calls: seconds_of(lambda: list(pool.map(timed, [calls] * THREADS))) / THREADS


def far(report: Report, name: str, timed: dict[str, Timed], *, rounds: int, aim: float | None) -> None:
    """Compare with what takes so long that we are measured anew beside it."""
    samples = interleave({each: microseconds_a_call(calls) for each, calls in timed.items()}, rounds)
    report.add_rows({name: samples[name]}, "µs")
    if aim is not None:
        report.ratios[f"{name} / {OURS}"] = Ratio(paired_ratio(samples, name, OURS), aim, at_least=True)


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, rounds=100))
