"""The three protocols as data: which hooks a service brings, and where it rests."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vmodel._lifecycle import State, Step

INFO = "info"
METHOD = "method"


@dataclass(frozen=True, slots=True)
class Protocol:
    """What a service of this protocol must bring; a step without a hook succeeds.

    Attributes:
        name: The name by which declarations and the catalogue call it.
        decorators: Role (`"info"`, `"method"` or a step's name) to the decorator that declares it.
        resting: The state in which the service holds no memory.
        one_at_a_time: Whether a service takes one call at a time unless it says otherwise.
    """

    name: str
    decorators: Mapping[str, str]
    resting: State
    one_at_a_time: bool


def _protocol(name: str, steps: tuple[Step, ...], *, resting: State, one_at_a_time: bool) -> Protocol:
    decorators = {INFO: "get_service_info_func", METHOD: "service_func"}
    decorators |= {step.value: f"{step.value}_func" for step in steps}
    return Protocol(name, MappingProxyType(decorators), resting, one_at_a_time)


STANDARD = _protocol("standard", tuple(Step), resting=State.PREPARED, one_at_a_time=True)
SIMPLIFIED = _protocol("simplified", (Step.PREPARE, Step.CLEANUP), resting=State.NEW, one_at_a_time=True)
MINIMAL = _protocol("minimal", (), resting=State.NEW, one_at_a_time=False)

PROTOCOLS: Mapping[str, Protocol] = MappingProxyType({p.name: p for p in (STANDARD, SIMPLIFIED, MINIMAL)})
