"""Random services, calls, failures and interleavings: what must hold whatever comes in whatever order.

The VModel is a real one and its callers are real threads, of which one runs at a time: each parks where it waits,
inside methods and hooks, and between announcing itself and looking at the gate. Hypothesis says who goes on.
"""

from collections.abc import Callable, Sequence

from baton import Player, nothing
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from world import CARDS, CORES, ROOM, Boom, Kind, World

from vmodel import State
from vmodel._scene import PATIENCE
from vmodel.errors import IllegalStep, VModelError

KINDS = st.builds(
    Kind,
    name=st.just(""),
    protocol=st.sampled_from(["standard", "standard", "simplified", "minimal"]),
    memory=st.sampled_from([0, 30, 40, 60, 60, 100]),
    cpu=st.sampled_from([0, 0, 1, 2]),
    gpu=st.sampled_from([None, None, None, "0", "0,1", {"count": 1, "memory": 60}, {"count": 1, "memory": 40}]),
    limit=st.sampled_from([0, 0, 1, 2, None]),
    pin=st.sampled_from([False, False, False, True]),
)
PICKS = st.integers(0, 9)
TIMEOUTS = st.sampled_from([None, None, None, 0.5, 2.0])
DUMPS = st.sampled_from([None, None, None, "unload", "cleanup"])
STEPS = ("prepare", "load", "test", "unload", "cleanup")


def raising(kind: type[BaseException]) -> Callable[[], object]:
    """Return what raises an error of that *kind*."""

    def fail() -> object:
        raise kind

    return fail


def pick(players: Sequence[Player], number: int) -> Player:
    """Return one of *players*."""
    return players[number % len(players)]


class Scheduler(RuleBasedStateMachine):
    """What may happen, and what must hold after it."""

    world: World

    @initialize(kinds=st.lists(KINDS, min_size=2, max_size=4))
    def make(self, kinds: list[Kind]) -> None:
        """Make a VModel of some services."""
        self.world = World([Kind(**{**vars(kind), "name": "abcd"[number]}) for number, kind in enumerate(kinds)])
        self.names = list(self.world.services)
        self.calls = 0

    def _name(self, number: int) -> str:
        return self.names[number % len(self.names)]

    def _caller(self, number: int, timeout: float | None, dump: str | None) -> Callable[[], object]:
        vm, name = self.world.vm, self._name(number)
        if dump is None:
            return lambda: vm.run(name, "call", timeout=timeout)
        return lambda: vm.run_and_dump(name, "call", timeout=timeout, keep_files=dump == "unload")

    def _step(self, number: int, step: str) -> Callable[[], object]:
        service = self.world.services[self._name(number)]

        def take() -> None:
            service.may_stop = service.may_stop or step in ("unload", "cleanup")
            getattr(self.world.vm, step)(service.kind.name)

        return take

    def _go(self, what: str, work: Callable[[], object]) -> None:
        self.calls += 1
        self.world.baton.go(f"{self.calls}: {what}", work)

    @rule(number=PICKS, timeout=TIMEOUTS, dump=DUMPS)
    def call(self, number: int, timeout: float | None, dump: str | None) -> None:
        """Somebody outside calls a service."""
        self._go(f"call {self._name(number)}", self._caller(number, timeout, dump))

    @rule(number=PICKS, step=st.sampled_from(STEPS))
    def ask_by_name(self, number: int, step: str) -> None:
        """Somebody outside asks for a step."""
        self._go(f"{step} {self._name(number)}", self._step(number, step))

    @precondition(lambda self: self.world.baton.at("call", "hook"))
    @rule(who=PICKS, number=PICKS, timeout=TIMEOUTS, dump=DUMPS)
    def call_from_inside(self, who: int, number: int, timeout: float | None, dump: str | None) -> None:
        """A method or a hook calls a service."""
        self._nest(who, self._caller(number, timeout, dump))

    @precondition(lambda self: self.world.baton.at("call"))
    @rule(who=PICKS, number=PICKS, step=st.sampled_from(STEPS))
    def ask_from_inside(self, who: int, number: int, step: str) -> None:
        """A method asks for a step of a service."""
        self._nest(who, self._step(number, step), "call")

    def _nest(self, who: int, work: Callable[[], object], *places: str) -> None:
        def nested() -> World:
            try:
                work()
            except IllegalStep:
                raise
            except (VModelError, Boom):
                pass
            return self.world

        self.world.baton.resume(pick(self.world.baton.at(*places or ("call", "hook")), who), nested)

    @precondition(lambda self: self.world.baton.at("call"))
    @rule(who=PICKS, answer=st.sampled_from([nothing, nothing, nothing, raising(Boom)]))
    def end_call(self, who: int, answer: Callable[[], object]) -> None:
        """A method returns, or raises."""
        self.world.baton.resume(pick(self.world.baton.at("call"), who), answer)

    @precondition(lambda self: self.world.baton.at("hook"))
    @rule(who=PICKS, answer=st.sampled_from([*[nothing] * 6, lambda: False, raising(Boom), raising(SystemExit)]))
    def end_hook(self, who: int, answer: Callable[[], object]) -> None:
        """A hook returns, says that it failed, or raises."""
        self.world.baton.resume(pick(self.world.baton.at("hook"), who), answer)

    @precondition(lambda self: self.world.baton.at("announced", "leaving"))
    @rule(who=PICKS)
    def go_on(self, who: int) -> None:
        """A caller on the fast way takes its next step."""
        self.world.baton.resume(pick(self.world.baton.at("announced", "leaving"), who))

    def _due(self) -> list[Player]:
        return [player for player in self.world.baton.at("wait") if player.bell.due]

    @precondition(lambda self: self._due())
    @rule(who=PICKS)
    def wake(self, who: int) -> None:
        """A caller that was answered, or whose time is over, wakes up."""
        self.world.baton.resume(pick(self._due(), who))

    @precondition(lambda self: self.world.baton.at("wait"))
    @rule(who=PICKS)
    def interrupt(self, who: int) -> None:
        """Somebody presses Ctrl-C while a caller waits, answered or not."""
        self.world.baton.resume(pick(self.world.baton.at("wait"), who), raising(KeyboardInterrupt))

    @rule(seconds=st.sampled_from([0.25, PATIENCE, 20.0, 400.0]))
    def pass_time(self, seconds: float) -> None:
        """Time passes, and those whose time is over wake up."""
        self.world.now += seconds
        for player in [player for player in self._due() if not player.bell.rung]:
            self.world.baton.resume(player)

    @rule(others=st.sampled_from([0, 0, 920]))
    def use_the_machine(self, others: int) -> None:
        """Other programs use more or less of the memory."""
        self.world.others = others

    @invariant()
    def errors_are_typed(self) -> None:
        """Each call ends in one result or in one error of ours, or its own."""
        for player in self.world.baton.ended:
            error = player.error
            if error is not None and (
                not isinstance(error, VModelError | Boom | KeyboardInterrupt | SystemExit)
                or isinstance(error, IllegalStep)
            ):
                raise error
        self.world.baton.ended.clear()

    @invariant()
    def no_ledger_is_over_promised(self) -> None:
        """Neither by what services really hold nor by what they are charged with."""
        holdings = self.world.orchestrator.holdings()
        for key in ("memory", *CARDS):
            booked = sum(holding.amounts.get(key, 0) for holding in holdings)
            assert self.world.really(key) <= booked <= ROOM, f"{key}: {self.world.really(key)} in use, {booked} booked"
        assert sum(holding.cores for holding in holdings) <= CORES

    @invariant()
    def gates_and_seats_are_right(self) -> None:
        """Who finds a gate open may go in, and no service has more calls inside than it takes."""
        for name, tenant in self.world.tenants.items():
            calls = self.world.services[name].calls
            assert calls <= tenant.inside, f"{calls} calls are inside {name!r}, {tenant.inside} are known"
            assert tenant.limit is None or (calls <= tenant.limit == tenant.seat_count or not tenant.seat_count)
            if tenant.gate_open:
                assert (tenant.state, tenant.mover, tenant.waiting) == (State.READY, None, 0)

    @precondition(lambda self: not self.world.baton.at("announced", "leaving"))
    @invariant()
    def who_can_be_answered_is_answered(self) -> None:
        """Nothing is left to decide when nothing changes."""
        waiting = self.world.queue.waiting()
        self.world.orchestrator.settle()
        still = self.world.queue.waiting()
        assert still == waiting, f"{[ticket for ticket in waiting if ticket not in still]} could have been answered"

    @invariant()
    def not_all_wait_for_one_another(self) -> None:
        """Somebody can go on, without any time passing."""
        players = self.world.baton.players
        assert not players or any(player.bell is None or player.bell.due for player in players), self._story()

    def _story(self) -> str:
        lines = [f"{ticket}, called by {ticket.chain}: {ticket.waits}" for ticket in self.world.queue.waiting()]
        lines += [str(tenant) for tenant in self.world.tenants.values()]
        lines += [str(holding) for holding in self.world.orchestrator.holdings()]
        return "\n".join(lines)

    def teardown(self) -> None:
        """Let everything end: everybody is served or refused, and nothing is left."""
        if not hasattr(self, "world"):
            return
        try:
            self._finish()
        finally:
            self.world.close()

    def _finish(self) -> None:
        baton, patience = self.world.baton, 3
        while baton.players and patience:
            awake = [player for player in baton.players if player.bell is None or player.bell.due]
            for player in awake[:1]:
                baton.resume(player)
            if not awake:
                self.world.now += PATIENCE
                patience -= 1
        assert not baton.players, f"these wait for ever: {self._story()}"
        self.errors_are_typed()
        for tenant in self.world.tenants.values():
            assert (tenant.inside, tenant.waiting, tenant.mover) == (0, 0, None), tenant
        assert not self.world.queue
        for name in self.names:
            self._step(self.names.index(name), "unload")()
        assert self.world.orchestrator.holdings() == ()
        self.world.vm.close()


Scheduler.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestScheduler = Scheduler.TestCase
