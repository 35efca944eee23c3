"""Readings of the machine and of info dicts: once where once is enough, and none from half a load."""

import threading

import pytest
from services import Made, Threads

from vmodel import VModel
from vmodel._readings import MemoryReading
from vmodel._service import Service

ADD = {"a": 1, "b": 2}


class Machine:
    """A machine of 100 bytes, two of which are headroom; a test says how many are used, and any may be ours."""

    def __init__(self) -> None:
        self.used = 0
        self.readings = 0
        self.reads = lambda: None

    def memory(self) -> MemoryReading:
        """Return what is used now."""
        self.readings += 1
        reading = MemoryReading(100, 100 - self.used, 100)
        self.reads()
        return reading


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return the machine that every VModel of the test runs on."""
    machine = Machine()
    monkeypatch.setattr("vmodel.vmodel.MachineProbe", lambda: machine)
    return machine


class Doorbell:
    """A lock that tells of each who comes to it, before it lets one in."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.came = threading.Semaphore(0)

    def __enter__(self) -> None:
        self.came.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_fifty_cold_callers_ask_for_the_info_once() -> None:
    """The others wait for the one who asks."""
    one, asked, door = Made(), [], Doorbell()
    with VModel([one.module]) as vm:
        info = vm._engine.info
        vm._orchestrator._survey._asking[vm._directory.tenant("one")] = door

        def ask(service: Service) -> object:
            asked.append(service.name)
            assert all(door.came.acquire(timeout=10) for _ in range(50))
            return info(service)

        vm._engine.info = ask
        with Threads() as threads:
            for _ in range(50):
                threads.go(vm.run, "one", "add", ADD)
        assert threads.results == [3] * 50
        assert asked == ["one"]


def test_an_info_that_failed_is_asked_for_again() -> None:
    """By the next caller."""
    one = Made()
    one.info["resources"] = {"memory": "lots"}
    with VModel([one.module]) as vm:
        with pytest.raises(ValueError, match="lots"):
            vm.run("one", "add", ADD)
        del one.info["resources"]
        assert vm.run("one", "add", ADD) == 3


def test_a_service_that_came_up_during_a_reading_had_not_all_of_its_bytes(machine: Machine) -> None:
    """What a reading shows of a half-loaded service may be less than it has now: nobody is let in for the rest."""
    old, new = (Made(name, resources={"memory": bytes_}) for name, bytes_ in (("old", 60), ("new", 30)))
    with VModel([old.module, new.module]) as vm, Threads() as threads:
        loading, go_on = threading.Event(), threading.Event()
        old.on("load", lambda: (loading.set(), go_on.wait(10))[1])
        threads.go(vm.run, "old", "add", ADD)
        assert loading.wait(10)
        machine.used = 30  # 20 of which are others'

        def finish() -> None:
            machine.reads = lambda: None
            machine.used = 80
            go_on.set()
            threads.join()

        tenant = vm._directory.tenant("new")
        vm._orchestrator._survey.assess(tenant)
        machine.reads = finish
        vm._orchestrator._survey.look(tenant)
        assert vm._orchestrator.queue.ledger.room("memory") < 30
        vm._orchestrator._survey.look(tenant)
        assert vm._orchestrator.queue.ledger.room("memory") == 18
