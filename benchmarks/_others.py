"""What else can call add(a: int, b: int) with arguments by name: one function each, that returns a timer of it.

Each imports what it needs itself, so that what is not installed is left out.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from timeit import Timer
from typing import Any

from _harness import Report, Timed

Add = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Other:
    """Another way to call a function; `aim` is how many times our own time it should take."""

    timer: Callable[[Add, ExitStack], Timed]
    aim: float | None = None


def build(report: Report, name: str, other: Other, add: Add, stack: ExitStack) -> Timed | None:
    """Return the timer of *other*, or None where what it needs is not installed."""
    try:
        return other.timer(add, stack)
    except ImportError as error:
        report.left_out[name] = str(error)
        return None


def repeated(statement: str, **names: object) -> Timed:
    """Return the timer of *statement*; the garbage collector stays on."""
    return Timer(statement, "import gc; gc.enable()", globals=names).timeit


def awaited(stack: ExitStack, call: Callable[[], Awaitable[object]]) -> Timed:
    """Return the timer of *call*, awaited in one loop."""
    loop = asyncio.new_event_loop()
    stack.callback(loop.close)

    async def often(calls: int) -> float:
        await call()  # anyio starts a worker thread for each run of the loop: that is not what a call costs
        started = time.perf_counter()
        for _ in range(calls):
            await call()
        return time.perf_counter() - started

    return lambda calls: loop.run_until_complete(often(calls))


def arguments_schema(add: Add, _: ExitStack) -> Timed:
    """Validate with pydantic-core, then call."""
    from pydantic import TypeAdapter
    from pydantic_core import SchemaValidator

    function: Any = add
    schema: Any = TypeAdapter(function).core_schema
    validator = SchemaValidator(schema["arguments_schema"])
    statement = "args, named = validate({'a': 1, 'b': 2}); add(*args, **named)"
    return repeated(statement, validate=validator.validate_python, add=add)


def validate_call(add: Add, _: ExitStack) -> Timed:
    """Validate and call with pydantic's decorator."""
    import pydantic

    return repeated("add(a=1, b=2)", add=pydantic.validate_call(add))


def msgspec_convert(add: Add, _: ExitStack) -> Timed:
    """Validate with msgspec, then call."""
    import msgspec

    arguments = msgspec.defstruct("Arguments", [("a", int), ("b", int)])
    statement = "given = convert({'a': 1, 'b': 2}, Arguments, strict=False); add(given.a, given.b)"
    return repeated(statement, convert=msgspec.convert, Arguments=arguments, add=add)


def pluggy_hook(add: Add, _: ExitStack) -> Timed:
    """Call a hook that has one implementation."""
    import pluggy

    class Calculator:
        @pluggy.HookspecMarker("benchmark")
        def add(self, a: int, b: int) -> int:
            raise NotImplementedError

    class Plugin:
        @pluggy.HookimplMarker("benchmark")
        def add(self, a: int, b: int) -> int:
            return add(a, b)

    plugins = pluggy.PluginManager("benchmark")
    plugins.add_hookspecs(Calculator)
    plugins.register(Plugin())
    return repeated("add(a=1, b=2)", add=plugins.hook.add)


def thread_pool(add: Add, stack: ExitStack) -> Timed:
    """Call in another thread and wait for the result."""
    pool = stack.enter_context(ThreadPoolExecutor(1))
    return repeated("submit(add, a=1, b=2).result()", submit=pool.submit, add=add)


def bentoml_service(add: Add, _: ExitStack) -> Timed:
    """Call the instance of a BentoML service in this process."""
    import bentoml

    class Calculator:
        @bentoml.api
        def add(self, a: int, b: int) -> int:
            return add(a, b)

    return repeated("calculator.add(a=1, b=2)", calculator=bentoml.service(Calculator)())


def mcp_tool_manager(add: Add, stack: ExitStack) -> Timed:
    """Call a tool through the tool manager of the MCP SDK."""
    try:
        from mcp.server.mcpserver import Context, MCPServer
    except ModuleNotFoundError:  # its first major version
        from mcp.server.fastmcp import Context
        from mcp.server.fastmcp import FastMCP as MCPServer
    server = MCPServer("benchmark")
    server.add_tool(add)
    manager, context = server._tool_manager, Context()  # noqa: SLF001  # it has no public name
    return awaited(stack, lambda: manager.call_tool("add", {"a": 1, "b": 2}, context=context))


def langchain_tool(add: Add, _: ExitStack) -> Timed:
    """Invoke a LangChain tool."""
    from langchain_core.tools import StructuredTool

    return repeated("invoke({'a': 1, 'b': 2})", invoke=StructuredTool.from_function(add).invoke)


def fastmcp_tool(add: Add, stack: ExitStack) -> Timed:
    """Call a tool of a FastMCP server in this process."""
    import fastmcp

    server = fastmcp.FastMCP("benchmark")
    server.tool(add)
    return awaited(stack, lambda: server.call_tool("add", {"a": 1, "b": 2}))


def ray_actor(add: Add, stack: ExitStack) -> Timed:
    """Call an actor on a Ray cluster of this machine."""
    import ray

    class Calculator:
        def add(self, a: int, b: int) -> int:
            return add(a, b)

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    stack.callback(ray.shutdown)
    actor = ray.remote(Calculator).remote()
    return repeated("get(add.remote(a=1, b=2))", get=ray.get, add=actor.add)


NEAR = {
    "pydantic-core arguments schema, then call": Other(arguments_schema),
    "msgspec.convert (lax), then call": Other(msgspec_convert),
    "pydantic validate_call": Other(validate_call),
    "pluggy hook": Other(pluggy_hook),
}
REMOTE = {
    "ThreadPoolExecutor submit and result": Other(thread_pool),
    "BentoML, service instance in process": Other(bentoml_service, aim=10),
    "MCP SDK tool manager": Other(mcp_tool_manager, aim=40),
    "LangChain StructuredTool.invoke": Other(langchain_tool, aim=100),
    "FastMCP server.call_tool": Other(fastmcp_tool),
    "Ray actor": Other(ray_actor, aim=600),
}
