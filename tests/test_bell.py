"""What wakes the holder of a ticket."""

import asyncio

from vmodel._bell import LoopBell, ThreadBell


async def new_bell() -> LoopBell:
    """Return a bell of the loop that runs."""
    return LoopBell()


def test_the_bell_of_a_closed_loop_is_gone() -> None:
    """Ringing it is no error, and whoever looks knows that nobody will ever come."""
    loop = asyncio.new_event_loop()
    bell = loop.run_until_complete(new_bell())
    bell.ring()
    assert not bell.gone
    loop.close()
    bell.ring()
    assert bell.gone


def test_a_thread_always_hears() -> None:
    """It was rung before it waited, and twice."""
    bell = ThreadBell()
    bell.ring()
    bell.ring()
    bell.wait(None)
    assert not bell.gone
