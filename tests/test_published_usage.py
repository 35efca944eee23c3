"""Programs and services as people found them described for vmodel 0.0.2 go on working."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vmodel.errors import NeverFits
from vmodel.vmodel import VModel

WITH_PLACEHOLDERS = """
from vmodel.protocol.{protocol}_protocol import *

@service_func('func_1', 'old')
def first(a:int, b:int):
    print("method")
    return a + b

@service_func('func_2', 'old')
def second(a:str, b:str):
    return a + ' ' + b

@get_service_info_func('old')
def info():
    print("info")
    return {{
        'service_name': '服务名称',
        'service_desc': '服务描述',
        'resources': {{'cpu': 1, 'memory': 1024, 'gpu': '98,99'}},
        'methods': [{{'name': '方法名称', 'desc': '方法的描述', 'params': [], 'return': {{'type': '返回值类型'}}}}],
    }}
"""
HOOK = """
@{hook}_func('old')
def my_{hook}():
    print("{hook}")
    return True
"""
HOOKS = {
    "standard": ("prepare", "load", "test", "unload", "cleanup"),
    "simpler": ("prepare", "cleanup"),
    "wabi": (),
}


@pytest.fixture(params=HOOKS)
def old(request: pytest.FixtureRequest, write_module: Callable[[str, str], Path]) -> tuple[str, Path]:
    """Return a service of each protocol in the published style: prints, placeholders, cards that are not there."""
    hooks = "".join(HOOK.format(hook=hook) for hook in HOOKS[request.param])
    source = WITH_PLACEHOLDERS.format(protocol=request.param) + hooks
    return request.param, write_module(f"old_{request.param}", source)


def test_the_published_call_works_as_it_is_written() -> None:
    """The two packages, the positional arguments, the results."""
    vm = VModel(
        [
            {"package": "vmodel.service_example.service_example"},
            {"package": "vmodel.service_example.service_example_2"},
        ]
    )
    assert vm.run_and_dump("service_1", "func_1", {"a": 1, "b": 2}) == 3
    assert vm.run_and_dump("service_2", "func_1", {"a": 1, "b": 2}) == 3
    assert vm.run_and_dump("service_1", "func_2", {"a": "hello", "b": "world"}) == "hello world"
    vm.close()


def test_a_service_with_placeholders_runs_its_steps_in_the_published_order(
    old: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """With limits off nothing else is asked of it."""
    protocol, path = old
    before = [hook for hook in HOOKS[protocol] if hook in ("prepare", "load", "test")]
    after = [hook for hook in HOOKS[protocol] if hook in ("unload", "cleanup")]
    with VModel([path], limits="off") as vm:
        assert vm.run_and_dump("old", "func_1", {"a": 1, "b": 2}) == 3
        assert capsys.readouterr().out.split() == [*before, "method", *after]


def test_cards_that_are_not_there_are_named_and_no_hook_runs(
    old: tuple[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """What no machine of this kind has is refused at once."""
    with VModel([old[1]]) as vm, pytest.raises(NeverFits, match="it asks for cards 98 and 99"):
        vm.run_and_dump("old", "func_1", {"a": 1, "b": 2})
    assert capsys.readouterr().out.split() == ["info"]


def test_registered_names_take_the_place_of_placeholders(old: tuple[str, Path]) -> None:
    """The author's texts are kept where they are about something that is there."""
    with VModel([old[1]], limits="off") as vm:
        info = vm.get_service_info("old")
    assert (info["service_name"], info["service_desc"]) == ("old", "服务描述")
    assert info["resources"] == {"cpu": 1, "memory": 1024, "gpu": "98,99"}
    assert [method["name"] for method in info["methods"]] == ["func_1", "func_2"]
