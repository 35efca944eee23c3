"""The life cycle as one table: what each state holds, which step leads where.

Rule 1: the code looks the table up; no other module writes down which step follows which.
Rule 2: nothing here knows of threads, clocks or services.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType


class State(Enum):
    """What a service holds; a name that ends in -ING says that a step is on its way."""

    NEW = "new"
    PREPARING = "preparing"
    PREPARED = "prepared"
    LOADING = "loading"
    LOADED = "loaded"
    TESTING = "testing"
    READY = "ready"
    UNLOADING = "unloading"
    CLEANING = "cleaning"
    UNUSABLE = "unusable"
    STUCK = "stuck"

    def __init__(self, _: str) -> None:
        self.busy = self.name.endswith("ING")  # a step is on its way, so that nothing may begin


class Step(Enum):
    """What can be done to a service."""

    PREPARE = "prepare"
    LOAD = "load"
    TEST = "test"
    UNLOAD = "unload"
    CLEANUP = "cleanup"


@dataclass(frozen=True, slots=True)
class Arc:
    """One step: the state while it runs, and the states after it.

    Attributes:
        undo: The step whose hook is run first when this one fails or is interrupted.
        undo_failed: The state when that hook fails as well; None: as if it had not.
        interrupted: The state after a KeyboardInterrupt, which is no failure; None: as after one.
    """

    during: State
    success: State
    failure: State
    undo: Step | None = None
    undo_failed: State | None = None
    interrupted: State | None = None


_S = State
_TEST = Arc(_S.TESTING, _S.READY, _S.UNUSABLE, undo=Step.UNLOAD, undo_failed=_S.STUCK, interrupted=_S.PREPARED)
TRANSITIONS: Mapping[State, Mapping[Step, Arc]] = MappingProxyType(
    {
        _S.NEW: {Step.PREPARE: Arc(_S.PREPARING, _S.PREPARED, _S.NEW)},
        _S.PREPARING: {},
        _S.PREPARED: {
            Step.LOAD: Arc(_S.LOADING, _S.LOADED, _S.PREPARED, undo=Step.UNLOAD),
            Step.CLEANUP: Arc(_S.CLEANING, _S.NEW, _S.PREPARED),
        },
        _S.LOADING: {},
        _S.LOADED: {
            Step.TEST: _TEST,
            Step.UNLOAD: Arc(_S.UNLOADING, _S.PREPARED, _S.STUCK),
        },
        _S.TESTING: {},
        _S.READY: {
            Step.TEST: _TEST,
            Step.UNLOAD: Arc(_S.UNLOADING, _S.PREPARED, _S.STUCK),
        },
        _S.UNLOADING: {},
        _S.CLEANING: {},
        _S.UNUSABLE: {
            Step.LOAD: Arc(_S.LOADING, _S.LOADED, _S.UNUSABLE, undo=Step.UNLOAD),
            Step.CLEANUP: Arc(_S.CLEANING, _S.NEW, _S.UNUSABLE),
        },
        _S.STUCK: {Step.UNLOAD: Arc(_S.UNLOADING, _S.PREPARED, _S.STUCK)},
    }
)

HOLDS: Mapping[State, str] = MappingProxyType(
    {
        _S.NEW: "nothing",
        _S.PREPARING: "files",
        _S.PREPARED: "files",
        _S.LOADING: "files, memory",
        _S.LOADED: "files, memory",
        _S.TESTING: "files, memory",
        _S.READY: "files, memory",
        _S.UNLOADING: "files, memory",
        _S.CLEANING: "files",
        _S.UNUSABLE: "files",
        _S.STUCK: "files, memory",
    }
)


@cache
def route(start: State, goal: State) -> tuple[Step, ...] | None:
    """Return the shortest run of steps that leads from *start* to *goal*, or None where there is no way."""
    ways: dict[State, tuple[Step, ...]] = {start: ()}
    frontier = deque([start])
    while frontier and goal not in ways:
        here = frontier.popleft()
        for step, arc in TRANSITIONS[here].items():
            if arc.success not in ways:
                ways[arc.success] = (*ways[here], step)
                frontier.append(arc.success)
    return ways.get(goal)
