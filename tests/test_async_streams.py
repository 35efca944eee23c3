"""Streams in an event loop whose VModel is closed before they came to their end."""

import asyncio

import pytest
from services import Made
from test_async import on_loop

from vmodel import State, VModel
from vmodel.errors import VModelClosed


def test_who_reads_an_async_generator_on_that_close_ended_is_told() -> None:
    """Its body is closed by that step: it can only be closed in its loop."""
    module = on_loop()

    async def main() -> None:
        with VModel([module]) as vm:
            stream = await vm.arun("loop", "pieces")
            assert await anext(stream) == (0, "loop")
        assert module.left == []
        for _ in range(2):
            with pytest.raises(VModelClosed, match="before this stream came to its end"):
                await anext(stream)
        await stream.aclose()
        assert module.left == [True]

    asyncio.run(main())


def test_who_reads_a_sync_generator_on_that_close_ended_is_told() -> None:
    """Its seat was given back by close, which did not wait for it."""
    one = Made()
    one.methods["call"] = lambda _: (piece for piece in range(3))

    async def main() -> None:
        with VModel([one.module]) as vm:
            stream = await vm.arun("one", "call")
            assert await anext(stream) == 0
        assert vm.status().services["one"].state is State.PREPARED
        with pytest.raises(VModelClosed, match="before this stream came to its end"):
            await anext(stream)

    asyncio.run(main())


def test_an_async_stream_that_its_reader_ended_just_stops() -> None:
    """Also when the VModel is closed afterwards."""

    async def main() -> None:
        with VModel([on_loop(max_concurrency=None)]) as vm:
            stream = await vm.arun("loop", "pieces")
            await stream.aclose()
        assert [piece async for piece in stream] == []

    asyncio.run(main())
