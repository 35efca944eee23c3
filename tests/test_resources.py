"""What people write about resources: what each form means, and what is refused, in tables of plain data."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vmodel._bytes import Unreadable, shown
from vmodel._resources import Budget, GpuRequest, Request, parse_budget, parse_bytes, parse_request
from vmodel.errors import ConfigError, InvalidInfo, VModelError

GIB = 2**30
HUGE = 10**5000


def refusal(resources: object, **more: object) -> InvalidInfo:
    """Return the error that *resources* are refused with."""
    with pytest.raises(InvalidInfo) as caught:
        parse_request(resources, service="ocr", **more)
    return caught.value


@pytest.mark.parametrize(
    ("resources", "request_"),
    [
        (None, Request()),
        ({}, Request()),
        ({"cpu": None, "memory": None, "gpu": None}, Request()),
        ({"cpu": 3, "memory": GIB, "gpu": "0,1"}, Request(3.0, GIB, GpuRequest(cards=(0, 1)))),
        ({"cpu": 0.5}, Request(cpu=0.5)),
        ({"memory": "1GiB"}, Request(memory=GIB)),
        ({"gpu": ""}, Request()),
        ({"gpu": " "}, Request()),
        ({"gpu": []}, Request()),
        ({"gpu": 0}, Request(gpu=GpuRequest(cards=(0,)))),
        ({"gpu": "3"}, Request(gpu=GpuRequest(cards=(3,)))),
        ({"gpu": " 1 , 0 "}, Request(gpu=GpuRequest(cards=(1, 0)))),
        ({"gpu": [1, 0]}, Request(gpu=GpuRequest(cards=(1, 0)))),
        ({"gpu": (1, "0")}, Request(gpu=GpuRequest(cards=(1, 0)))),
        ({"gpu": "0", "gpu_memory": "10GiB"}, Request(gpu=GpuRequest(cards=(0,), memory=10 * GIB))),
        ({"gpu": None, "gpu_memory": "10GiB"}, Request()),
        ({"gpu": {"count": 2}}, Request(gpu=GpuRequest(count=2))),
        ({"gpu": {"memory": "10GiB"}}, Request(gpu=GpuRequest(count=1, memory=10 * GIB))),
        ({"gpu": {"count": 1, "memory": "10GiB"}}, Request(gpu=GpuRequest(count=1, memory=10 * GIB))),
        ({"gpu": {"count": 1}, "gpu_memory": 5}, Request(gpu=GpuRequest(count=1, memory=5))),
        ({"gpu": {"count": 1, "memory": 7}, "gpu_memory": 5}, Request(gpu=GpuRequest(count=1, memory=7))),
        ({"gpu": "0", "gpu_memory": 0}, Request(gpu=GpuRequest(cards=(0,), memory=0))),
    ],
    ids=shown,
)
def test_every_form_of_resources_is_read(resources: object, request_: Request) -> None:
    """Published services and new ones say it in different forms, and mean the same."""
    assert parse_request(resources, service="ocr") == request_


def test_memory_per_card_may_stand_beside_the_resources() -> None:
    """What stands in the resources themselves is nearer, and wins."""
    beside = parse_request({"gpu": "0"}, service="ocr", gpu_memory="1GiB")
    both = parse_request({"gpu": "0", "gpu_memory": "2GiB"}, service="ocr", gpu_memory="1GiB")
    assert (beside.gpu, both.gpu) == (GpuRequest((0,), memory=GIB), GpuRequest((0,), memory=2 * GIB))


@pytest.mark.parametrize(
    ("resources", "path", "words"),
    [
        ({"memory": -1}, ("memory",), "resources.memory: -1 is less than nothing"),
        ({"memory": "lots"}, ("memory",), "'lots' is no amount of memory; expected bytes"),
        ({"memory": "1 parsec"}, ("memory",), "'1 parsec' has the unit 'parsec', which is not one of bytes"),
        ({"memory": True}, ("memory",), "True is no amount of memory"),
        ({"memory": math.nan}, ("memory",), "nan is no amount of memory"),
        ({"memory": math.inf}, ("memory",), "inf is no amount of memory"),
        ({"memory": HUGE}, ("memory",), "<int> is more than any machine has"),
        ({"memory": "x" * 200}, ("memory",), "xxx... is no amount"),
        ({"cpu": -1}, ("cpu",), "resources.cpu: -1 is no number of cores; expected a number of cores, 0 or more"),
        ({"cpu": "3"}, ("cpu",), "'3' is no number of cores"),
        ({"cpu": math.nan}, ("cpu",), "nan is no number of cores"),
        ({"cpu": math.inf}, ("cpu",), "inf is no number of cores"),
        ({"cpu": True}, ("cpu",), "True is no number of cores"),
        ({"cpu": HUGE}, ("cpu",), "<int> is no number of cores"),
        ({"gpu": "0,,1"}, ("gpu",), "resources.gpu: '0,,1' has '', which is no card number; expected card numbers"),
        ({"gpu": "0,1,"}, ("gpu",), "'0,1,' has '', which is no card number"),
        ({"gpu": "0,0"}, ("gpu",), "'0,0' names card 0 twice"),
        ({"gpu": [1, "1"]}, ("gpu",), "[1, '1'] names card 1 twice"),
        ({"gpu": "all"}, ("gpu",), "'all' is no card number"),
        ({"gpu": -1}, ("gpu",), "-1 is no card number"),
        ({"gpu": True}, ("gpu",), "True is no card number"),
        ({"gpu": [0, True]}, ("gpu",), "[0, True] has True, which is no card number"),
        ({"gpu": 1.0}, ("gpu",), "1.0 is no card number"),
        ({"gpu": HUGE}, ("gpu",), "<int> is no card number"),
        ({"gpu": "1" * 20}, ("gpu",), "is no card number"),
        ({"gpu": {}}, ("gpu",), "{} asks for no card"),
        ({"gpu": {"count": 0}}, ("gpu", "count"), "resources.gpu.count: 0 is no number of cards"),
        ({"gpu": {"count": HUGE}}, ("gpu", "count"), "<int> is no number of cards"),
        ({"gpu": {"count": True}}, ("gpu", "count"), "True is no number of cards"),
        ({"gpu": {"count": "1"}}, ("gpu", "count"), "'1' is no number of cards"),
        ({"gpu": {"count": 1, "memory": "lots"}}, ("gpu", "memory"), "resources.gpu.memory: 'lots' is no amount"),
        ({"gpu": {"cards": "0"}}, ("gpu", "cards"), "'cards' is no known key; expected one of count, memory"),
        ({"gpu": "0", "gpu_memory": "lots"}, ("gpu_memory",), "resources.gpu_memory: 'lots' is no amount"),
        ({"ram": 1}, ("ram",), "'ram' is no known key; expected one of cpu, memory, gpu, gpu_memory"),
        ({3: 1}, ("3",), "3 is no known key"),
        ("1GiB", (), "resources: '1GiB' is no mapping; expected a mapping of cpu, memory, gpu, gpu_memory"),
        ([("cpu", 1)], (), "is no mapping"),
    ],
    ids=shown,
)
def test_resources_that_mean_nothing_are_refused(resources: object, path: tuple[str, ...], words: str) -> None:
    """The error names the service, the way to the bad value, the value, and what would do."""
    error = refusal(resources)
    assert words in str(error)
    assert str(error).startswith("service 'ocr', resources")
    assert (error.service, error.path) == ("ocr", ("resources", *path))
    assert error.expected


def test_the_bad_value_itself_is_in_the_error() -> None:
    """A planner repairs its call from the fields and not from the sentence."""
    error = refusal({"memory": "lots"})
    assert error.given == "lots"
    assert error.to_dict()["path"] == ["resources", "memory"]


def test_a_key_that_is_nearly_right_is_told_the_right_one() -> None:
    """A slip of the pen is not a request without limits."""
    error = refusal({"Memry": "1GiB"})
    assert error.nearest[0] == "memory"
    assert error.hint == "did you mean 'memory'?"


def test_memory_per_card_without_a_card_is_refused() -> None:
    """A service that forgot to ask for its card would be let in without one."""
    for error in (refusal({"gpu_memory": "1GiB"}), refusal(None, gpu_memory="1GiB")):
        assert "1073741824 bytes per card are of no use without a card" in str(error)


def test_all_mistakes_of_a_service_are_reported_at_once() -> None:
    """An author repairs them in one go."""
    error = refusal({"cpu": -1, "memory": "lots", "gpu": "0,,1", "disk": 1}, gpu_memory="much")
    paths = [finding.path for finding in error.findings]
    assert sorted(paths) == [
        ("gpu_memory",),
        ("resources", "cpu"),
        ("resources", "disk"),
        ("resources", "gpu"),
        ("resources", "memory"),
    ]
    assert str(error).startswith("5 findings\n- service 'ocr'")


@pytest.mark.parametrize(
    ("written", "budget"),
    [
        (None, Budget()),
        ({}, Budget()),
        ({"cpu": 2, "memory": "8GiB", "gpu": {0: "10GiB"}}, Budget(2.0, 8 * GIB, ((0, 10 * GIB),))),
        ({"cpu": 1.5, "gpu": None}, Budget(cpu=1.5)),
        ({"gpu": {"1": 5, "0": None}}, Budget(cards=((1, 5),))),
    ],
    ids=shown,
)
def test_every_form_of_a_budget_is_read(written: object, budget: Budget) -> None:
    """Card numbers may be text, since the keys of TOML and JSON are."""
    assert parse_budget(written) == budget


@pytest.mark.parametrize(
    ("written", "path", "words"),
    [
        (8, (), "budget: 8 is no mapping; expected a mapping of cpu, memory, gpu"),
        ({"memory": "lots"}, ("memory",), "budget.memory: 'lots' is no amount of memory"),
        ({"cpu": -1}, ("cpu",), "budget.cpu: -1 is no number of cores"),
        ({"gpu": "10GiB"}, ("gpu",), "budget.gpu: '10GiB' is no mapping; expected a mapping of card numbers to bytes"),
        ({"gpu": {"first": "1GiB"}}, ("gpu", "first"), "budget.gpu.first: 'first' is no card number"),
        ({"gpu": {True: "1GiB"}}, ("gpu", True), "True is no card number"),
        ({"gpu": {None: "1GiB"}}, ("gpu", "None"), "'None' is no card number"),
        ({"gpu": {0: "lots"}}, ("gpu", 0), "budget.gpu.0: 'lots' is no amount of memory"),
        ({"gpu": {0: 1, "0": 2}}, ("gpu",), "names card 0 twice"),
        ({"memroy": 1}, ("memroy",), "did you mean 'memory'?"),
    ],
    ids=shown,
)
def test_a_budget_that_means_nothing_is_refused(written: object, path: tuple[object, ...], words: str) -> None:
    """A budget is configuration, so the error is ConfigError."""
    with pytest.raises(ConfigError) as caught:
        parse_budget(written)
    assert words in str(caught.value)
    assert caught.value.path == ("budget", *path)


def test_all_mistakes_of_a_budget_are_reported_at_once() -> None:
    """Whoever configures repairs them in one go."""
    with pytest.raises(VModelError) as caught:
        parse_budget({"cpu": -1, "gpu": {"a": "b"}})
    assert len(caught.value.findings) == 3


ANYTHING = st.recursive(
    st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none(), st.binary()),
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(st.one_of(st.integers(), st.none(), st.sampled_from(["cpu", "gpu", "count", "memory"])), inner),
    ),
)


@given(ANYTHING)
def test_any_value_is_either_read_or_refused(value: object) -> None:
    """Whatever an author writes, the answer is a value or a clear error, and never another exception."""
    with contextlib.suppress(Unreadable):
        assert 0 <= parse_bytes(value) < 2**63
    with contextlib.suppress(InvalidInfo):
        assert math.isfinite(parse_request(value, service="ocr").cpu)
    with contextlib.suppress(InvalidInfo):
        assert parse_request({"gpu": value}, service="ocr").memory == 0
    with contextlib.suppress(ConfigError):
        assert min(dict(parse_budget({"gpu": value}).cards), default=0) >= 0
