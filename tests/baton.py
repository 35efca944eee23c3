"""Real threads of which one runs at a time: each runs until it parks, and goes on when a test tells it to.

So every interleaving of the places where threads park can be played, and played again.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

LIMIT = 20.0
"""Seconds after which a thread that neither parks nor ends is taken for blocked."""


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thread is parked: what it does there, and in which service."""

    doing: str
    service: str = ""


class Player:
    """One thread; `place` says where it is parked, None that it has ended, with or without an `error`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.place: Place | None = None
        self.bell: Bell | None = None
        self.error: BaseException | None = None
        self.answer: Callable[[], object] = nothing
        self.turn = threading.Semaphore(0)

    def __repr__(self) -> str:
        return f"<{self.name}, {self.place.doing if self.place else 'ended'}>"


class Baton:
    """Hands the turn to one thread at a time; `players` has those that are parked, `ended` those that are not."""

    def __init__(self) -> None:
        self.players: list[Player] = []
        self.ended: list[Player] = []
        self._back = threading.Semaphore(0)
        self._local = threading.local()

    def go(self, name: str, work: Callable[[], object]) -> None:
        """Run *work* in a thread of its own until it parks or ends."""
        player = Player(name)
        self.players.append(player)
        threading.Thread(target=self._play, args=(player, work), daemon=True).start()
        self._hand_over(player)

    def resume(self, player: Player, answer: Callable[[], object] = nothing) -> None:
        """Let *player* go on until it parks or ends; what *answer* does is done where it parked."""
        player.answer = answer
        self._hand_over(player)

    def park(self, place: Place, bell: "Bell | None" = None) -> object:
        """Give the turn back; return what the answer returns. A thread that is no player goes on at once."""
        player = self.current
        if player is None:
            return None
        player.place, player.bell = place, bell
        self._back.release()
        player.turn.acquire()
        player.bell = None
        return player.answer()

    @property
    def current(self) -> Player | None:
        """The player that this thread is."""
        return getattr(self._local, "player", None)

    def at(self, *doing: str) -> list[Player]:
        """Return the players that are parked where they do one of these things."""
        return [player for player in self.players if player.place and player.place.doing in doing]

    def _hand_over(self, player: Player) -> None:
        player.turn.release()
        assert self._back.acquire(timeout=LIMIT), f"{player} is blocked where it does not park"
        if player.place is None:
            self.players.remove(player)
            self.ended.append(player)

    def _play(self, player: Player, work: Callable[[], object]) -> None:
        self._local.player = player
        player.turn.acquire()
        try:
            work()
        except BaseException as error:  # the test looks at it
            player.error = error
        player.place = None
        self._back.release()


class Bell:
    """Stands for the bell of a waiting thread, which is parked until the test finds the bell `due`."""

    gone = False

    def __init__(self, baton: Baton, clock: Callable[[], float]) -> None:
        self._baton = baton
        self._clock = clock
        self.rung = False
        self._until = 0.0

    @property
    def due(self) -> bool:
        """Whether somebody rang, or the time is over."""
        return self.rung or self._until <= self._clock()

    def ring(self) -> None:
        """Let whoever waits go on."""
        self.rung = True

    def wait(self, timeout: float | None) -> None:
        """Park."""
        self._until = float("inf") if timeout is None else self._clock() + timeout
        if not self.due:
            self._baton.park(Place("wait"), self)
        self.rung = False
