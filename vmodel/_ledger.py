"""Two ledgers, pure arithmetic: residency (bytes of memory and of each card) and execution (cores).

Whoever holds something is named; a ledger releases only what that holder reserved.
Nothing here reads the machine: readings are handed in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice
from typing import TYPE_CHECKING

from vmodel._bytes import format_bytes
from vmodel._capacity import Capacity, Request
from vmodel._readings import CardReading, MemoryReading

if TYPE_CHECKING:
    from vmodel._tenant import Tenant

Key = str | int
"""What can run short: `"memory"`, or a card by its number."""

MEMORY: Key = "memory"
HEADROOM = 1 / 64
PLACEMENTS = 64


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes by key; on `whole` cards nobody else may be, and what they have is all taken."""

    amounts: Mapping[Key, int]
    whole: frozenset[Key] = frozenset()

    def __str__(self) -> str:
        memory = [f"{format_bytes(amount)} of memory" for key, amount in self.amounts.items() if key == MEMORY]
        cards = [
            f"card {key}" if key in self.whole else f"{format_bytes(self.amounts[key])} on card {key}"
            for key in self.cards
        ]
        return " and ".join([*memory, *cards]) or "nothing"

    @property
    def cards(self) -> tuple[int, ...]:
        """The cards that it names."""
        return tuple(key for key in self.amounts if isinstance(key, int))


NOTHING = Need({})


class Ledger:
    """What VModel may use, and who holds how much of it; a key without capacity has no limit."""

    def __init__(self) -> None:
        self.cores: float | None = None
        self._capacity: dict[Key, int] = {}
        self._pool: dict[Key, int] = {}
        self._held: dict[Tenant, Need] = {}
        self._charged: Counter[Key] = Counter()
        self._booked: dict[Tenant, float] = {}

    def learn(self, capacity: Capacity) -> None:
        """Take in the dimensions that *capacity* has."""
        if capacity.cpu is not None:
            self.cores = capacity.cpu
        if capacity.memory is not None:
            self._capacity.setdefault(MEMORY, capacity.memory)
        for card in capacity.cards or ():
            self._capacity.setdefault(card.index, card.memory)

    def read(self, memory: MemoryReading | None, cards: Iterable[CardReading], loading: "Iterable[Tenant]") -> None:
        """Learn from readings what others use; those who are *loading* do not use what they hold yet."""
        idle = {tenant: self._held[tenant] for tenant in loading if tenant in self._held}
        readings: dict[Key, tuple[int, int, int | None]] = {
            card.index: (card.usable, card.free, card.ours) for card in cards
        }
        if memory is not None:
            readings[MEMORY] = (memory.total, memory.available, memory.ours)
        for key, (total, available, ours) in readings.items():
            used = self._charged[key] - sum(need.amounts.get(key, 0) for need in idle.values())
            in_use = used if ours is None else min(used, ours)
            self._pool[key] = int(available + in_use - total * HEADROOM)

    def needs(self, request: Request) -> Iterator[Need]:
        """Return the ways to place *request*: its own cards, or any so many of the others, the freest first."""
        amounts: dict[Key, int] = {MEMORY: request.memory} if request.memory else {}
        all_of = frozenset[Key]({MEMORY}) if "memory" in request.clamped else frozenset[Key]()
        gpu = request.gpu
        if gpu is None:
            yield Need(amounts, all_of)
            return
        cards = [key for key in self._capacity if isinstance(key, int)]
        free = sorted(cards, key=lambda card: (-self.room(card), card))
        choices = [gpu.cards] if gpu.cards else islice(combinations(free, gpu.count), PLACEMENTS)
        for chosen in choices:
            each: dict[Key, int] = {
                card: self._capacity.get(card, 0) if gpu.memory is None else gpu.memory for card in chosen
            }
            yield Need(amounts | each, all_of | (frozenset(chosen) if gpu.memory is None else frozenset()))

    def room(self, key: Key) -> int:
        """Return the bytes of *key* that nobody holds, and that are there."""
        capacity = self._capacity.get(key, 0)
        return min(capacity, self._pool.get(key, capacity)) - self._charged[key]

    def lacking(self, need: Need, spoken_for: Mapping[Key, int]) -> dict[Key, int]:
        """Return how many bytes are missing for *need*, where others will take what is *spoken_for*."""
        missing: dict[Key, int] = {}
        for key, amount in need.amounts.items():
            if key not in self._capacity:
                continue
            promised = spoken_for.get(key, 0)
            short = self._charged[key] + promised if key in need.whole else amount - self.room(key) + promised
            if short > 0:
                missing[key] = short
        return missing

    def reserve(self, holder: "Tenant", need: Need) -> None:
        """Charge *holder* with *need*."""
        if holder in self._held:
            message = f"{holder!r} holds {self._held[holder]!r} already"
            raise ValueError(message)
        self._held[holder] = need
        self._charged.update(need.amounts)

    def release(self, holder: "Tenant") -> None:
        """Free what *holder* reserved, if anything."""
        need = self._held.pop(holder, NOTHING)
        self._charged.subtract(need.amounts)

    def held(self, holder: "Tenant") -> Need:
        """Return what *holder* reserved."""
        return self._held.get(holder, NOTHING)

    def holders(self) -> "tuple[Tenant, ...]":
        """Return all who hold something."""
        return tuple(self._held)

    def free_cores(self) -> float:
        """Return the cores that nobody has booked; without limit where they were never read."""
        return float("inf") if self.cores is None else self.cores - sum(self._booked.values())

    def book(self, holder: "Tenant", cores: float) -> None:
        """Give *holder* its *cores*."""
        self._booked[holder] = cores

    def unbook(self, holder: "Tenant") -> None:
        """Take the cores of *holder* back, if it has any."""
        self._booked.pop(holder, None)

    def booked(self, holder: "Tenant") -> float:
        """Return the cores that *holder* has."""
        return self._booked.get(holder, 0.0)

    def bookers(self) -> "tuple[Tenant, ...]":
        """Return all who have cores."""
        return tuple(self._booked)
