"""The rules of room, one line each: where a service fits, what goes for it, whom it waits for, why there is none."""

import pytest
from scenes import Ask, Floor, There, moves, rule, told

from vmodel import State
from vmodel._capacity import GpuRequest
from vmodel._moves import Aim

READY, STUCK, PREPARED = State.READY, State.STUCK, State.PREPARED
WHOLE = GpuRequest(cards=(0,))
ANY_40 = GpuRequest(count=1, memory=40)


def asks_for(memory: int = 0, **more) -> There:
    """Return a service that asks for room."""
    return There(PREPARED, memory, **more)


def on_card(card: int, memory: int = 60, **more) -> There:
    """Return a service that has some of a card."""
    return There(READY, gpu=GpuRequest(cards=(card,), memory=memory), **more)


BUSY_60 = There(READY, 60, inside=1)

FITS = [
    rule("fits", "load test in 100 B of memory", Ask("a"), a=asks_for(100)),
    rule("fits-beside", "load test in 40 B of memory", Ask("a"), a=asks_for(40), b=BUSY_60),
    rule("fits-beside-step-under-way", "load test in 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(State.LOADING, 60, moved=True)),
    rule("freest-card", "load test in 40 B on card 1", Ask("a"), on=Floor(cards=(100, 100)), a=asks_for(gpu=ANY_40),
         b=on_card(0)),
    rule("first-of-equal-cards", "load test in 40 B on card 0", Ask("a"), on=Floor(cards=(100, 100)),
         a=asks_for(gpu=ANY_40)),
    rule("card-that-fits-before-card-to-empty", "load test in 40 B on card 1", Ask("a"), on=Floor(cards=(30, 40)),
         a=asks_for(gpu=ANY_40)),
    rule("whole-card", "load test in card 0", Ask("a"), on=Floor(cards=(100,)), a=asks_for(gpu=WHOLE)),
    rule("memory-and-card", "load test in 60 B of memory and 40 B on card 0", Ask("a"), on=Floor(cards=(100,)),
         a=asks_for(60, gpu=ANY_40)),
]  # fmt: skip

VICTIMS = [
    rule("least-recently-used", "stop c (unload) for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(READY, 50, used=2), c=There(READY, 50, used=1)),
    rule("as-many-as-needed", "stop c (unload), b (unload) for 90 B of memory", Ask("a"), a=asks_for(90),
         b=There(READY, 50, used=2), c=There(READY, 50, used=1)),
    rule("pruned", "stop c (unload) for 60 B of memory", Ask("a"), a=asks_for(60),
         b=There(READY, 20, used=1), c=There(READY, 60, used=2)),
    rule("whose-files-go-comes-last", "stop c (unload) for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(READY, 50, protocol="simplified", used=1), c=There(READY, 50, used=2)),
    rule("simplified-goes-by-cleanup", "stop b (unload cleanup) for 60 B of memory", Ask("a"), a=asks_for(60),
         b=There(READY, 60, protocol="simplified")),
    rule("pin-without-hooks-is-moot", "stop b (unload cleanup) for 60 B of memory", Ask("a"), a=asks_for(60),
         b=There(READY, 60, protocol="minimal", pin=True)),
    rule("never-pinned", "stop c (unload) for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(READY, 50, pin=True), c=There(READY, 50, used=1)),
    rule("never-busy", "stop c (unload) for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(READY, 50, inside=1), c=There(READY, 50, used=1)),
    rule("never-stuck", "stop c (unload) for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(STUCK, 50), c=There(READY, 50, used=1)),
    rule("never-moved", "stop c (unload) for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(READY, 50, moved=True), c=There(READY, 50, used=1)),
    rule("never-an-ancestor", "stop c (unload) for 40 B of memory", Ask("a", by=("b",)), a=asks_for(40),
         b=There(READY, 50, inside=1), c=There(READY, 50, used=1)),
    rule("who-is-left-half-way-goes", "stop b (unload) for 60 B of memory", Ask("a"), a=asks_for(60),
         b=There(State.LOADED, 60)),
    rule("who-holds-none-of-it-stays", "stop c (unload) for 60 B of memory", Ask("a"), on=Floor(cards=(100,)),
         a=asks_for(60), b=on_card(0), c=There(READY, 60, used=1)),
    rule("memory-and-card-short", "stop b (unload), c (unload) for 60 B of memory and 40 B on card 0", Ask("a"),
         on=Floor(cards=(50,)), a=asks_for(60, gpu=ANY_40), b=There(READY, 60), c=on_card(0, 30, used=1)),
    rule("whole-card-empties-it", "stop b (unload), c (unload) for card 0", Ask("a"), on=Floor(cards=(100,)),
         a=asks_for(gpu=WHOLE), b=on_card(0, 10), c=on_card(0, 10, used=1)),
    rule("card-cheapest-to-have-back", "stop c (unload) for 40 B on card 1", Ask("a"), on=Floor(cards=(60, 60)),
         a=asks_for(gpu=ANY_40), b=on_card(0, reload=5), c=on_card(1, reload=1, used=1)),
]  # fmt: skip

WAITS = [
    rule("busy-waits", "wait on b for 60 B of memory", Ask("a"), a=asks_for(60), b=BUSY_60),
    rule("moved-waits", "wait on b for 60 B of memory", Ask("a"), a=asks_for(60),
         b=There(State.LOADING, 60, moved=True)),
    rule("not-overdue-does-not-drain", "wait on b for 60 B of memory", Ask("a"), on=Floor(now=0.9), a=asks_for(60),
         b=BUSY_60),
    rule("overdue-drains", "wait on b for 60 B of memory, drained", Ask("a"), on=Floor(now=1), a=asks_for(60),
         b=BUSY_60),
    rule("drained-lets-nobody-in", "wait", [Ask("a"), Ask("b", at=1)], on=Floor(now=1), a=asks_for(60),
         b=There(READY, 60, inside=1, limit=2)),
    rule("idle-before-busy", "wait on c, b for 90 B of memory", Ask("a"), a=asks_for(90),
         b=There(READY, 50, inside=1), c=There(READY, 50, used=1)),
    rule("pinned-beside-busy-waits", "wait on c for 40 B of memory", Ask("a"), a=asks_for(40),
         b=There(READY, 50, pin=True), c=There(READY, 50, inside=1)),
]  # fmt: skip

QUEUED = [
    rule("backfill-fits", "load test in 20 B of memory", [Ask("d"), Ask("a")], a=asks_for(20), b=BUSY_60,
         d=asks_for(80)),
    rule("backfill-takes-what-is-spoken-for", "wait on b for 21 B of memory", [Ask("d"), Ask("a")], a=asks_for(21),
         b=BUSY_60, d=asks_for(80)),
    rule("never-beside-an-older-waits-behind-it", "wait on b for 100 B of memory", [Ask("d"), Ask("a")],
         a=asks_for(100), b=BUSY_60, d=asks_for(80)),
    rule("room-being-made-is-spoken-for", "wait on c for 30 B of memory", [Ask("d"), Ask("a")], a=asks_for(30),
         c=There(READY, 60), d=asks_for(80)),
    rule("beside-room-being-made-fits", "load test in 20 B of memory", [Ask("d"), Ask("a")], a=asks_for(20),
         c=There(READY, 60), d=asks_for(80)),
    rule("claimed-by-older-stays", "wait on c for 40 B of memory", [Ask("d"), Ask("a")], a=asks_for(40), b=BUSY_60,
         c=There(READY, 40), d=asks_for(100)),
    rule("unclaimed-before-claimed", "wait on e for 20 B of memory", [Ask("d"), Ask("a")], a=asks_for(20),
         b=There(READY, 60, inside=1, used=1), d=asks_for(60), e=There(READY, 40, inside=1, used=2)),
    rule("wanted-by-older-stays", "wait on b for 60 B of memory", [Ask("b"), Ask("a")], on=Floor(cpu=2), a=asks_for(60),
         b=There(READY, 60, cpu=2), e=There(READY, cpu=2, cored=True, inside=1)),
    rule("ready-passes-who-waits-for-room", "admit", [Ask("d"), Ask("b")], b=There(READY, 60, inside=1, limit=2),
         d=asks_for(60)),
    rule("started-before-is-reserved", "wait on d for 60 B of memory", [Ask("d"), Ask("a")], a=asks_for(60),
         d=asks_for(60)),
]  # fmt: skip

NEVER = [
    rule("pinned", "NoRoom: cannot run 'a': it lacks 20 B of memory, held by 'b' (pinned)", Ask("a"), a=asks_for(60),
         b=There(READY, 60, pin=True)),
    rule("stuck", "NoRoom: cannot run 'a': it lacks 20 B of memory, held by 'b' (stuck)", Ask("a"), a=asks_for(60),
         b=There(STUCK, 60)),
    rule("pinned-by-name", "NoRoom: cannot run 'a': it lacks 20 B of memory, held by 'b' (pinned)",
         Ask("a", Aim.LOAD), a=asks_for(60), b=There(READY, 60, pin=True)),
    rule("idle-would-not-do", "NoRoom: cannot run 'a': it lacks 70 B of memory, held by 'b' (pinned)", Ask("a"),
         a=asks_for(70), b=There(READY, 60, pin=True), c=There(READY, 40)),
    rule("whole-card-pinned", "NoRoom: cannot run 'a': it lacks 10 B on card 0, held by 'b' (pinned)", Ask("a"),
         on=Floor(cards=(100,)), a=asks_for(gpu=WHOLE), b=on_card(0, 10, pin=True)),
    rule("outside", "NoRoom, try again: cannot run 'a': it lacks 52 B of memory, which others on this machine use",
         Ask("a"), on=Floor(free=10), a=asks_for(60)),
    rule("outside-beside-idle", "stop b (unload) for 60 B of memory", Ask("a"), on=Floor(free=10), a=asks_for(60),
         b=There(READY, 60)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "asks", "floor", "there"), [*FITS, *VICTIMS, *WAITS, *QUEUED, *NEVER])
def test_the_last_who_asks_for_room_is_told(said, asks, floor, there):
    """A service is placed, makes room, waits or is refused as the books say."""
    assert told(moves(asks, floor, there)[-1]) == said
