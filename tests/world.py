"""A real VModel on a machine made up, whose callers are the players of a baton, and what must always hold in it.

What services really hold and how many calls are really inside is written down by the services themselves.
"""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING
from unittest.mock import patch

from baton import Baton, Bell, Place
from services import Made

from vmodel import State, VModel
from vmodel._readings import CardReading, CardsReading, CpuReading, MemoryReading

if TYPE_CHECKING:
    from vmodel._tenant import Tenant

CORES, ROOM, TOTAL = 2, 100, 1000
CARDS = (0, 1)
LOADS = {"standard": "load", "simplified": "prepare"}
FREES = {"standard": "unload", "simplified": "cleanup"}


class Boom(Exception):
    """What methods and hooks raise."""


@dataclass(frozen=True)
class Kind:
    """What a service is like; `limit` 0 = what its protocol says, None = any number of calls."""

    name: str
    protocol: str = "standard"
    memory: int = 0
    cpu: int = 0
    gpu: object = None
    limit: int | None = 0
    pin: bool = False

    @property
    def resources(self) -> dict[str, object]:
        """What its info says."""
        return {"memory": self.memory, "cpu": self.cpu} | ({} if self.gpu is None else {"gpu": self.gpu})

    def entry(self, made: Made) -> dict[str, object]:
        """Return its line in the configuration."""
        limit = {} if self.limit == 0 else {"max_concurrency": self.limit}
        return {"package": made.module, "pin": self.pin, **limit}


class Seats(list):
    """The seats of a tenant; a thread parks after it announced itself, and after it gave the seat back."""

    def __init__(self, seats: list[None], park: Callable[[Place], object]) -> None:
        super().__init__(seats)
        self._park = park

    def pop(self, *index: int) -> None:
        super().pop(*index)
        self._park(Place("announced"))

    def append(self, seat: None) -> None:
        super().append(seat)
        self._park(Place("leaving"))


class Inside:
    """One service: its hooks and its method, which park, and what it holds because of them."""

    def __init__(self, kind: Kind, world: "World") -> None:
        self.kind = kind
        self.calls = 0
        self.hook: str | None = None
        self.holds: dict[object, int] = {}
        self.half_loaded = False
        self.may_stop = not kind.pin
        self._world = world
        self.made = Made(kind.name, kind.protocol, resources=kind.resources)
        for step in list(self.made.hooks):
            self.made.hooks[step] = partial(self._run_hook, step)
        self.made.methods["call"] = lambda _: self._run_call()

    def _run_hook(self, step: str) -> object:
        """Park; the answer says how the hook ends."""
        name, protocol = self.kind.name, self.kind.protocol
        assert self.hook is None, f"{step} of {name!r} during its {self.hook}"
        assert not self.calls, f"{step} of {name!r} with {self.calls} calls inside"
        assert step not in ("unload", "cleanup") or self.may_stop or self.half_loaded, f"{name!r} is pinned"
        self.hook, good = step, False
        if step == LOADS[protocol]:
            self.holds = self._size()
        try:
            verdict = self._world.stay(Place("hook", name))
            good = verdict is None or bool(verdict)
        finally:
            self.hook = None
            self._book(step, good=good)
        return verdict

    def _book(self, step: str, *, good: bool) -> None:
        """Note what is held after a hook; what a failed load left is taken for gone after the unload that follows."""
        protocol = self.kind.protocol
        freed = step == FREES[protocol] and (good or self.half_loaded)
        if freed or (protocol == "simplified" and step == "prepare" and not good):
            self.holds = {}
        self.half_loaded = not good and (step == "test" or (step == "load" and protocol == "standard"))

    def _run_call(self) -> object:
        """Park; the answer says how the call ends."""
        name = self.kind.name
        state = self._world.vm.status().services[name].state
        again = name in self._world.chain
        assert again or (state is State.READY and self.hook is None), f"a call to {name!r}, which is {state.value}"
        self.calls += not again
        if self.kind.protocol == "minimal":
            self.holds = self._size()
        self._world.chain.append(name)
        try:
            return self._world.stay(Place("call", name))
        finally:
            self._world.chain.pop()
            self.calls -= not again
            if self.kind.protocol == "minimal" and not self.calls:
                self.holds = {}

    def _size(self) -> dict[object, int]:
        each = self.kind.gpu["memory"] if isinstance(self.kind.gpu, dict) else ROOM
        cards = self._world.tenants[self.kind.name].cards
        return {"memory": self.kind.memory, **dict.fromkeys(cards, each)}


class World:
    """The VModel, the machine that its probe reads, the clock, and the services."""

    def __init__(self, kinds: list[Kind]) -> None:
        self.baton = Baton()
        self.now = 0.0
        self.others = 0
        self._chains: dict[object, list[str]] = {}
        self._patches = ExitStack()
        self._replace("time", SimpleNamespace(monotonic=lambda: self.now))
        self._replace("MachineProbe", lambda: self)
        self._patches.enter_context(patch("vmodel._pursuit.ThreadBell", lambda: Bell(self.baton, lambda: self.now)))
        self.services = {kind.name: Inside(kind, self) for kind in kinds}
        entries = [service.kind.entry(service.made) for service in self.services.values()]
        self.vm = VModel(entries, budget={"memory": ROOM, "cpu": CORES})
        self.orchestrator = self.vm._orchestrator
        self.queue = self.orchestrator.queue
        self.tenants: dict[str, Tenant] = self.vm._directory.tenants
        self._lock = threading.Lock()
        self.queue.lock, self.queue.changed = self._lock, threading.Condition(self._lock)
        for tenant in self.tenants.values():
            tenant.seats = Seats(tenant.seats, self._park_unlocked)

    def _replace(self, name: str, value: object) -> None:
        self._patches.enter_context(patch(f"vmodel.vmodel.{name}", value))

    def close(self) -> None:
        """Let go of what was replaced."""
        self._patches.close()

    def _park_unlocked(self, place: Place) -> None:
        if not self._lock.locked():
            self.baton.park(place)

    def stay(self, place: Place) -> object:
        """Park, do what the answer does, park again, until an answer is an end."""
        while (answer := self.baton.park(place)) is self:
            pass
        return answer

    @property
    def chain(self) -> list[str]:
        """The services that this thread is inside of."""
        return self._chains.setdefault(self.baton.current, [])

    def cpu(self) -> CpuReading:
        """Return the cores of the machine."""
        return CpuReading(4.0)

    def memory(self) -> MemoryReading:
        """Return the memory of the machine."""
        ours = self.really("memory")
        return MemoryReading(TOTAL, TOTAL - ours - self.others, ours)

    def cards(self) -> CardsReading:
        """Return the cards of the machine."""
        used = {card: self.really(card) for card in CARDS}
        readings = (
            CardReading(card, f"GPU-{card}", "fake", "00", ROOM, ROOM - used[card], 0, used[card]) for card in CARDS
        )
        return CardsReading(tuple(readings))

    def really(self, key: object) -> int:
        """Return how much of *key* the services hold."""
        return sum(service.holds.get(key, 0) for service in self.services.values())
