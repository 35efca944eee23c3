"""Amounts of memory, as people write them and as messages show them.

Nothing here knows what the bytes are for, or which error a wrong amount becomes.
"""

import math
import re
from fractions import Fraction

AMOUNT = "bytes as a whole number, or text with a unit such as '512 MB' or '1.5GiB'"

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_SIZES = {
    **{unit.lower(): 1 << 10 * power for power, unit in enumerate(_BINARY)},
    **{unit.lower()[:-1]: 1 << 10 * power for power, unit in enumerate(_BINARY) if power},
    **{unit: 1000**power for power, unit in enumerate(("b", "kb", "mb", "gb", "tb", "pb"))},
}
_TEXT = re.compile(r"(-?)([0-9]{1,24}(?:\.[0-9]{1,24})?)\s*([A-Za-z]*)")
# What a signed 64-bit counter holds: the kernel, NVML and shared memory count no further.
_MOST = 2**63 - 1


class Unreadable(ValueError):
    """A value that cannot be read: what is wrong with it, and what would do."""

    def __init__(self, value: object, fault: str, expected: str) -> None:
        super().__init__(f"{shown(value)} {fault}; expected {expected}")
        self.expected = expected


def shown(value: object) -> str:
    """Return *value* as a message can show it: its repr, cut to 80 characters."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # a repr is foreign code, and that of an int of 5000 digits refuses
        return f"<{type(value).__name__}>"
    return text if len(text) <= 80 else f"{text[:77]}..."


def parse_bytes(value: object) -> int:
    """Return how many bytes *value* stands for: a whole number, or text such as "512 MB" or "1.5GiB"."""
    amount = _amount(value)
    if amount < 0:
        raise Unreadable(value, "is less than nothing", AMOUNT)
    if amount > _MOST:
        raise Unreadable(value, "is more than any machine has", AMOUNT)
    return math.ceil(amount)


def _amount(value: object) -> Fraction:
    if isinstance(value, str):
        return _written(value)
    # True is an int to Python and a slip of the pen to everybody else; NaN is between no two numbers.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value < math.inf:
        raise Unreadable(value, "is no amount of memory", AMOUNT)
    return _whole(value, Fraction(value))


def _written(text: str) -> Fraction:
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise Unreadable(text, "is no amount of memory", AMOUNT)
    sign, number, unit = found.groups()
    size = _SIZES.get(unit.lower() or "b")
    if size is None:
        raise Unreadable(text, f"has the unit {unit!r}, which is not one of bytes", AMOUNT)
    amount = Fraction(sign + number) * size
    return amount if size > 1 else _whole(text, amount)


def _whole(value: object, amount: Fraction) -> Fraction:
    """Return *amount* where it is whole: half a byte is a unit forgotten, as in "1.5"."""
    if amount.denominator != 1:
        raise Unreadable(value, "is no whole number of bytes", AMOUNT)
    return amount


def format_bytes(count: int) -> str:
    """Return *count* bytes as people read them: "24.0 GiB", "512 B"."""
    if abs(count) < 1024:
        return f"{count} B"
    power = 1
    while power < len(_BINARY) - 1 and _tenths(count, power) >= 10240:
        power += 1
    tenths = _tenths(count, power)
    return f"{'-' if count < 0 else ''}{tenths // 10}.{tenths % 10} {_BINARY[power]}"


def _tenths(count: int, power: int) -> int:
    """Return the size of *count* in tenths of 1024 ** *power*, half up; in integers, so that none is too large."""
    unit = 1 << 10 * power
    return (abs(count) * 20 + unit) // (2 * unit)
