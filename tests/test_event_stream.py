"""`vm.events()` and `on_event`: what is told, in which order, until when."""

import threading

from services import Made, Threads

from vmodel import CallEnded, Closed, Event, Evicted, Queued, State, StateChanged, StepEnded, VModel

ADD = ("one", "add", {"a": 1, "b": 2})


def test_the_events_of_a_call_tell_its_whole_story() -> None:
    """State changes and steps in order, then the call."""
    with VModel([Made().module]) as vm, vm.events() as events:
        vm.run(*ADD)
        told = [next(events) for _ in range(10)]
    states = [event.new for event in told if isinstance(event, StateChanged)]
    assert states == [State.PREPARING, State.PREPARED, State.LOADING, State.LOADED, State.TESTING, State.READY]
    assert [event.step.value for event in told if isinstance(event, StepEnded)] == ["prepare", "load", "test"]
    assert isinstance(told[-1], CallEnded)
    assert told[-1].method == "add"


def test_a_call_on_the_fast_way_is_told_too() -> None:
    """Whoever listens hears of every call."""
    events: list[object] = []
    with VModel([Made().module], on_event=events.append) as vm:
        vm.run(*ADD)
        vm.run(*ADD)
        assert sum(isinstance(event, CallEnded) for event in events) == 2


def test_the_stream_ends_when_the_vmodel_is_closed() -> None:
    """The loop that reads it goes on behind it."""
    vm = VModel([Made().module])
    events = vm.events()
    vm.run(*ADD)
    vm.close()
    services = {event.service for event in events}
    assert services == {"one"}
    assert list(events) == []


def test_a_reader_that_waits_is_let_go_by_close() -> None:
    """From another thread."""
    with VModel([Made().module]) as vm, Threads() as threads:
        events = vm.events()
        started = threading.Event()

        def read() -> list[object]:
            started.set()
            return list(events)

        threads.go(read)
        assert started.wait(10)
        events.close()
        threads.join()
        assert threads.results == [[]]


def test_who_waits_and_who_goes_is_told_with_the_reason() -> None:
    """For the people who ask why it takes so long."""
    small = Made("small", resources={"memory": 60})
    large = Made("large", resources={"memory": 60})
    inside, go, events = threading.Event(), threading.Event(), []
    small.methods["call"] = lambda _: (inside.set(), go.wait(10))[1]
    with VModel([small.module, large.module], budget={"memory": 100}, on_event=events.append) as vm:
        with Threads() as threads:
            threads.go(vm.run, "small", "call")
            assert inside.wait(10)
            threads.go(vm.run, "large", "add", {"a": 1, "b": 2})
            queue = vm._orchestrator.queue
            assert queue.until(lambda: len(queue.waiting()) == 1, 10)
            go.set()
        holdings = {holding.service: holding.amounts for holding in vm.machine().holdings}
    waits = [event for event in events if isinstance(event, Queued) and event.on]
    assert [(event.service, event.position, event.on) for event in waits] == [("large", 0, ("small",))]
    evicted = [event for event in events if isinstance(event, Evicted)]
    assert [(event.service, event.guest, event.reason) for event in evicted] == [
        ("small", "large", "'large' needs 60 B of memory")
    ]
    assert holdings == {"large": {"memory": 60}}


def test_the_last_event_is_that_of_the_end() -> None:
    """A listener learns that nothing follows; it belongs to no service."""
    events: list[Event] = []
    with VModel([Made().module], on_event=events.append) as vm:
        vm.run(*ADD)
    assert [event for event in events if isinstance(event, Closed)] == events[-1:]
    assert events[-1].service == ""
