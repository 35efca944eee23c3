"""What a service asks of the machine, what the machine has, and whether the one can ever fit in the other.

Plain data and arithmetic: nothing here reads the machine, and nothing knows what is in use at the moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vmodel._bytes import format_bytes

Dimension = Literal["cpu", "memory", "gpu"]


@dataclass(frozen=True, slots=True)
class GpuRequest:
    """Cards by number (`cards`), or `count` of any; `memory` is bytes on each, None = the whole card."""

    cards: tuple[int, ...] = ()
    count: int = 0
    memory: int | None = None

    @property
    def size(self) -> int:
        """How many cards are asked for."""
        return len(self.cards) or self.count

    @property
    def least(self) -> int:
        """How many bytes a card must have at least: a whole card is one with anything on it."""
        return 1 if self.memory is None else self.memory


@dataclass(frozen=True, slots=True)
class Request:
    """What a service asks for: cores, bytes of memory, cards; nothing of a dimension = no limit in it.

    `clamped` has the dimensions that were cut down to what the machine has: all of it is never free.
    """

    cpu: float = 0.0
    memory: int = 0
    gpu: GpuRequest | None = None
    clamped: frozenset[Dimension] = frozenset()

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions that must be read to answer it."""
        asked: tuple[tuple[Dimension, object], ...] = (("cpu", self.cpu), ("memory", self.memory), ("gpu", self.gpu))
        return frozenset(name for name, amount in asked if amount)


@dataclass(frozen=True, slots=True)
class Budget:
    """The part of the machine that VModel keeps within: None, or a card that is not named = all of it."""

    cpu: float | None = None
    memory: int | None = None
    cards: tuple[tuple[int, int], ...] = ()

    def card(self, index: int) -> int | None:
        """Return the bytes that may be used on card *index*, None = all."""
        return dict(self.cards).get(index)


@dataclass(frozen=True, slots=True)
class Card:
    """One card: its number among the visible ones, and its bytes; `budgeted` = a budget cut them down."""

    index: int
    uuid: str
    name: str
    memory: int
    budgeted: bool = False


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the machine has; None = not read, so that nothing is refused for it.

    `budgeted` has the dimensions that a budget cut down, `note` says why cards may be missing.
    """

    cpu: float | None = None
    memory: int | None = None
    cards: tuple[Card, ...] | None = None
    note: str = ""
    budgeted: frozenset[Dimension] = frozenset()

    def within(self, budget: Budget) -> "Capacity":
        """Return the part of this capacity that *budget* allows."""
        cut: set[Dimension] = set()
        if budget.cpu is not None and (self.cpu is None or budget.cpu < self.cpu):
            cut.add("cpu")
        if budget.memory is not None and (self.memory is None or budget.memory < self.memory):
            cut.add("memory")
        return replace(
            self,
            cpu=budget.cpu if "cpu" in cut else self.cpu,
            memory=budget.memory if "memory" in cut else self.memory,
            cards=self.cards and tuple(_cut(card, budget.card(card.index)) for card in self.cards),
            budgeted=self.budgeted | cut,
        )


def _cut(card: Card, allowed: int | None) -> Card:
    if allowed is None or allowed >= card.memory:
        return card
    return replace(card, memory=allowed, budgeted=True)


def never_fits(request: Request, machine: Capacity) -> tuple[str, ...]:
    """Return one sentence for each thing in *request* that *machine* can never give; none = it can fit."""
    faults: list[str] = []
    if machine.cpu is not None and request.cpu > machine.cpu:
        faults.append(f"it asks for {_cores(request.cpu)}, {_owner('cpu', machine)} {machine.cpu:.10g}")
    if machine.memory is not None and request.memory > machine.memory:
        asked, there = _apart(request.memory, machine.memory)
        faults.append(f"it asks for {asked} of memory, {_owner('memory', machine)} {there}")
    if machine.cards is not None and request.gpu is not None:
        faults += _numbered(request.gpu, machine) if request.gpu.cards else _counted(request.gpu, machine)
    return tuple(faults)


def clamp(request: Request, machine: Capacity) -> Request:
    """Return as much of *request* as *machine* has; of cards all of the request or nothing."""
    cpu = request.cpu if machine.cpu is None else min(request.cpu, machine.cpu)
    memory = request.memory if machine.memory is None else min(request.memory, machine.memory)
    gpu = None if never_fits(Request(gpu=request.gpu), machine) else request.gpu
    cuts: tuple[tuple[Dimension, bool], ...] = (
        ("cpu", cpu != request.cpu),
        ("memory", memory != request.memory),
        ("gpu", gpu != request.gpu),
    )
    return Request(cpu, memory, gpu, frozenset(dimension for dimension, cut in cuts if cut))


def _numbered(asked: GpuRequest, machine: Capacity) -> list[str]:
    """Return what is wrong with a request for cards by number."""
    there = {card.index: card for card in machine.cards or ()}
    if not there.keys() >= set(asked.cards):
        had = f"{_listed(sorted(there))}" if there else f"none{_because(machine)}"
        return [f"it asks for {_listed(asked.cards)}, this machine has {had}"]
    small = [there[index] for index in asked.cards if there[index].memory < asked.least]
    return [_too_small(asked, card) for card in small]


def _too_small(asked: GpuRequest, card: Card) -> str:
    whose = "of which the budget allows" if card.budgeted else "which has"
    if asked.memory is None:
        return f"it asks for card {card.index}, {whose} nothing"
    wanted, there = _apart(asked.memory, card.memory)
    return f"it asks for {wanted} on card {card.index}, {whose} {there}"


def _counted(asked: GpuRequest, machine: Capacity) -> list[str]:
    """Return what is wrong with a request for any cards with room."""
    cards = machine.cards or ()
    if sum(card.memory >= asked.least for card in cards) >= asked.count:
        return []
    number = "a card" if asked.count == 1 else f"{asked.count} cards"
    wanted, *sizes = _apart(asked.least, *(card.memory for card in cards))
    each = "" if asked.memory is None else f" with {wanted}{'' if asked.count == 1 else ' each'}"
    owner = "the budget allows" if any(card.budgeted for card in cards) else "this machine has"
    had = f"{len(cards)}, with {_joined(sizes)}" if cards else f"none{_because(machine)}"
    return [f"it asks for {number}{each}, {owner} {had}"]


def _owner(dimension: Dimension, machine: Capacity) -> str:
    return "the budget allows" if dimension in machine.budgeted else "this machine has"


def _because(machine: Capacity) -> str:
    return f" ({machine.note})" if machine.note else ""


def _apart(*amounts: int) -> tuple[str, ...]:
    """Return *amounts* of bytes as text; exact where the first would look like one of the others."""
    texts = tuple(format_bytes(amount) for amount in amounts)
    return tuple(f"{amount} bytes" for amount in amounts) if texts[0] in texts[1:] else texts


def _cores(cpu: float) -> str:
    return "1 core" if cpu == 1 else f"{cpu:.10g} cores"


def _listed(cards: Sequence[int]) -> str:
    return f"card{'' if len(cards) == 1 else 's'} {_joined([str(card) for card in cards])}"


def _joined(texts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))
