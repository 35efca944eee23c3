"""Services that come while others come and go: each name is one service's, and a refusal leaves no trace."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from services import Made, Threads, raising

import vmodel._directory
from vmodel import VModel
from vmodel.errors import DuplicateDeclaration, MissingFunction, VModelClosed

ADD = ("one", "add", {"a": 1, "b": 2})


def declarations(made: Made) -> list[object]:
    """Return what *made* declares, to take from and to add to."""
    return vars(made.module)["__vmodel_declarations__"].declarations


def both(first: Made, second: Made) -> ModuleType:
    """Return a module that declares two services."""
    declarations(first).extend(declarations(second))
    return first.module


def meeting(call: Callable[..., object]) -> Callable[..., object]:
    """Return *call*, which two must have made before either gets its result."""
    barrier = threading.Barrier(2)

    def meet(*args: object) -> object:
        result = call(*args)
        barrier.wait(10)
        return result

    return meet


def test_of_two_that_are_added_at_once_under_one_name_one_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not hide the other one, and whoever added it is told."""
    monkeypatch.setattr(vmodel._directory, "collect", meeting(vmodel._directory.collect))
    with VModel() as vm:
        with Threads() as threads:
            threads.go(vm.add, Made().module)
            threads.go(vm.add, Made().module)
        assert sorted(threads.results) == [(), ("one",)]
        assert [type(finding) for finding in vm.status().findings] == [DuplicateDeclaration]
        assert vm.run(*ADD) == 3


def test_a_strict_refusal_takes_nothing_in() -> None:
    """Neither the whole services of the entry nor the findings."""
    good, bad = Made("good"), Made("bad")
    declarations(bad).pop()
    with VModel() as vm:
        with pytest.raises(MissingFunction):
            vm._directory.collect(both(good, bad), strict=True)
        assert vm.services == ()
        assert vm.status().findings == ()


def test_who_is_not_let_in_leaves_no_trace() -> None:
    """Whoever comes to a VModel that was closed meanwhile."""
    with VModel([Made().module]) as vm:
        with pytest.raises(VModelClosed):
            vm._directory.collect(
                both(Made("two"), Made("three")), let_in=raising(VModelClosed("this VModel is closed"))
            )
        assert vm.services == ("one",)
        assert vm._directory.collect(Made("two").module)[0] == [vm._directory.tenant("two")]


def test_the_finding_of_a_service_that_was_repaired_is_gone() -> None:
    """Of one that is still broken there is one, however often it is tried."""
    bad, worse = Made("bad"), Made("worse")
    taken = declarations(bad).pop()
    declarations(worse).pop()
    with VModel([bad.module, worse.module, worse.module]) as vm:
        assert [finding.service for finding in vm.status().findings] == ["bad", "worse"]
        declarations(bad).append(taken)
        assert vm.add(bad.module) == ("bad",)
        assert [finding.service for finding in vm.status().findings] == ["worse"]


def test_the_finding_of_a_package_that_was_repaired_is_gone(write_module: Callable[[str, str], Path]) -> None:
    """That of another package stays."""
    write_module("boom", "1 / 0")
    with VModel(["boom", "nowhere_at_all"]) as vm:
        assert len(vm.status().findings) == 2
        write_module(
            "boom",
            "from vmodel.protocol.minimal_protocol import *\n"
            "@get_service_info_func('late')\ndef info(): return {}\n"
            "@service_func(None, 'late')\ndef add(a, b): return a + b\n",
        )
        assert vm.add("boom") == ("late",)
        assert ["nowhere_at_all" in finding.message for finding in vm.status().findings] == [True]


def test_a_call_that_was_built_for_a_removed_service_is_not_kept() -> None:
    """The next service of its name is called, not the one that is gone."""
    one, entered, go_on = Made(), threading.Event(), threading.Event()
    with VModel([one.module]) as vm:
        signature = vm._engine.signature

        def slow(*args: object) -> object:
            entered.set()
            assert go_on.wait(10)
            return signature(*args)

        vm._engine.signature = slow
        with Threads() as threads:
            threads.go(vm._directory.call, "one", "add")
            assert entered.wait(10)
            vm.remove("one")
            vm.add(one.module)
            go_on.set()
        assert vm.run(*ADD) == 3
