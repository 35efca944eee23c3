"""The two ledgers: what is charged is given back, what others use is no room, and what is short is counted."""

import pytest
from scenes import Floor, There, ledger_of, tenant_of

from vmodel._capacity import GpuRequest, Request
from vmodel._ledger import MEMORY, NOTHING, Ledger, Need
from vmodel._readings import CardReading, MemoryReading

BIG = Floor(memory=6400, cpu=4, cards=(100, 200))


def tenants(*names: str):
    """Return services that hold nothing yet."""
    return [tenant_of(name, There()) for name in names]


def test_who_holds_something_reserves_nothing_more():
    """A second reservation is a mistake of ours, and changes nothing."""
    ledger, (a,) = ledger_of(Floor()), tenants("a")
    ledger.reserve(a, Need({MEMORY: 60}))
    with pytest.raises(ValueError, match="already"):
        ledger.reserve(a, Need({MEMORY: 10}))
    assert ledger.room(MEMORY) == 40
    assert ledger.held(a) == Need({MEMORY: 60})


def test_release_frees_what_its_holder_reserved():
    """Only what one holder reserved comes back, and only once."""
    ledger, (a, b) = ledger_of(BIG), tenants("a", "b")
    ledger.reserve(a, Need({MEMORY: 60, 1: 50}))
    ledger.reserve(b, Need({MEMORY: 400}))
    for _ in range(2):
        ledger.release(a)
        assert (ledger.room(MEMORY), ledger.room(1), ledger.holders()) == (6000, 200, (b,))
    assert ledger.held(a) is NOTHING


def test_release_of_a_stranger_changes_nothing():
    """Whoever reserved nothing gives nothing back."""
    ledger, (a,) = ledger_of(Floor()), tenants("a")
    ledger.release(a)
    assert (ledger.room(MEMORY), ledger.holders()) == (100, ())


@pytest.mark.parametrize(
    ("available", "ours", "held", "loading", "room"),
    [
        pytest.param(6400, 0, 0, False, 6300, id="headroom-is-kept"),
        pytest.param(5000, 0, 0, False, 4900, id="others-use-some"),
        pytest.param(4400, 2000, 2000, False, 4300, id="ours-is-no-others-use"),
        pytest.param(4400, 2000, 1000, False, 4300, id="ours-beyond-what-was-declared"),
        pytest.param(5400, 1000, 2000, False, 4300, id="declared-more-than-used"),
        pytest.param(6400, 0, 2000, True, 4300, id="loading-uses-nothing-yet"),
        pytest.param(0, 0, 0, False, -100, id="nothing-left"),
    ],
)
def test_room_is_what_nobody_holds_and_the_readings_leave(available, ours, held, loading, room):
    """Others' use and the headroom are no room; what we hold is subtracted once."""
    ledger, (a,) = ledger_of(BIG), tenants("a")
    ledger.reserve(a, Need({MEMORY: held}))
    ledger.read(MemoryReading(6400, available, ours), (), (a,) if loading else ())
    assert ledger.room(MEMORY) == room


@pytest.mark.parametrize(
    ("ours", "room"),
    [
        pytest.param(1000, 4300, id="told"),
        pytest.param(0, 3300, id="others-have-it"),
        pytest.param(None, 4300, id="the-driver-does-not-tell"),
    ],
)
def test_room_on_a_card_follows_its_readings(ours, room):
    """Where the driver does not tell what is ours, what was reserved is."""
    ledger, (a,) = ledger_of(Floor(cards=(6400,))), tenants("a")
    ledger.reserve(a, Need({0: 1000}))
    ledger.read(None, [CardReading(0, "GPU-0", "card", "bus", 6400, 4400, ours=ours)], ())
    assert ledger.room(0) == room


@pytest.mark.parametrize(
    ("need", "spoken", "missing"),
    [
        pytest.param(Need({MEMORY: 40}), {}, {}, id="exactly-fits"),
        pytest.param(Need({MEMORY: 41}), {}, {MEMORY: 1}, id="one-byte-short"),
        pytest.param(Need({MEMORY: 40}), {MEMORY: 5}, {MEMORY: 5}, id="spoken-for"),
        pytest.param(Need({MEMORY: 50, 0: 95}), {}, {MEMORY: 10, 0: 5}, id="both-short"),
        pytest.param(Need({0: 100}, frozenset({0})), {}, {0: 10}, id="whole-card-in-use"),
        pytest.param(Need({1: 200}, frozenset({1})), {}, {}, id="whole-card-empty"),
        pytest.param(Need({1: 200}, frozenset({1})), {1: 20}, {1: 20}, id="whole-card-spoken-for"),
        pytest.param(Need({7: 500}), {}, {}, id="no-limit-known"),
        pytest.param(NOTHING, {MEMORY: 500}, {}, id="asks-for-nothing"),
    ],
)
def test_lacking_counts_what_is_short(need, spoken, missing):
    """Of 100 bytes of memory 60 are held, of card 0 ten of a hundred."""
    ledger, (a,) = ledger_of(Floor(cards=(100, 200))), tenants("a")
    ledger.reserve(a, Need({MEMORY: 60, 0: 10}))
    assert ledger.lacking(need, spoken) == missing


def test_a_whole_card_is_free_though_others_use_some_of_it():
    """A whole card is what VModel may have of it: what others use there does not count as short."""
    ledger = ledger_of(Floor(cards=(6400,)))
    ledger.read(None, [CardReading(0, "GPU-0", "card", "bus", 6400, 5000, ours=0)], ())
    assert ledger.lacking(Need({0: 6400}, frozenset({0})), {}) == {}


@pytest.mark.parametrize(
    ("need", "text"),
    [
        pytest.param(NOTHING, "nothing", id="nothing"),
        pytest.param(Need({MEMORY: 2048}), "2.0 KiB of memory", id="memory"),
        pytest.param(Need({1: 60}), "60 B on card 1", id="card"),
        pytest.param(Need({0: 100}, frozenset({0})), "card 0", id="whole-card"),
        pytest.param(
            Need({0: 9, MEMORY: 5, 1: 7}, frozenset({1})), "5 B of memory and 9 B on card 0 and card 1", id="all"
        ),
    ],
)
def test_a_need_reads_as_people_say_it(need, text):
    """Memory comes first, then the cards."""
    assert str(need) == text


@pytest.mark.parametrize(
    ("request_", "placements"),
    [
        pytest.param(Request(), [{}], id="nothing"),
        pytest.param(Request(memory=5), [{MEMORY: 5}], id="memory"),
        pytest.param(Request(gpu=GpuRequest(cards=(1, 0), memory=5)), [{1: 5, 0: 5}], id="own-cards"),
        pytest.param(Request(gpu=GpuRequest(cards=(0,))), [{0: 100}], id="whole-card-of-its-size"),
        pytest.param(Request(gpu=GpuRequest(count=1, memory=5)), [{1: 5}, {0: 5}], id="freest-first"),
        pytest.param(Request(gpu=GpuRequest(count=2)), [{0: 100, 1: 200}], id="all-of-them"),
        pytest.param(Request(gpu=GpuRequest(count=3, memory=5)), [], id="too-many"),
    ],
)
def test_needs_are_the_ways_to_place_a_request(request_, placements):
    """Cards by number have one place, counted ones as many as there are."""
    assert [need.amounts for need in ledger_of(BIG).needs(request_)] == placements


def test_what_was_cut_down_to_the_machine_takes_all_of_it():
    """All of the memory is never free, so that a clamped request waits for nobody else to hold some."""
    (need,) = ledger_of(BIG).needs(Request(memory=6400, clamped=frozenset({"memory"})))
    assert need.whole == {MEMORY}


def test_cores_are_booked_by_name():
    """Who books again keeps one booking; unread cores have no end."""
    ledger, (a, b) = ledger_of(BIG), tenants("a", "b")
    ledger.book(a, 3)
    ledger.book(a, 2)
    ledger.unbook(b)
    assert (ledger.free_cores(), ledger.booked(a), ledger.booked(b), ledger.bookers()) == (2, 2, 0, (a,))
    ledger.unbook(a)
    assert ledger.free_cores() == 4
    assert Ledger().free_cores() == float("inf")
