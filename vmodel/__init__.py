"""VModel puts many model back ends at the service of one planner application.

Nothing heavy is imported before it is used: each public name is fetched from its home at the first look.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vmodel import errors as errors
    from vmodel._config import ServiceConfig as ServiceConfig
    from vmodel._current import Current as Current
    from vmodel._current import current as current
    from vmodel._events import CallEnded as CallEnded
    from vmodel._events import Closed as Closed
    from vmodel._events import Event as Event
    from vmodel._events import EventStream as EventStream
    from vmodel._events import Evicted as Evicted
    from vmodel._events import Overran as Overran
    from vmodel._events import Progress as Progress
    from vmodel._events import Queued as Queued
    from vmodel._events import StateChanged as StateChanged
    from vmodel._events import StepEnded as StepEnded
    from vmodel._lifecycle import State as State
    from vmodel._lifecycle import Step as Step
    from vmodel._machine import Holding as Holding
    from vmodel._machine import Machine as Machine
    from vmodel._status import ServiceStatus as ServiceStatus
    from vmodel._status import Status as Status
    from vmodel.errors import VModelError as VModelError
    from vmodel.vmodel import VModel as VModel

_HOMES = {
    "CallEnded": "_events",
    "Closed": "_events",
    "Current": "_current",
    "Event": "_events",
    "EventStream": "_events",
    "Evicted": "_events",
    "Holding": "_machine",
    "Machine": "_machine",
    "Overran": "_events",
    "Progress": "_events",
    "Queued": "_events",
    "ServiceConfig": "_config",
    "ServiceStatus": "_status",
    "State": "_lifecycle",
    "StateChanged": "_events",
    "Status": "_status",
    "Step": "_lifecycle",
    "StepEnded": "_events",
    "VModel": "vmodel",
    "VModelError": "errors",
    "current": "_current",
}

__all__ = [
    "CallEnded",
    "Closed",
    "Current",
    "Event",
    "EventStream",
    "Evicted",
    "Holding",
    "Machine",
    "Overran",
    "Progress",
    "Queued",
    "ServiceConfig",
    "ServiceStatus",
    "State",
    "StateChanged",
    "Status",
    "Step",
    "StepEnded",
    "VModel",
    "VModelError",
    "current",
    "errors",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("vmodel")
    if name == "errors":
        return import_module("vmodel.errors")
    home = _HOMES.get(name)
    if home is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
