"""One decision of the scheduler with 1 000 services in memory and 100 callers that wait for room.

The services are real ones of a VModel whose memory is full; the tickets are put into the queue without their callers,
so that nothing but `decide()` takes time. The cases are those that look at most: room that must be made, a wait that
must be found to be necessary, a call from inside another one.
"""

import sys
from timeit import Timer
from types import ModuleType
from typing import TYPE_CHECKING

from _harness import Ratio, Report, interleave, main, microseconds_a_call

if TYPE_CHECKING:
    from vmodel import VModel
    from vmodel._moves import Ticket
    from vmodel._orchestrator import Orchestrator
    from vmodel._scene import Scene

SERVICES = 1000
WAITERS = 100
AIM = 1000.0
TEXT = """
from vmodel.protocol import standard_protocol as protocol

def declare(name, memory):
    protocol.get_service_info_func(name)(lambda: {"resources": {"memory": memory}, "max_concurrency": 2})
    for hook in (protocol.prepare_func, protocol.load_func, protocol.test_func):
        hook(name)(lambda: True)
    for hook in (protocol.unload_func, protocol.cleanup_func):
        hook(name)(lambda: True)
    protocol.service_func("work", name)(lambda: None)

for number in range(SERVICES):
    declare(f"warm {number}", 1)
for number in range(WAITERS + 1):
    declare(f"cold {number}", 10 if number else SERVICES // 2)
"""


def measure(report: Report, rounds: int) -> None:
    """Measure the cases in one run."""
    from vmodel import VModel

    module = ModuleType("many_services")
    vars(module).update(SERVICES=SERVICES, WAITERS=WAITERS, __file__="many_services.py")
    exec(TEXT, vars(module))  # noqa: S102  # our own text, in the place of an author's
    with VModel([module], budget={"memory": SERVICES}) as vm:
        for number in range(SERVICES):
            vm.run(f"warm {number}", "work")
        for number in range(WAITERS + 1):
            vm.prepare(f"cold {number}")
        cases = {**idle(vm), **busy(vm)}
        samples = interleave({name: microseconds_a_call(each.timeit) for name, each in cases.items()}, rounds)
        for number in range(0, SERVICES, 2):
            vm._directory.tenants[f"warm {number}"].seats.append(None)  # noqa: SLF001
    report.add_rows(samples, "µs")
    for name in samples:
        report.ratios[f"µs: {name}"] = Ratio(report.rows[name].median, AIM)


def idle(vm: "VModel") -> dict[str, Timer]:
    """Return the decisions where any service may go."""
    orchestrator, scene = vm._orchestrator, scene_of(vm, [])  # noqa: SLF001  # decisions are taken inside
    return {
        "room for one of 10": decision(ticket(orchestrator, vm, "cold 1"), scene),
        "room for one as large as half of all": decision(ticket(orchestrator, vm, "cold 0"), scene),
    }


def busy(vm: "VModel") -> dict[str, Timer]:
    """Return the decisions where every second service has a caller inside and 100 tickets wait."""
    orchestrator = vm._orchestrator  # noqa: SLF001
    tenants = vm._directory.tenants  # noqa: SLF001
    for number in range(0, SERVICES, 2):
        tenants[f"warm {number}"].seats.pop()
    waiters = [ticket(orchestrator, vm, f"cold {number}") for number in range(1, WAITERS + 1)]
    scene = scene_of(vm, waiters)
    nested = ticket(orchestrator, vm, "cold 0", inside="warm 0")
    return {
        "behind 100 others": decision(ticket(orchestrator, vm, "cold 0"), scene),
        "behind 100 others, from inside a call": decision(nested, scene),
    }


def ticket(orchestrator: "Orchestrator", vm: "VModel", name: str, inside: str | None = None) -> "Ticket":
    """Return a ticket for service *name*, of a caller inside another one."""
    from vmodel._moves import Aim, Ticket

    tenants = vm._directory.tenants  # noqa: SLF001
    chain = (tenants[inside],) if inside else ()
    return Ticket(tenants[name], Aim.CALL, 1, chain=chain, arrived=orchestrator.clock())


def scene_of(vm: "VModel", waiters: "list[Ticket]") -> "Scene":
    """Return the scene in which *waiters* were decided upon, the oldest first."""
    from vmodel._admission import decide
    from vmodel._moves import Wait
    from vmodel._scene import Scene

    queue = vm._orchestrator.queue  # noqa: SLF001
    scene = Scene(queue.clock(), queue.ledger, waiters)
    for waiter in waiters:
        move = decide(waiter, scene)
        waiter.waits = move if isinstance(move, Wait) else Wait()
        scene.note(waiter)
    return scene


def decision(asked: "Ticket", scene: "Scene") -> Timer:
    """Return the timer of one decision, for which the scene ranks and looks anew as in a pass of its own."""
    from vmodel._admission import decide

    def decide_once() -> None:
        scene._ranked = None  # noqa: SLF001  # each pass ranks once; here each decision pays for it
        scene._behind.clear()  # noqa: SLF001
        decide(asked, scene)

    return Timer(decide_once)


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, rounds=30))
