"""The rules of `decide()`, one line each: who goes in, who waits, who is refused, which steps are taken."""

import pytest
from scenes import Ask, Floor, There, moves, rule, told

from vmodel import State
from vmodel._moves import Aim

S = State
FOUR = Floor(cpu=4)
TWO = Floor(cpu=2)

CALLS = [
    rule("ready-admits", "admit", Ask("a"), a=There(S.READY)),
    rule("ready-admits-while-another-loads", "admit", Ask("a"), a=There(S.READY), b=There(S.LOADING, 60, moved=True)),
    rule("ready-admits-though-obstacles-came", "admit", Ask("a"), a=There(S.READY, obstacles=("too big",))),
    rule("full-waits", "wait", Ask("a"), a=There(S.READY, inside=1)),
    rule("second-seat-admits", "admit", Ask("a"), a=There(S.READY, inside=1, limit=2)),
    rule("unlimited-admits-without-seats", "admit", Ask("a"), a=There(S.READY, inside=8, limit=None)),
    rule("moved-waits", "wait", Ask("a"), a=There(S.LOADING, moved=True)),
    rule("moved-waits-though-cooling", "wait", Ask("a"), a=There(S.LOADING, moved=True, retry_at=9)),
    rule("behind-older-of-same-service", "wait", [Ask("a"), Ask("a")], a=There(S.READY, inside=1)),
    rule("new-prepares-alone", "prepare", Ask("a"), a=There(memory=60)),
    rule("prepared-loads", "load test in 60 B of memory", Ask("a"), a=There(S.PREPARED, 60)),
    rule("loaded-is-tested", "test in 60 B of memory", Ask("a"), a=There(S.LOADED, 60)),
    rule("unusable-by-load-failure-loads", "load test in nothing", Ask("a"), a=There(S.UNUSABLE)),
    rule("simplified-prepares-with-room", "prepare load test in 60 B of memory", Ask("a"),
         a=There(memory=60, protocol="simplified")),
    rule("minimal-prepares-with-room", "prepare load test in nothing", Ask("a"), a=There(protocol="minimal")),
    rule("stuck-is-unloaded-once-more", "stop a (unload)", Ask("a"), a=There(S.STUCK, 60)),
]  # fmt: skip

REFUSED = [
    rule("never-fits", "NeverFits: cannot run 'a': too big; too many", Ask("a"),
         a=There(obstacles=("too big", "too many"))),
    rule("never-fits-by-name", "NeverFits: cannot run 'a': too big", Ask("a", Aim.LOAD),
         a=There(obstacles=("too big",))),
    rule("unusable", "ServiceUnusable: service 'a' failed its own test", Ask("a"),
         a=There(S.UNUSABLE, test_failed=True)),
    rule("unusable-is-loaded-by-name", "load test in nothing", Ask("a", Aim.LOAD),
         a=There(S.UNUSABLE, test_failed=True)),
    rule("stuck-twice", "ServiceUnusable: service 'a' could not be unloaded", Ask("a"), a=There(S.STUCK, 60, stuck=2)),
    rule("stuck-twice-is-unloaded-by-name", "stop a (unload)", Ask("a", Aim.UNLOAD), a=There(S.STUCK, 60, stuck=2)),
    rule("stuck-twice-is-loaded-by-name", "stop a (unload)", Ask("a", Aim.LOAD), a=There(S.STUCK, 60, stuck=2)),
    rule("cooling-down", "CoolingDown, try again: service 'a' is not tried again for 9.0 s", Ask("a"),
         a=There(S.PREPARED, retry_at=9)),
    rule("cooled-down", "load test in nothing", Ask("a"), on=Floor(now=9), a=There(S.PREPARED, retry_at=9)),
    rule("cooling-down-is-loaded-by-name", "load test in nothing", Ask("a", Aim.LOAD), a=There(S.PREPARED, retry_at=9)),
]  # fmt: skip

BY_NAME = [
    rule("prepare-new", "prepare", Ask("a", Aim.PREPARE), a=There()),
    rule("prepare-prepared", "admit", Ask("a", Aim.PREPARE), a=There(S.PREPARED)),
    rule("prepare-simplified-takes-room", "prepare in 60 B of memory", Ask("a", Aim.PREPARE),
         a=There(memory=60, protocol="simplified")),
    rule("load-ready", "admit", Ask("a", Aim.LOAD), a=There(S.READY)),
    rule("load-ready-with-callers", "admit", Ask("a", Aim.LOAD), a=There(S.READY, inside=1)),
    rule("load-prepared", "load test in nothing", Ask("a", Aim.LOAD), a=There(S.PREPARED)),
    rule("load-moved-waits", "wait", Ask("a", Aim.LOAD), a=There(S.LOADING, moved=True)),
    rule("test-again", "test in nothing", Ask("a", Aim.TEST), a=There(S.READY)),
    rule("test-waits-for-callers", "wait", Ask("a", Aim.TEST), a=There(S.READY, inside=1, limit=2)),
    rule("test-was-done", "admit", Ask("a", Aim.TEST, tested=True), a=There(S.READY)),
    rule("test-loads-first", "load test in nothing", Ask("a", Aim.TEST), a=There(S.PREPARED)),
    rule("unload-ready", "stop a (unload)", Ask("a", Aim.UNLOAD), a=There(S.READY, 60)),
    rule("unload-pinned", "stop a (unload)", Ask("a", Aim.UNLOAD), a=There(S.READY, 60, pin=True)),
    rule("unload-waits-for-callers", "wait", Ask("a", Aim.UNLOAD), a=There(S.READY, inside=1)),
    rule("unload-prepared", "admit", Ask("a", Aim.UNLOAD), a=There(S.PREPARED)),
    rule("unload-simplified-cleans-up", "stop a (unload cleanup)", Ask("a", Aim.UNLOAD),
         a=There(S.READY, protocol="simplified")),
    rule("unload-simplified-prepared", "stop a (cleanup)", Ask("a", Aim.UNLOAD),
         a=There(S.PREPARED, protocol="simplified")),
    rule("cleanup-new", "admit", Ask("a", Aim.CLEANUP), a=There()),
    rule("cleanup-prepared", "stop a (cleanup)", Ask("a", Aim.CLEANUP), a=There(S.PREPARED)),
    rule("cleanup-ready", "stop a (unload cleanup)", Ask("a", Aim.CLEANUP), a=There(S.READY)),
    rule("cleanup-waits-for-callers", "wait", Ask("a", Aim.CLEANUP), a=There(S.READY, inside=1)),
    rule("cleanup-unusable", "stop a (cleanup)", Ask("a", Aim.CLEANUP), a=There(S.UNUSABLE, test_failed=True)),
    rule("younger-call-waits-for-unload", "wait", [Ask("a", Aim.UNLOAD), Ask("a")],
         a=There(S.READY, inside=1, limit=2)),
]  # fmt: skip

A = There(S.READY, cpu=2)
CORES = [
    rule("cores-unread-are-free", "admit", Ask("a"), a=A),
    rule("cores-free", "admit", Ask("a"), on=FOUR, a=A, b=There(S.READY, cpu=2, cored=True, inside=1)),
    rule("cores-had", "admit", Ask("a"), on=TWO, a=There(S.READY, cpu=2, cored=True)),
    rule("cores-lent-by-idle", "admit with cores of b", Ask("a"), on=TWO, a=A, b=There(S.READY, cpu=2, cored=True)),
    rule("cores-lent-by-longest-idle", "admit with cores of c", Ask("a"), on=FOUR, a=A,
         b=There(S.READY, cpu=2, cored=True, used=2), c=There(S.READY, cpu=2, cored=True, used=1)),
    rule("cores-lent-by-parents", "admit with cores of its parents b", Ask("a", by=("b",)), on=TWO, a=A,
         b=There(S.READY, cpu=2, cored=True, inside=1)),
    rule("cores-busy-waits", "wait on b", Ask("a"), on=TWO, a=A, b=There(S.READY, cpu=2, cored=True, inside=1)),
    rule("cores-drained-when-overdue", "wait on b, drained", Ask("a"), on=Floor(cpu=2, now=1), a=A,
         b=There(S.READY, cpu=2, cored=True, inside=1)),
    rule("cores-spoken-for-by-older", "wait on b", [Ask("c"), Ask("a")], on=FOUR, a=A,
         b=There(S.READY, cpu=2, cored=True, inside=1), c=There(S.READY, cpu=4)),
    rule("no-cores-asked-passes-older", "admit", [Ask("c"), Ask("a")], on=TWO, a=There(S.READY),
         b=There(S.READY, cpu=2, cored=True, inside=1), c=There(S.READY, cpu=2)),
    rule("drained-lets-nobody-in", "wait", [Ask("c"), Ask("b", at=1)], on=Floor(cpu=2, now=1),
         b=There(S.READY, cpu=2, cored=True, inside=1, limit=2), c=There(S.READY, cpu=2)),
    rule("not-drained-before-overdue", "admit", [Ask("c"), Ask("b")], on=TWO,
         b=There(S.READY, cpu=2, cored=True, inside=1, limit=2), c=There(S.READY, cpu=2)),
]  # fmt: skip


@pytest.mark.parametrize(("said", "asks", "floor", "there"), [*CALLS, *REFUSED, *BY_NAME, *CORES])
def test_the_last_who_asks_is_told(said, asks, floor, there):
    """A ticket is answered as its service, its age and the machine say."""
    assert told(moves(asks, floor, there)[-1]) == said
