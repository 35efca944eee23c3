"""Amounts of memory: what people write, what is refused, what is shown."""

import math
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vmodel._bytes import format_bytes, parse_bytes, shown

MIB, GIB = 2**20, 2**30
HUGE = 10**5000


class Mute:
    """A value that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (0, 0),
        (1024, 1024),
        (1024.0, 1024),
        ("1024", 1024),
        ("0 B", 0),
        ("1 KiB", 1024),
        ("1kib", 1024),
        ("1Ki", 1024),
        ("1kB", 1000),
        ("512 MB", 512_000_000),
        ("512MiB", 512 * MIB),
        (" 1GiB ", GIB),
        ("1.5GiB", 3 * GIB // 2),
        ("1.3 GiB", math.ceil(Fraction(13, 10) * GIB)),
        ("2TB", 2 * 10**12),
        ("1PiB", 2**50),
    ],
)
def test_memory_is_read_in_every_unit_people_write(written: object, count: int) -> None:
    """A number is bytes; text has a unit of 1000 or of 1024, as it says; part of a byte counts as one."""
    assert parse_bytes(written) == count


@pytest.mark.parametrize(
    "written",
    [
        *(-1, "-1GiB", "-1", 1.5, "1.5", "0.5B", math.nan, math.inf, -math.inf, True, None, [1], b"1GiB", Mute()),
        *("", "lots", "1 parsec", "1G", "1e9", "1_000", "1,000", "0x10", "GiB", "1 GiB 2", "١GiB", "9" * 30),
        *(HUGE, 2**63, "9e9 PiB", "99999999 PiB", "nan", "inf"),
    ],
    ids=shown,
)
def test_memory_that_means_nothing_is_refused(written: object) -> None:
    """What is no amount is said to be none, with what would do."""
    with pytest.raises(ValueError, match=r"expected bytes as a whole number, or text with a unit such as '512 MB'"):
        parse_bytes(written)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (MIB - 1, "1.0 MiB"),
        (24 * GIB, "24.0 GiB"),
        (2**50, "1.0 PiB"),
        (2**63 - 1, "8192.0 PiB"),
        (-3 * GIB // 2, "-1.5 GiB"),
    ],
)
def test_bytes_are_shown_as_people_read_them(count: int, text: str) -> None:
    """Four digits at most, in units of 1024, as long as there are units."""
    assert format_bytes(count) == text


@given(st.integers(0, 2**63 - 1))
@example(1023 * 1024 + 1023)
def test_what_is_shown_reads_back_as_nearly_the_same(count: int) -> None:
    """Text of our own can be read, and is off by half a tenth of its unit at most."""
    text = format_bytes(count)
    # The largest amount there is may be shown rounded up past it.
    read = parse_bytes(text) if text != "8192.0 PiB" else 2**63
    unit = 1 if text.endswith(" B") else parse_bytes(f"1{text.split()[1]}")
    assert abs(read - count) <= unit // 20 + 1


@given(st.integers(0, 2**63 - 1))
def test_plain_bytes_are_exact_as_number_and_as_text(count: int) -> None:
    """No float comes between what is written and what is booked."""
    assert parse_bytes(count) == parse_bytes(str(count)) == parse_bytes(f"{count} B") == count
