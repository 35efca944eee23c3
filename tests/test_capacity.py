"""What can never fit: tables of plain data."""

import pytest

from vmodel._bytes import shown
from vmodel._capacity import clamp
from vmodel._resources import Budget, Capacity, Card, GpuRequest, Request, never_fits, parse_budget, parse_request

GIB = 2**30
CARDS = (Card(0, "GPU-a", "A", 24 * GIB), Card(1, "GPU-b", "B", 8 * GIB))
MACHINE = Capacity(2.0, 16 * GIB, CARDS)


@pytest.mark.parametrize(
    ("request_", "dimensions"),
    [
        (Request(), set()),
        (Request(cpu=1), {"cpu"}),
        (Request(memory=1), {"memory"}),
        (Request(gpu=GpuRequest(cards=(0,))), {"gpu"}),
        (Request(1, 1, GpuRequest(count=1)), {"cpu", "memory", "gpu"}),
    ],
)
def test_a_request_says_what_must_be_read_for_it(request_: Request, dimensions: set[str]) -> None:
    """Nobody waits for a driver on behalf of a service that wants no card."""
    assert request_.dimensions == dimensions


@pytest.mark.parametrize(("gpu", "size"), [(GpuRequest(cards=(3, 5)), 2), (GpuRequest(count=3), 3)])
def test_a_request_for_cards_knows_how_many(gpu: GpuRequest, size: int) -> None:
    """By number or by count, it is the same question."""
    assert gpu.size == size


@pytest.mark.parametrize(
    ("resources", "machine", "faults"),
    [
        ({}, MACHINE, ()),
        ({"cpu": 2, "memory": "16GiB", "gpu": "0,1"}, MACHINE, ()),
        ({"cpu": 8}, MACHINE, ("it asks for 8 cores, this machine has 2",)),
        ({"cpu": 1}, Capacity(cpu=0.5), ("it asks for 1 core, this machine has 0.5",)),
        ({"cpu": 1.5}, Capacity(cpu=1.5), ()),
        ({"memory": "24GiB"}, MACHINE, ("it asks for 24.0 GiB of memory, this machine has 16.0 GiB",)),
        (
            {"memory": 16 * GIB + 1},
            MACHINE,
            ("it asks for 17179869185 bytes of memory, this machine has 17179869184 bytes",),
        ),
        ({"gpu": "0,1"}, Capacity(cards=()), ("it asks for cards 0 and 1, this machine has none",)),
        ({"gpu": "0,1"}, Capacity(cards=CARDS[:1]), ("it asks for cards 0 and 1, this machine has card 0",)),
        ({"gpu": "0,1,7"}, MACHINE, ("it asks for cards 0, 1 and 7, this machine has cards 0 and 1",)),
        ({"gpu": 1, "gpu_memory": "10GiB"}, MACHINE, ("it asks for 10.0 GiB on card 1, which has 8.0 GiB",)),
        (
            {"gpu": "1,0", "gpu_memory": "30GiB"},
            MACHINE,
            ("it asks for 30.0 GiB on card 1, which has 8.0 GiB", "it asks for 30.0 GiB on card 0, which has 24.0 GiB"),
        ),
        ({"gpu": {"count": 1, "memory": "10GiB"}}, MACHINE, ()),
        ({"gpu": {"count": 1, "memory": 0}}, MACHINE, ()),
        (
            {"gpu": {"count": 2, "memory": "10GiB"}},
            MACHINE,
            ("it asks for 2 cards with 10.0 GiB each, this machine has 2, with 24.0 GiB and 8.0 GiB",),
        ),
        (
            {"gpu": {"memory": "30GiB"}},
            Capacity(cards=CARDS[:1]),
            ("it asks for a card with 30.0 GiB, this machine has 1, with 24.0 GiB",),
        ),
        ({"gpu": {"count": 3}}, MACHINE, ("it asks for 3 cards, this machine has 2, with 24.0 GiB and 8.0 GiB",)),
        ({"gpu": {"count": 1}}, Capacity(cards=()), ("it asks for a card, this machine has none",)),
        (
            {"gpu": 0},
            Capacity(cards=(), note="the NVIDIA driver does not answer: Timeout"),
            ("it asks for card 0, this machine has none (the NVIDIA driver does not answer: Timeout)",),
        ),
        (
            {"cpu": 3, "memory": "17GiB", "gpu": 2},
            MACHINE,
            (
                "it asks for 3 cores, this machine has 2",
                "it asks for 17.0 GiB of memory, this machine has 16.0 GiB",
                "it asks for card 2, this machine has cards 0 and 1",
            ),
        ),
        ({"cpu": 999, "memory": "999TiB", "gpu": "99"}, Capacity(), ()),
    ],
    ids=shown,
)
def test_what_can_never_fit_is_said_in_one_sentence_each(
    resources: object, machine: Capacity, faults: tuple[str, ...]
) -> None:
    """Each dimension that can never be given is named with both sides; what was not read refuses nothing."""
    assert never_fits(parse_request(resources, service="ocr"), machine) == faults


@pytest.mark.parametrize(
    ("budget", "resources", "faults"),
    [
        ({}, {"cpu": 2, "memory": "16GiB", "gpu": "0,1"}, ()),
        ({"cpu": 99, "memory": "99GiB", "gpu": {0: "99GiB", 9: 1}}, {"cpu": 2, "memory": "16GiB", "gpu": "0,1"}, ()),
        ({"cpu": 1}, {"cpu": 2}, ("it asks for 2 cores, the budget allows 1",)),
        ({"memory": "8GiB"}, {"memory": "9GiB"}, ("it asks for 9.0 GiB of memory, the budget allows 8.0 GiB",)),
        ({"memory": "8GiB"}, {"cpu": 3}, ("it asks for 3 cores, this machine has 2",)),
        ({"gpu": {0: "1GiB"}}, {"gpu": 0}, ()),
        (
            {"gpu": {0: "1GiB"}},
            {"gpu": 0, "gpu_memory": "2GiB"},
            ("it asks for 2.0 GiB on card 0, of which the budget allows 1.0 GiB",),
        ),
        ({"gpu": {0: 0}}, {"gpu": 0}, ("it asks for card 0, of which the budget allows nothing",)),
        ({"gpu": {0: 0}}, {"gpu": {"count": 1}}, ()),
        (
            {"gpu": {0: "1GiB", 1: "9GiB"}},
            {"gpu": {"memory": "9GiB"}},
            ("it asks for a card with 9.0 GiB, the budget allows 2, with 1.0 GiB and 8.0 GiB",),
        ),
    ],
    ids=shown,
)
def test_a_budget_keeps_within_less_than_the_machine(
    budget: object, resources: object, faults: tuple[str, ...]
) -> None:
    """The smaller of the two holds, and the sentence says whose it is; a budget never adds."""
    assert never_fits(parse_request(resources, service="ocr"), MACHINE.within(parse_budget(budget))) == faults


def test_a_budget_holds_also_where_the_machine_was_not_read() -> None:
    """What the machine has is not known, what is allowed of it is."""
    assert Capacity().within(Budget(1.0, GIB, ((0, GIB),))) == Capacity(
        1.0, GIB, None, budgeted=frozenset({"cpu", "memory"})
    )


@pytest.mark.parametrize(
    ("request_", "machine", "clamped"),
    [
        (Request(2, GIB, GpuRequest(count=1)), MACHINE, Request(2, GIB, GpuRequest(count=1))),
        (Request(8, GIB), MACHINE, Request(2.0, GIB, clamped=frozenset({"cpu"}))),
        (Request(1, 99 * GIB), MACHINE, Request(1, 16 * GIB, clamped=frozenset({"memory"}))),
        (Request(gpu=GpuRequest(cards=(7,))), MACHINE, Request(clamped=frozenset({"gpu"}))),
        (Request(8, 99 * GIB, GpuRequest(cards=(7,))), Capacity(), Request(8, 99 * GIB, GpuRequest(cards=(7,)))),
    ],
)
def test_what_is_clamped_is_what_there_is_and_says_so(request_: Request, machine: Capacity, clamped: Request) -> None:
    """All that the machine has is never free: who looks for room must know that nobody asked for exactly that."""
    assert clamp(request_, machine) == clamped
