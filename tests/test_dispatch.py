"""Calls: from a name and a mapping to a result, and what runs before and after."""

import pytest
from services import Made, raising

import vmodel
from vmodel import State, VModel
from vmodel.errors import BadArguments, MethodNotFound, ServiceNotFound, VModelError, WouldDeadlock

UP = ["prepare", "load", "test"]
DOWN = ["unload", "cleanup"]


def test_the_first_call_prepares_loads_and_tests_and_later_ones_do_not() -> None:
    """`run` keeps the service warm."""
    one = Made()
    with VModel([one.module]) as vm:
        assert [vm.run("one", "add", {"a": 1, "b": 2}), vm.run("one", "add", {"a": 3, "b": "4"})] == [3, 7]
        assert one.steps == UP
    assert one.steps == [*UP, "unload"]


def test_run_and_dump_unloads_and_cleans_up_after_the_call() -> None:
    """`run_and_dump` leaves nothing behind, and the next call begins anew."""
    one = Made()
    with VModel([one.module]) as vm:
        one.methods["add"] = lambda a, b: [*one.steps]
        assert vm.run_and_dump("one", "add", {"a": 1, "b": 2}) == UP
        assert one.steps == [*UP, *DOWN]
        assert vm.status().services["one"].state is State.NEW


def test_keep_files_unloads_only() -> None:
    """`run_and_dump(keep_files=True)` ends PREPARED."""
    one = Made()
    with VModel([one.module]) as vm:
        vm.run_and_dump("one", "add", {"a": 1, "b": 2}, keep_files=True)
        assert one.steps == [*UP, "unload"]


def test_a_call_that_raised_is_dumped_as_well() -> None:
    """The method's exception passes through unchanged, after the dump."""
    one = Made()
    error = ZeroDivisionError("by the service")
    one.methods["call"] = raising(error)
    with VModel([one.module]) as vm, pytest.raises(ZeroDivisionError) as raised:
        vm.run_and_dump("one", "call")
    assert raised.value is error
    assert one.steps == [*UP, *DOWN]


def test_a_service_whose_method_raises_stays_ready() -> None:
    """An exception of a method says nothing about the service."""
    one = Made()
    one.methods["call"] = raising(SystemExit(3))
    with VModel([one.module]) as vm:
        with pytest.raises(SystemExit):
            vm.run("one", "call")
        assert vm.status().services["one"].state is State.READY
        assert vm.status().services["one"].methods["call"].failed == 1


@pytest.mark.parametrize("keep_files", [True, False])
def test_a_failing_dump_does_not_hide_the_result(keep_files: bool, caplog: pytest.LogCaptureFixture) -> None:
    """What the caller asked for was the call; the dump's error is logged."""
    one = Made()
    one.on("unload", raising(RuntimeError("stuck fast")))
    with VModel([one.module]) as vm:
        assert vm.run_and_dump("one", "add", {"a": 1, "b": 2}, keep_files=keep_files) == 3
        assert "stuck fast" in caplog.text
        assert vm.status().services["one"].state is State.STUCK


def test_a_failing_dump_does_not_hide_the_error_of_the_call() -> None:
    """The method's exception is the one that is raised."""
    one = Made()
    one.on("unload", raising(RuntimeError("stuck fast")))
    one.methods["call"] = raising(KeyError("the call's own"))
    with VModel([one.module]) as vm, pytest.raises(KeyError, match="the call's own"):
        vm.run_and_dump("one", "call")


@pytest.mark.parametrize(
    ("protocol", "up", "down"),
    [("standard", UP, DOWN), ("simplified", ["prepare"], ["cleanup"]), ("minimal", [], [])],
)
def test_each_protocol_runs_its_own_hooks_in_order(protocol: str, up: list[str], down: list[str]) -> None:
    """A hook that the protocol does not have succeeds."""
    one = Made(protocol=protocol)
    with VModel([one.module]) as vm:
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3
        assert one.steps == up
        vm.run_and_dump("one", "add", {"a": 1, "b": 2})
        assert one.steps == [*up, *down]


@pytest.mark.parametrize(
    ("service", "method", "kwargs", "error"),
    [
        ("two", "add", {}, ServiceNotFound),
        ("one", "ad", {}, MethodNotFound),
        ("one", "add", {"a": 1}, BadArguments),
        ("one", "add", {"a": 1, "b": "x", "c": 0}, BadArguments),
        ("one", "add", [1, 2], BadArguments),
        ("one", "add", "ab", BadArguments),
        (["one"], "add", {}, ServiceNotFound),
        ("one", {}, {}, MethodNotFound),
    ],
)
@pytest.mark.parametrize("way", ["run", "run_and_dump"])
def test_a_wrong_call_is_refused_before_anything_runs(way, service, method, kwargs, error) -> None:
    """Names and arguments are checked before a model is loaded."""
    one = Made()
    with VModel([one.module]) as vm:
        with pytest.raises(error):
            getattr(vm, way)(service, method, kwargs)
        assert one.steps == []


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    """A planner repairs its call from the error."""
    with VModel([Made("digits").module]) as vm:
        with pytest.raises(ServiceNotFound) as service:
            vm.run("digit", "add")
        with pytest.raises(MethodNotFound) as method:
            vm.run("digits", "ad")
    assert service.value.nearest == ("digits",)
    assert method.value.nearest == ("add",)
    assert "it has: add, call" in str(method.value)


def test_programs_written_for_vmodel_0_0_2_catch_unknown_names() -> None:
    """They wrote `except NotImplementedError`."""
    with VModel([Made().module]) as vm, pytest.raises(NotImplementedError):
        vm.run_and_dump("nobody", "add", {})


def test_the_proxy_calls_by_position_and_name() -> None:
    """`vm.service(name).method(…)` is for people."""
    with VModel([Made().module]) as vm:
        one = vm.service("one")
        assert one.add(1, b="2") == 3
        assert one["add"](1, 2) == 3
        assert {"add", "call"} <= set(dir(one))
        assert list(one) == ["add", "call"]
        assert repr(one) == "<service 'one': add, call>"
        with pytest.raises(BadArguments, match="takes 2 arguments by position, 3 were given"):
            one.add(1, 2, 3)
        with pytest.raises(TypeError, match="multiple values"):
            one.add(1, a=2)
        with pytest.raises(AttributeError, match="it has: add, call"):
            one.substract(1, 2)
        with pytest.raises(ServiceNotFound):
            vm.service("two")


def test_a_service_calls_another_through_current() -> None:
    """`vmodel.current().run()` goes through the same VModel, with the caller in the chain."""
    outer, inner = Made("outer"), Made("inner")
    outer.methods["call"] = lambda _: (
        vmodel.current().run("inner", "add", {"a": 1, "b": 2}),
        vmodel.current().service,
    )
    with VModel([outer.module, inner.module]) as vm:
        assert vm.run("outer", "call") == (3, "outer")
        assert inner.steps == UP


def test_a_service_that_calls_itself_needs_no_second_seat() -> None:
    """Re-entry by the same chain is exempt from the limit of one call at a time."""
    one = Made()
    one.methods["call"] = lambda depth: depth and vmodel.current().run("one", "call", {"argument": depth - 1})
    with VModel([one.module]) as vm:
        assert vm.run("one", "call", {"argument": 3}) == 0
        assert vm.status().services["one"].inside == 0


def test_a_test_hook_may_call_its_own_service() -> None:
    """The model is loaded when the test runs; that is what it tests."""
    one = Made()
    one.on("test", lambda: vmodel.current().run("one", "add", {"a": 1, "b": 1}) == 2)
    with VModel([one.module]) as vm:
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3


@pytest.mark.parametrize("hook", ["prepare", "load"])
def test_a_service_cannot_be_called_from_the_hook_that_makes_it_ready(hook: str) -> None:
    """It would wait for itself."""
    one, told = Made(), []

    def own_call() -> bool:
        with pytest.raises(WouldDeadlock, match=f"waits for the {hook} function"):
            vmodel.current().run("one", "add", {"a": 1, "b": 1})
        told.append(True)
        return True

    one.on(hook, own_call)
    with VModel([one.module]) as vm:
        vm.load("one")
    assert told == [True]


@pytest.mark.parametrize("step", ["unload", "cleanup", "test"])
def test_a_step_from_inside_the_service_is_refused(step: str) -> None:
    """It would wait for the end of the call that asks for it."""
    one = Made()
    with VModel([one.module]) as vm:
        one.methods["call"] = lambda _: getattr(vm, step)("one")
        with pytest.raises(WouldDeadlock):
            vm.run("one", "call")


def test_what_current_tells() -> None:
    """Name, settings, folder and devices of the running service."""
    one, seen = Made(), {}

    def look(_: object) -> None:
        here = vmodel.current()
        seen.update(name=here.service, settings=here.settings, devices=here.devices(), folder=here.service_dir())

    one.methods["call"] = look
    with VModel([{"package": one.module, "settings": {"size": 3}, "rename": "uno"}]) as vm:
        vm.run("uno", "call")
        assert seen.pop("folder").is_relative_to(vm.home)
    assert seen == {"name": "uno", "settings": {"size": 3}, "devices": ("cpu",)}


def test_progress_reaches_the_listener() -> None:
    """`vmodel.current().progress()` is an event."""
    one, events = Made(), []
    one.on("prepare", lambda: vmodel.current().progress(0.5, "half"))
    with VModel([one.module], on_event=events.append) as vm:
        vm.prepare("one")
    told = [(event.fraction, event.text) for event in events if isinstance(event, vmodel.Progress)]
    assert told == [(0.5, "half")]


def test_a_coroutine_method_is_run_to_its_end() -> None:
    """`run` gives it a loop of its own."""
    source = {}
    exec(
        "from vmodel.protocol.minimal_protocol import *\n"
        "@get_service_info_func('slow')\ndef info(): return {}\n"
        "@service_func('double', 'slow')\nasync def double(a: int): return 2 * a\n",
        source,
    )
    module = type(vmodel)("coroutines")
    vars(module).update(source)
    with VModel([module]) as vm:
        assert vm.run("slow", "double", {"a": 2}) == 4

        async def inside_a_loop() -> object:
            return vm.run("slow", "double", {"a": 2})

        import asyncio

        with pytest.raises(VModelError, match="this thread runs an event loop"):
            asyncio.run(inside_a_loop())


def test_the_info_has_the_registered_names() -> None:
    """Placeholders in a published info dict mislead nobody."""
    one = Made(service_name="服务名称", service_desc="服务描述", methods=[{"name": "方法名称", "desc": "方法的描述"}])
    with VModel([one.module]) as vm:
        info = vm.get_service_info("one")
        with pytest.raises(ServiceNotFound):
            vm.get_service_info("two")
    assert (info["service_name"], info["service_desc"]) == ("one", "服务描述")
    assert [method["name"] for method in info["methods"]] == ["add", "call"]
    assert [param["type"] for param in info["methods"][0]["params"]] == ["int", "int"]


def test_any_mapping_will_do_for_arguments() -> None:
    """A planner's own mapping type, too."""
    from types import MappingProxyType

    with VModel([Made().module]) as vm:
        assert vm.run("one", "add", MappingProxyType({"a": 1, "b": 2})) == 3
        with pytest.raises(BadArguments, match="a is missing; b is missing"):
            vm.run("one", "add")


def test_a_call_off_the_fast_way_carries_no_error_of_ours() -> None:
    """The context of a service's exception is its own."""
    one = Made()
    one.methods["call"] = raising(ZeroDivisionError("own"))
    with VModel([one.module]) as vm, pytest.raises(ZeroDivisionError) as raised:
        vm.run("one", "call")
    assert raised.value.__context__ is None
