"""What people write about resources, read into requests and budgets; every mistake is reported at once.

This is the door to the values of `_capacity` and `_bytes` too. Nothing here reads the machine.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TypeVar

from vmodel._bytes import Unreadable, format_bytes, parse_bytes, shown
from vmodel._capacity import Budget, Capacity, Card, Dimension, GpuRequest, Request, never_fits
from vmodel.errors import ConfigError, InvalidInfo, VModelError

__all__ = [
    "Budget",
    "Capacity",
    "Card",
    "Dimension",
    "GpuRequest",
    "Request",
    "format_bytes",
    "never_fits",
    "parse_budget",
    "parse_bytes",
    "parse_request",
]

T = TypeVar("T")
D = TypeVar("D")
Where = tuple[str | int, ...]

_CORES = "a number of cores, 0 or more, such as 2 or 0.5"
_CARDS = "card numbers such as 0, '0,1' or [0, 1], or {'count': 1, 'memory': '10GiB'} for any card with room"
# As for numbers of cards below: nine digits are enough, and an int of 5000 could not even be shown.
_NUMBER = re.compile(r"[0-9]{1,9}")


def parse_request(resources: object, *, service: str, gpu_memory: object = None) -> Request:
    """Return the request that *resources* of a service's info stands for.

    Args:
        resources: A mapping of `cpu`, `memory`, `gpu`, `gpu_memory`; None or absent = no limit.
        service: Whose it is, for the messages.
        gpu_memory: Memory per card, where the info says it beside `resources` and not in it.
    """
    findings = _Findings(InvalidInfo, f"service {service!r}, ", service=service)
    asked = findings.mapping(("resources",), resources, ("cpu", "memory", "gpu", "gpu_memory"))
    beside = findings.read(("gpu_memory",), gpu_memory, parse_bytes, None)
    per_card = findings.read(("resources", "gpu_memory"), asked.get("gpu_memory"), parse_bytes, beside)
    if per_card is not None and "gpu" not in asked:
        fault = Unreadable(per_card, "bytes per card are of no use without a card", f"a gpu beside it: {_CARDS}")
        findings.add(("gpu_memory",), per_card, fault)
    request = Request(
        cpu=findings.read(("resources", "cpu"), asked.get("cpu"), _parse_cores, 0.0),
        memory=findings.read(("resources", "memory"), asked.get("memory"), parse_bytes, 0),
        gpu=_read_gpu(findings, asked.get("gpu"), per_card),
    )
    findings.settle()
    return request


def parse_budget(budget: object) -> Budget:
    """Return the budget that a mapping such as `{"cpu": 2, "memory": "8GiB", "gpu": {0: "10GiB"}}` stands for."""
    findings = _Findings(ConfigError, "")
    given = findings.mapping(("budget",), budget, ("cpu", "memory", "gpu"))
    read = Budget(
        cpu=findings.read(("budget", "cpu"), given.get("cpu"), _parse_cores, None),
        memory=findings.read(("budget", "memory"), given.get("memory"), parse_bytes, None),
        cards=_read_shares(findings, given.get("gpu")),
    )
    findings.settle()
    return read


def _read_gpu(findings: "_Findings", value: object, per_card: int | None) -> GpuRequest | None:
    path: Where = ("resources", "gpu")
    if not isinstance(value, Mapping):
        cards = findings.read(path, value, _parse_cards, ())
        return GpuRequest(cards=cards, memory=per_card) if cards else None
    asked = findings.mapping(path, value, ("count", "memory"))
    if not value:
        findings.add(path, value, Unreadable(value, "asks for no card", _CARDS))
    return GpuRequest(
        count=findings.read((*path, "count"), asked.get("count"), _parse_count, 1),
        memory=findings.read((*path, "memory"), asked.get("memory"), parse_bytes, per_card),
    )


def _read_shares(findings: "_Findings", value: object) -> tuple[tuple[int, int], ...]:
    path: Where = ("budget", "gpu")
    shares: dict[int, int] = {}
    for key, amount in findings.mapping(path, value).items():
        name = key if isinstance(key, int) else str(key)
        card = findings.read((*path, name), name, _parse_card, -1)
        share = findings.read((*path, name), amount, parse_bytes, None)
        if card in shares and card >= 0:
            findings.add(path, value, Unreadable(value, f"names card {card} twice", "each card once"))
        if share is not None:
            shares[card] = share
    return tuple(shares.items())


def _parse_cores(value: object) -> float:
    # The bound keeps out an int too large for a float; NaN and the infinities are between no two numbers.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 2**31:
        raise Unreadable(value, "is no number of cores", _CORES)
    return float(value)


def _parse_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 10**9:
        raise Unreadable(value, "is no number of cards", "a whole number, 1 or more")
    return value


def _parse_card(value: object) -> int:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise Unreadable(value, "is no card number", "a whole number, 0 or more")
    return value


def _parse_cards(value: object) -> tuple[int, ...]:
    cards: list[int] = []
    items = _items(value)
    for item in items:
        try:
            card = _parse_card(item)
        except Unreadable:
            fault = "is no card number" if len(items) == 1 else f"has {shown(item)}, which is no card number"
            raise Unreadable(value, fault, _CARDS) from None
        if card in cards:
            raise Unreadable(value, f"names card {card} twice", _CARDS)
        cards.append(card)
    return tuple(cards)


def _items(value: object) -> Sequence[object]:
    if isinstance(value, str):
        return value.split(",") if value.strip() else ()
    return value if isinstance(value, list | tuple) else (value,)


class _Findings:
    """Collect what cannot be read, so that all of it is reported at once."""

    def __init__(self, error: type[VModelError], whose: str, service: str | None = None) -> None:
        self._error = error
        self._whose = whose
        self._service = service
        self._found: list[VModelError] = []

    def read(self, path: Where, value: object, parse: Callable[[object], T], default: D) -> T | D:
        """Return what *parse* makes of *value*, or *default* where it is None or was reported."""
        if value is None:
            return default
        try:
            return parse(value)
        except Unreadable as fault:
            self.add(path, value, fault)
            return default

    def mapping(self, path: Where, value: object, known: Sequence[str] = ()) -> Mapping[object, object]:
        """Return *value* with its keys checked against *known*; what is no mapping is reported and reads as empty."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            wanted = f"a mapping of {', '.join(known)}" if known else "a mapping of card numbers to bytes"
            self.add(path, value, Unreadable(value, "is no mapping", wanted))
            return {}
        for key in value if known else ():
            if key not in known:
                fault = Unreadable(key, "is no known key", f"one of {', '.join(known)}")
                self.add((*path, str(key)), value[key], fault, get_close_matches(str(key).lower(), known))
        return value

    def add(self, path: Where, given: object, fault: Unreadable, nearest: Sequence[str] = ()) -> None:
        """Note that *given*, at *path*, cannot be read."""
        message = f"{self._whose}{'.'.join(map(str, path))}: {fault}"
        hint = f"did you mean {nearest[0]!r}?" if nearest else None
        self._found.append(
            self._error(
                message,
                service=self._service,
                path=path,
                given=given,
                expected=fault.expected,
                nearest=nearest,
                hint=hint,
            )
        )

    def settle(self) -> None:
        """Raise one error for all that was found, if anything was."""
        if self._found:
            raise VModelError.of(self._found)
