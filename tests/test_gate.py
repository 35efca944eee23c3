"""The way of a call without a lock: announce, then look. The steps are interleaved by hand, no luck is needed."""

import pytest
from services import Made, Threads

from vmodel import State, VModel

ADD = ("one", "add", {"a": 1, "b": 2})


class Interrupted(list):
    """The seats of a tenant, which let somebody else act at a chosen moment."""

    def __init__(self, seats, *, before_pop=None, after_pop=None, before_append=None) -> None:
        super().__init__(seats)
        self.before_pop, self.after_pop, self.before_append = before_pop, after_pop, before_append

    def pop(self, *index: int) -> None:
        action, self.before_pop = self.before_pop, None
        if action:
            action()
        super().pop(*index)
        action, self.after_pop = self.after_pop, None
        if action:
            action()

    def append(self, seat: None) -> None:
        action, self.before_append = self.before_append, None
        if action:
            action()
        super().append(seat)


def test_a_service_that_is_stopped_just_before_a_caller_announces_itself_is_not_called() -> None:
    """The caller looks at the gate after it has its seat; a look before would have found it open."""
    one, states = Made(), []
    with VModel([one.module]) as vm, Threads() as threads:
        vm.load("one")
        tenant = vm._directory.tenants["one"]

        def unload_now() -> None:
            threads.go(vm.unload, "one")
            threads.join()

        one.methods["add"] = lambda a, b: states.append(tenant.state)
        tenant.seats = Interrupted(tenant.seats, before_pop=unload_now)
        vm.run(*ADD)
    assert states == [State.READY]


def test_a_caller_between_announcing_and_looking_is_seen_by_whoever_stops_the_service() -> None:
    """The caller has its seat; the unload that comes then waits for it, and the call goes through the queue."""
    one = Made()
    with VModel([one.module]) as vm, Threads() as threads:
        vm.load("one")
        tenant, queue = vm._directory.tenants["one"], vm._orchestrator.queue

        def unload_now() -> None:
            threads.go(vm.unload, "one")
            assert queue.until(lambda: len(queue) == 1, 10)
            assert tenant.state is State.READY, "it was unloaded although a caller had announced itself"

        tenant.seats = Interrupted(tenant.seats, after_pop=unload_now)
        assert vm.run(*ADD) == 3
        threads.join()
    assert one.steps == ["prepare", "load", "test", "unload", "load", "test", "unload"]


def test_the_gate_is_shut_before_the_seats_are_counted() -> None:
    """A caller who comes while somebody counts finds the gate shut."""
    one, seen = Made(), []
    with VModel([one.module]) as vm:
        vm.load("one")
        tenant = vm._directory.tenants["one"]
        counted = type(tenant).inside.fget

        class Watched(type(tenant)):
            __slots__ = ()

            @property
            def inside(self) -> int:
                seen.append(self.gate_open)
                return counted(self)

        tenant.__class__ = Watched
        vm.unload("one")
    assert seen[0] is False


def test_whoever_leaves_looks_for_waiters_after_giving_the_seat_back() -> None:
    """A waiter that comes just before the seat is back has found none; only the one who leaves can wake it."""
    one = Made()
    with VModel([one.module]) as vm, Threads() as threads:
        vm.load("one")
        tenant, queue = vm._directory.tenants["one"], vm._orchestrator.queue

        def come_now() -> None:
            threads.go(vm.unload, "one")
            assert queue.until(lambda: len(queue) == 1, 10)

        tenant.seats = Interrupted(tenant.seats, before_append=come_now)
        assert vm.run(*ADD) == 3
        threads.join()
        assert tenant.state is State.PREPARED


@pytest.mark.parametrize("seats", [1, 3])
def test_seats_are_conserved(seats: int) -> None:
    """After any number of calls as many are free as at first."""
    one = Made()
    with VModel([{"package": one.module, "max_concurrency": seats}]) as vm, Threads() as threads:
        for _ in range(6):
            threads.go(lambda: [vm.run(*ADD) for _ in range(100)])
        threads.join()
        tenant = vm._directory.tenants["one"]
        assert (len(tenant.seats), tenant.seat_count, tenant.waiting) == (seats, seats, 0)
        assert (tenant.gate_open, tenant.watched) == (True, False)
