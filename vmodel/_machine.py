"""The machine at one moment, all dimensions at once, for people and planners to read."""

from dataclasses import dataclass
from typing import Self

from vmodel._probe import Probe
from vmodel._readings import CardReading, CpuReading, MemoryReading


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is for this process: cores, bytes of memory, cards; `note` says why cards may be missing."""

    cpu: CpuReading
    memory: MemoryReading
    cards: tuple[CardReading, ...]
    note: str

    @classmethod
    def read(cls, probe: Probe) -> Self:
        """Return the machine as *probe* reads it now."""
        found = probe.cards()
        return cls(probe.cpu(), probe.memory(), found.cards, found.note)
