"""What a probe reads: the machine as it is at one moment, in plain data.

Nothing here reads anything; the scheduler takes these as arguments, and tests make them up.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CpuReading:
    """The cores that this process may use, and how many the whole machine was busy with in the last minute."""

    total: float
    load: float | None = None


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """Bytes of memory that this process may use, that are available now, and that our processes use."""

    total: int
    available: int
    ours: int = 0

    @property
    def others(self) -> int:
        """The bytes that others use."""
        return max(0, self.total - self.available - self.ours)


@dataclass(frozen=True, slots=True)
class CardReading:
    """One visible card: its number among them, who it is, and its bytes.

    `reserved` is what the driver keeps for itself, `ours` what our processes use, None where the driver does not tell.
    """

    index: int
    uuid: str
    name: str
    bus: str
    total: int
    free: int
    reserved: int = 0
    ours: int | None = None

    @property
    def usable(self) -> int:
        """The bytes that programs can use at most."""
        return self.total - self.reserved

    @property
    def others(self) -> int:
        """The bytes that others use."""
        return max(0, self.usable - self.free - (self.ours or 0))


@dataclass(frozen=True, slots=True)
class CardsReading:
    """The visible cards, and why some that one might expect are not among them."""

    cards: tuple[CardReading, ...] = ()
    note: str = ""
