"""The outbox: every event once, in order, outside all locks, whatever the listener does."""

import logging
import threading

import pytest
from services import Threads

from vmodel._events import Event, Outbox, Progress, StateChanged, StepEnded
from vmodel._lifecycle import State, Step


def numbered(count: int) -> list[Event]:
    """Return *count* events that can be told apart."""
    return [Event("one", float(number)) for number in range(count)]


def test_an_event_is_a_value_that_says_what_happened() -> None:
    """Fronts compare and show events; they do not ask the VModel what they mean."""
    assert repr(StateChanged("one", 1.0, State.NEW, State.PREPARING)).startswith("StateChanged(service='one', at=1.0,")
    assert StepEnded("one", 1.0, Step.LOAD, 0.5, None) == StepEnded("one", 1.0, Step.LOAD, 0.5, None)
    assert Progress("one", 1.0, 0.5, "half").fraction == 0.5


def test_events_are_delivered_in_the_order_in_which_they_were_noted() -> None:
    """Noting delivers nothing; delivering brings all of it, once."""
    heard: list[Event] = []
    outbox = Outbox(heard.append)
    events = numbered(3)
    for event in events:
        outbox.put(event)
    assert heard == []
    outbox.deliver()
    outbox.deliver()
    assert heard == events


def test_without_a_listener_nothing_is_kept() -> None:
    """A VModel that nobody listens to does not collect events for ever."""
    event = Event("one", 0.0)
    outbox = Outbox(None)
    outbox.put(event)
    outbox.deliver()
    assert not any(held is event for held in vars(outbox).values())
    assert "0.0" not in repr(vars(outbox))


def test_a_failing_listener_is_logged_and_hears_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    """Its fault is not the caller's."""
    heard: list[Event] = []

    def listen(event: Event) -> None:
        heard.append(event)
        if event.at == 0.0:
            raise ZeroDivisionError

    outbox = Outbox(listen)
    events = numbered(2)
    for event in events:
        outbox.put(event)
    with caplog.at_level(logging.ERROR, "vmodel"):
        outbox.deliver()
    assert heard == events
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]
    assert "Event(service='one', at=0.0)" in caplog.text


def test_an_interrupt_inside_a_listener_passes_through_and_the_rest_is_heard_later() -> None:
    """Ctrl-C is for the caller; no thread is left believing that somebody delivers."""
    heard: list[Event] = []

    def listen(event: Event) -> None:
        heard.append(event)
        if event.at == 0.0:
            raise KeyboardInterrupt

    outbox = Outbox(listen)
    events = numbered(2)
    for event in events:
        outbox.put(event)
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver()
    outbox.deliver()
    assert heard == events


def test_what_a_listener_causes_comes_after_what_it_hears() -> None:
    """A listener that calls the VModel again is not called inside itself."""
    heard: list[float] = []

    def listen(event: Event) -> None:
        if event.at == 0.0:
            outbox.put(Event("one", 1.0))
            outbox.deliver()
        heard.append(event.at)

    outbox = Outbox(listen)
    outbox.put(Event("one", 0.0))
    outbox.deliver()
    assert heard == [0.0, 1.0]


def test_who_comes_while_another_thread_delivers_does_not_wait_for_the_listener() -> None:
    """The one who delivers brings the newcomer's event too."""
    heard: list[float] = []
    inside, go_on = threading.Event(), threading.Event()

    def listen(event: Event) -> None:
        heard.append(event.at)
        inside.set()
        assert go_on.wait(20)

    outbox = Outbox(listen)
    outbox.put(Event("one", 0.0))
    with Threads() as threads:
        threads.go(outbox.deliver)
        assert inside.wait(20)
        outbox.put(Event("one", 1.0))
        outbox.deliver()
        assert heard == [0.0]
        go_on.set()
    assert heard == [0.0, 1.0]


class Latch:
    """A lock at whose release something else happens first."""

    def __init__(self) -> None:
        self.lock = threading.Semaphore()
        self.before_release = [lambda: None]

    def acquire(self, *, blocking: bool) -> bool:
        """Take it where it is free."""
        return self.lock.acquire(blocking=blocking)

    def release(self) -> None:
        """Let the others act, then give it back."""
        while self.before_release:
            self.before_release.pop()()
        self.lock.release()


def test_an_event_that_comes_after_the_last_look_is_not_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own thread found somebody delivering and went away."""
    heard: list[float] = []
    latch = Latch()
    with monkeypatch.context() as patched:
        patched.setattr(threading, "Lock", lambda: latch)
        outbox = Outbox(lambda event: heard.append(event.at))

    def come_late() -> None:
        outbox.put(Event("one", 1.0))
        outbox.deliver()
        assert heard == [0.0]

    latch.before_release.append(come_late)
    outbox.put(Event("one", 0.0))
    outbox.deliver()
    assert heard == [0.0, 1.0]


def test_events_of_many_threads_all_arrive_and_those_of_each_thread_in_order() -> None:
    """Nothing is lost between the last look of one deliverer and the first of the next."""
    heard: list[Event] = []
    outbox = Outbox(heard.append)
    start = threading.Barrier(4)

    def work(name: str) -> None:
        start.wait(20)
        for number in range(500):
            outbox.put(Event(name, number))
            outbox.deliver()

    with Threads() as threads:
        for name in "abcd":
            threads.go(work, name)
    assert len(heard) == 2000
    for name in "abcd":
        assert [event.at for event in heard if event.service == name] == list(range(500))
