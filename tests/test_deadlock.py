"""Calls that services make: who waits for whom, and which wait would never end."""

import pytest
from scenes import Ask, Floor, There, moves, rule, tenant_of, told

from vmodel import State
from vmodel._capacity import GpuRequest
from vmodel._deadlock import chains_behind, seat_is_stuck
from vmodel._moves import Aim, Ticket, Wait

READY, PREPARED = State.READY, State.PREPARED
FULL = There(READY, inside=1)
HALF = There(READY, inside=1, limit=2)
CIRCLE = "WouldDeadlock: a call to {0!r} would wait for calls that wait for it: {1} > …"

SEATS = [
    rule("free-seat", "admit", Ask("a", by=("b",)), a=There(READY), b=FULL),
    rule("seat-of-a-stranger", "wait", Ask("a", by=("b",)), a=FULL, b=FULL),
    rule("own-seat", CIRCLE.format("a", "'a' > 'b' > 'a'"), Ask("a", by=("b", "a")), a=FULL, b=FULL),
    rule("own-seat-and-a-strangers", "wait", Ask("a", by=("b", "a")), a=There(READY, inside=2, limit=2), b=FULL),
    rule("own-load", CIRCLE.format("a", "'a' > 'a'"), Ask("a", by=("a",)),
         a=There(State.LOADING, inside=1, moved=True)),
    rule("two-for-each-other", CIRCLE.format("a", "'b' > 'a'"), [Ask("b", by=("a",)), Ask("a", by=("b",))],
         a=FULL, b=FULL),
    rule("two-of-whom-one-finds-a-seat", "admit", [Ask("b", by=("a",)), Ask("a", by=("b",))], a=HALF, b=FULL),
    rule("three-in-a-ring", CIRCLE.format("a", "'c' > 'a'"),
         [Ask("b", by=("a",)), Ask("c", by=("b",)), Ask("a", by=("c",))], a=FULL, b=FULL, c=FULL),
    rule("unload-from-inside", CIRCLE.format("a", "'a' > 'b' > 'a'"), Ask("a", Aim.UNLOAD, by=("b", "a")),
         a=HALF, b=FULL),
    rule("unload-from-inside-beside-a-stranger", CIRCLE.format("a", "'a' > 'b' > 'a'"),
         Ask("a", Aim.UNLOAD, by=("b", "a")), a=There(READY, inside=2, limit=3), b=FULL),
    rule("test-from-inside", CIRCLE.format("a", "'a' > 'b' > 'a'"), Ask("a", Aim.TEST, by=("b", "a")), a=HALF, b=FULL),
    rule("load-from-inside", "admit", Ask("a", Aim.LOAD, by=("b", "a")), a=HALF, b=FULL),
    rule("unload-beside-a-stranger", "wait", Ask("a", Aim.UNLOAD, by=("b",)), a=FULL, b=FULL),
    rule("older-unload-that-waits-for-its-caller", CIRCLE.format("a", "'a' > 'a'"),
         [Ask("b", by=("a",)), Ask("a", Aim.UNLOAD, by=("a",))], a=HALF, b=FULL),
]  # fmt: skip

LACK = "WouldDeadlock: cannot run 'a': it lacks {} of memory, which {} will not give back before this call ends ({})"
TWO_QUEUES = {
    "on": Floor(cards=(100,)),
    "a": There(PREPARED, gpu=GpuRequest(cards=(0,), memory=30)),
    "b": There(READY, 60, inside=1),
    "c": There(READY, gpu=GpuRequest(cards=(0,), memory=60), inside=1),
    "d": There(PREPARED, 100),
    "e": There(PREPARED, gpu=GpuRequest(cards=(0,), memory=80)),
}
"""d waits for the room of the caller b, e for that of c on the card, where a just fits."""

ROOM = [
    rule("room-of-its-caller", LACK.format("20 B", "'b' (ready)", "'b' > 'a'"), Ask("a", by=("b",)),
         a=There(PREPARED, 60), b=There(READY, 60, inside=1)),
    rule("room-of-its-callers-caller", LACK.format("40 B", "'c' (ready)", "'c' > 'b' > 'a'"), Ask("a", by=("b", "c")),
         a=There(PREPARED, 100), b=FULL, c=There(READY, 40, inside=1)),
    rule("room-of-its-caller-and-a-stranger", "wait on c for 40 B of memory", Ask("a", by=("b",)),
         a=There(PREPARED, 40), b=There(READY, 50, inside=1), c=There(READY, 50, inside=1)),
    rule("room-of-who-waits-for-its-caller", LACK.format("20 B", "'b' (ready)", "'c' > 'a'"),
         [Ask("c", by=("b",)), Ask("a", by=("c",))], a=There(PREPARED, 60), b=There(READY, 60, inside=1), c=FULL),
    rule("older-outside-waits-for-its-caller", "load test in 40 B of memory", [Ask("d"), Ask("a", by=("b",))],
         a=There(PREPARED, 40), b=There(READY, 60, inside=1), d=There(PREPARED, 100)),
    rule("older-outside-waits-for-another", "wait on c for 20 B of memory", [Ask("d"), Ask("a", by=("b",))],
         a=There(PREPARED, 20), b=There(READY, 10, inside=1), c=There(READY, 60, inside=1), d=There(PREPARED, 90)),
    rule("older-that-can-do-without-its-caller-is-respected", "wait on c for 10 B of memory",
         [Ask("d"), Ask("a", by=("b",))], on=Floor(memory=110), a=There(PREPARED, 10),
         b=There(READY, 50, inside=1, used=1), c=There(READY, 50, inside=1, used=2), d=There(PREPARED, 60)),
    rule("pinned-room-cannot-stand-in-for-its-callers", "load test in 10 B of memory", [Ask("d"), Ask("a", by=("b",))],
         on=Floor(memory=110), a=There(PREPARED, 10), b=There(READY, 50, inside=1), c=There(READY, 50, pin=True),
         d=There(PREPARED, 60)),
    rule("behind-who-waits-for-its-caller-nobody-is-respected", "load test in 30 B on card 0",
         [Ask("d"), Ask("e"), Ask("a", by=("b",))], **TWO_QUEUES),
    rule("before-who-waits-for-its-caller-is-respected", "wait on c for 30 B on card 0",
         [Ask("e"), Ask("d"), Ask("a", by=("b",))], **TWO_QUEUES),
    rule("cores-that-an-older-waits-for-to-its-caller", "admit with cores of its parents b",
         [Ask("d"), Ask("a", by=("b",))], on=Floor(cpu=2), a=There(READY, cpu=2),
         b=There(READY, cpu=2, cored=True, inside=1), d=There(READY, cpu=2)),
    rule("drain-does-not-keep-out-whom-it-waits-for", "admit", [Ask("d"), Ask("c", by=("b",), at=1)], on=Floor(now=1),
         b=There(READY, 60, inside=1), c=There(READY, 40, inside=1, limit=2), d=There(PREPARED, 100)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "asks", "floor", "there"), [*SEATS, *ROOM])
def test_a_call_from_inside_is_told(said, asks, floor, there):
    """A call whose wait would never end is refused, and no other."""
    assert told(moves(asks, floor, there)[-1]) == said


@pytest.mark.parametrize(
    ("inside", "ours", "moved", "all_must_leave", "stuck"),
    [
        pytest.param(0, 0, False, False, False, id="nobody-inside"),
        pytest.param(1, 0, False, True, False, id="only-strangers"),
        pytest.param(1, 1, False, False, True, id="the-only-seat"),
        pytest.param(2, 1, False, False, False, id="a-stranger-may-leave"),
        pytest.param(2, 1, False, True, True, id="all-must-leave"),
        pytest.param(2, 1, True, False, True, id="its-step-waits-for-us"),
        pytest.param(2, 2, False, False, True, id="both-seats"),
    ],
)
def test_a_seat_is_stuck_where_only_our_chains_hold_it(inside, ours, moved, all_must_leave, stuck):
    """A seat comes back by itself where a stranger has one."""
    tenant = tenant_of("a", There(READY, inside=inside, limit=2, moved=moved))
    chains = [frozenset({tenant})] * ours
    assert seat_is_stuck(tenant, chains, all_must_leave=all_must_leave) is stuck


@pytest.mark.parametrize(
    ("waits", "behind"),
    [
        pytest.param({}, "a", id="nobody-waits"),
        pytest.param({"b": "a"}, "ab", id="one-for-us"),
        pytest.param({"c": "b", "b": "a"}, "abc", id="through-another"),
        pytest.param({"c": "b"}, "a", id="one-for-a-stranger"),
    ],
)
def test_chains_behind_ours_are_found_through_others(waits, behind):
    """Whoever waits for a seat that we hold, or for one of such, is behind us."""
    tenants = {name: tenant_of(name, FULL) for name in "abc"}
    waiting = [Ticket(tenants[wanted], Aim.CALL, 1, chain=(tenants[name],)) for name, wanted in waits.items()]
    for ticket in waiting:
        ticket.waits = Wait()
    found = chains_behind((tenants["a"],), waiting, lambda _ticket, _held: True)
    assert sorted(tenant.service.name for chain in found for tenant in chain) == list(behind)


def test_who_was_not_answered_yet_waits_for_nobody():
    """The one who closes a circle is refused, not the one who waits in it."""
    a, b = tenant_of("a", FULL), tenant_of("b", FULL)
    assert chains_behind((a,), [Ticket(a, Aim.CALL, 1, chain=(b,))], lambda _ticket, _held: True) == [frozenset({a})]
