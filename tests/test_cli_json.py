"""Results as JSON: a table of what becomes what."""

import array
import json
from collections import OrderedDict, UserList, deque, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path, PurePosixPath
from uuid import UUID

import numpy as np
import pytest
from pydantic import BaseModel

from vmodel.cli._json import dumps, loads
from vmodel.errors import NotSerializable


class Colour(Enum):
    """An enum."""

    RED = "red"


class Level(IntEnum):
    """An enum of numbers."""

    HIGH = 3


@dataclass
class Point:
    """A dataclass with something in it that JSON does not know."""

    x: float
    where: Path


class Box(BaseModel):
    """A pydantic model with another value of that kind."""

    width: int
    made: date


Pair = namedtuple("Pair", "left right")  # noqa: PYI024  # such results there are


def numbers() -> Iterator[int]:
    """Yield two numbers."""
    yield 1
    yield 2


VALUES = [
    (None, "null"),
    (True, "true"),
    (3, "3"),
    (10**30, "1" + "0" * 30),
    (0.1, "0.1"),
    (float("nan"), "null"),
    (float("-inf"), "null"),
    ("文字", '"文字"'),
    ("half \ud800", '"half \\\\ud800"'),
    (b"\x00\xff", '{"base64":"AP8="}'),
    (bytearray(b"a"), '{"base64":"YQ=="}'),
    (memoryview(b"a"), '{"base64":"YQ=="}'),
    ([1, [2]], "[1,[2]]"),
    ((1, 2), "[1,2]"),
    (Pair(1, 2), "[1,2]"),
    (range(2), "[0,1]"),
    (deque([1]), "[1]"),
    (UserList([1]), "[1]"),
    (numbers(), "[1,2]"),
    ({"a": 1}.values(), "[1]"),
    ({2, 10, 1}, "[1,2,10]"),
    (frozenset({"b", "a"}), '["a","b"]'),
    ({1, "a"}, '["a",1]'),
    ({"a": {"b": None}}, '{"a":{"b":null}}'),
    (OrderedDict(z=1, a=2), '{"z":1,"a":2}'),
    ({1: "a", None: "b", False: "c", (1, 2): "d"}, '{"1":"a","null":"b","false":"c","[1,2]":"d"}'),
    (Point(1.5, PurePosixPath("a")), '{"x":1.5,"where":"a"}'),
    (Box(width=2, made=date(2026, 1, 2)), '{"width":2,"made":"2026-01-02"}'),
    (Colour.RED, '"red"'),
    (Level.HIGH, "3"),
    ({Colour.RED: Level.HIGH}, '{"red":3}'),
    (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), '"2026-01-02T03:04:00+00:00"'),
    (time(3, 4), '"03:04:00"'),
    (timedelta(minutes=1.5), "90.0"),
    (Decimal("1.50"), '"1.50"'),
    (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (array.array("i", [1, 2]), "[1,2]"),
    (np.array([[1.5, np.nan]]), "[[1.5,null]]"),
    (np.float32(0.5), "0.5"),
    (np.int64(7), "7"),
    (np.bool_(1), "true"),
    (np.str_("a"), '"a"'),
    (np.array(3), "3"),
    ({"scores": np.arange(3)}, '{"scores":[0,1,2]}'),
    (np.array(["2026-01-02"], dtype="datetime64[D]"), '["2026-01-02"]'),
]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=lambda part: repr(part)[:40])
def test_a_result_is_written_as_json(value: object, text: str) -> None:
    """Every document is JSON for every reader."""
    assert dumps(value) == text
    json.loads(text)


def test_a_person_gets_it_on_several_lines() -> None:
    """Indented by two, and the same document."""
    assert dumps({"a": [1]}, pretty=True) == '{\n  "a": [\n    1\n  ]\n}'


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ([{"boxes": [object()]}], "the result[0]['boxes'][0] is a builtins.object"),
        (dumps, "the result is a builtins.function"),
        (Point, "the result is a builtins.type"),
        ({"a": 1j}, "the result['a'] is a builtins.complex"),
        ({object(): 1}, "the result is a builtins.object"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_what_json_cannot_say_is_an_error_with_the_way_to_it(value: object, where: str) -> None:
    """No repr is passed off as a result."""
    with pytest.raises(NotSerializable) as caught:
        dumps(value)
    assert where in caught.value.message


def test_json_without_nan_is_read() -> None:
    """What is written can be read; NaN is none of it."""
    assert loads('{"a": [1, 2.5, "文", null]}') == {"a": [1, 2.5, "文", None]}
    with pytest.raises(ValueError, match="line 1 column 1"):
        loads("NaN")
