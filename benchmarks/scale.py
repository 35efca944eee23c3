"""Many services at once: 10 000 standard ones of 5 methods, declared, collected by a VModel, and listed.

Each service is what its author would write, 11 declarations by the real decorators.
All services share the same functions and the names are made before, because both are the author's;
what is counted is everything else that is kept: declarations, services, the VModel, and the snapshot of its status.
"""

import gc
import sys
import time
import tracemalloc
from itertools import pairwise
from types import ModuleType

from _harness import Ratio, Report, main

from vmodel.protocol import standard_protocol as protocol

SERVICES = 10_000
METHODS = ("classify", "detect", "embed", "explain", "summarize")

HOOKS = (
    protocol.prepare_func,
    protocol.load_func,
    protocol.test_func,
    protocol.unload_func,
    protocol.cleanup_func,
)

# Executed in each listed module, so that the declarations are that module's.
TEXT = compile(
    """
for name in names:
    protocol.get_service_info_func(name)(info)
    for hook in hooks:
        hook(name)(succeed)
    for method in methods:
        protocol.service_func(method, name)(work)
""",
    "many_services.py",
    "exec",
)

PARTS = ("declared", "collected", "listed")
LAYOUTS = {"one module": 1, "1,000 listed modules": 1000}


def info() -> dict[str, object]:
    """Say nothing."""
    return {}


def succeed() -> bool:
    """Stand for every hook."""
    return True


def work(a: int, b: int) -> int:
    """Stand for every method."""
    return a + b


def authors_modules(count: int, services: int = SERVICES) -> list[ModuleType]:
    """Return *count* modules that are about to declare their share of *services*."""
    given = {"protocol": protocol, "hooks": HOOKS, "methods": METHODS, "info": info, "succeed": succeed, "work": work}
    modules = []
    for number in range(count):
        module = ModuleType(f"many_services_{number}")
        names = [f"service_{each}" for each in range(number, services, count)]
        vars(module).update(given, __file__="many_services.py", names=names)
        modules.append(module)
    return modules


def measure(report: Report, rounds: int) -> None:
    """Measure the memory first, while the process has made no services yet, then the times."""
    seconds_in(1, services=1)  # what is imported late is imported now
    kilobytes = memory()
    report.add_rows({f"{part}, memory of a service": [size] for part, size in kilobytes.items()}, "kB")
    for name, modules in LAYOUTS.items():
        times = [seconds_in(modules) for _ in range(rounds)]
        report.add_rows({f"{name}: {part}": [each[part] for each in times] for part in PARTS}, "s")
        report.add_rows({f"{name}: in all": [sum(each.values()) for each in times]}, "s")
    report.ratios["seconds for one module"] = Ratio(report.rows["one module: in all"].median, 1.0)
    report.ratios["kB of a service"] = Ratio(sum(kilobytes.values()), 3.0)


def seconds_in(count: int, services: int = SERVICES) -> dict[str, float]:
    """Return how long each part takes where the services stand in *count* modules."""
    from vmodel import VModel

    modules = authors_modules(count, services)
    gc.collect()
    moments = [time.perf_counter()]
    for module in modules:
        exec(TEXT, vars(module))  # noqa: S102  # our own text, in the place of an author's
    moments.append(time.perf_counter())
    vm = VModel(modules)
    moments.append(time.perf_counter())
    found = len(vm.services), len(vm.status().services)
    moments.append(time.perf_counter())
    vm.close()
    if found != (services, services):
        sys.exit(f"{services} services were declared, {found} are listed")
    times = (after - before for before, after in pairwise(moments))
    return dict(zip(PARTS, times, strict=True))


def memory() -> dict[str, float]:
    """Return what each part keeps of one service, in kB of 1000 bytes."""
    from vmodel import VModel

    (module,) = authors_modules(1)
    gc.collect()
    tracemalloc.start()
    sizes = [tracemalloc.get_traced_memory()[0]]
    exec(TEXT, vars(module))  # noqa: S102  # our own text, in the place of an author's
    sizes.append(tracemalloc.get_traced_memory()[0])
    vm = VModel([module])
    gc.collect()
    sizes.append(tracemalloc.get_traced_memory()[0])
    kept = vm.services, vm.status()
    gc.collect()
    sizes.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    del kept
    vm.close()
    grown = ((after - before) / SERVICES / 1000 for before, after in pairwise(sizes))
    return dict(zip(PARTS, grown, strict=True))


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, rounds=5))
