"""The machine at one moment, all dimensions at once, for people and planners to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from vmodel._probe import Probe
from vmodel._readings import CardReading, CpuReading, MemoryReading


@dataclass(frozen=True, slots=True)
class Holding:
    """What one service holds: bytes by `"memory"` or the number of a card, and cores."""

    service: str
    amounts: Mapping[str | int, int]
    cores: float


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is for this process: cores, bytes of memory, cards; who holds what of it.

    `note` says why cards may be missing.
    """

    cpu: CpuReading
    memory: MemoryReading
    cards: tuple[CardReading, ...]
    note: str
    holdings: tuple[Holding, ...] = ()

    @classmethod
    def read(cls, probe: Probe, holdings: tuple[Holding, ...] = ()) -> Self:
        """Return the machine as *probe* reads it now, with *holdings*."""
        found = probe.cards()
        return cls(probe.cpu(), probe.memory(), found.cards, found.note, holdings)
