"""Every way a hook can fail: the state it leaves, the error it becomes, and who is tried again when."""

import gc
import os
import time
import weakref
from pathlib import Path

import pytest
from services import Made, raising

from vmodel import State, VModel
from vmodel.errors import CoolingDown, InvalidInfo, NeverFits, ServiceUnusable, StepFailed

WAYS = {
    "raises": raising(OSError("disk on fire")),
    "says False": lambda: False,
    "says 0": lambda: 0,
    "exits": raising(SystemExit(3)),
}
AFTERWARDS = {
    "prepare": (State.NEW, ["prepare"]),
    "load": (State.PREPARED, ["prepare", "load", "unload"]),
    "test": (State.UNUSABLE, ["prepare", "load", "test", "unload"]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hook", AFTERWARDS)
def test_a_failed_step_is_undone_and_named(hook: str, way: str) -> None:
    """What was begun is undone as the table says, and the error names service, step and place."""
    one = Made()
    one.on(hook, WAYS[way])
    state, steps = AFTERWARDS[hook]
    with VModel([one.module]) as vm:
        with pytest.raises(StepFailed, match=f"service 'one' failed to {hook}: ") as raised:
            vm.run("one", "add", {"a": 1, "b": 2})
        status = vm.status().services["one"]
        assert (status.state, one.steps) == (state, steps)
    assert (raised.value.service, raised.value.step) == ("one", hook)
    assert ".py:" in str(raised.value)
    assert (status.failed_step and status.failed_step.value, status.inside, status.waiting) == (hook, 0, 0)


@pytest.mark.parametrize("hook", ["prepare", "load", "test", "unload", "cleanup"])
def test_a_hook_that_forgets_to_return_true_succeeds(hook: str) -> None:
    """None is success."""
    one = Made()
    one.on(hook, lambda: None)
    with VModel([one.module]) as vm:
        assert vm.run_and_dump("one", "add", {"a": 1, "b": 2}) == 3
        assert vm.status().services["one"].state is State.NEW


def test_a_hook_that_is_a_coroutine_function_fails() -> None:
    """Nobody would run it; and Python does not warn of it either."""
    one = Made()

    async def load() -> bool:
        return True

    one.on("load", load)
    with VModel([one.module]) as vm, pytest.raises(StepFailed, match="is a coroutine function; hooks are plain"):
        vm.load("one")


def test_the_cause_of_a_failure_is_the_hooks_own_exception() -> None:
    """For the caller whose attempt it was; the others are told in words."""
    one, error = Made(), OSError("disk on fire")
    one.on("load", raising(error))
    with VModel([one.module]) as vm, pytest.raises(StepFailed) as raised:
        vm.load("one")
    assert raised.value.__cause__ is error


def test_a_failed_prepare_or_load_cools_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 seconds, doubled with each failure in a row up to 5 minutes; who comes meanwhile is refused at once."""
    one, now = Made(), [0.0]
    one.on("load", WAYS["raises"])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with VModel([one.module]) as vm:
        waits = []
        for _ in range(7):
            with pytest.raises(StepFailed):
                vm.run("one", "add", {"a": 1, "b": 2})
            ran = len(one.steps)
            with pytest.raises(CoolingDown, match="disk on fire") as refused:
                vm.run("one", "add", {"a": 1, "b": 2})
            assert len(one.steps) == ran
            waits.append(refused.value.retry_after)
            now[0] += waits[-1]
        assert waits == [10, 20, 40, 80, 160, 300, 300]
        one.on("load", lambda: True)
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3
        assert vm.status().services["one"].failure is None


def test_a_step_by_name_does_not_wait_for_the_cool_down() -> None:
    """Whoever asks by name wants it tried now."""
    one = Made()
    one.on("prepare", WAYS["says False"])
    with VModel([one.module]) as vm:
        for _ in range(2):
            with pytest.raises(StepFailed):
                vm.prepare("one")
        one.on("prepare", lambda: True)
        vm.prepare("one")
        assert vm.status().services["one"].state is State.PREPARED


def test_a_failed_test_makes_the_service_unusable_until_one_passes() -> None:
    """Calls are refused without loading; `vm.load` loads and tests again; a cleanup does not change the verdict."""
    one = Made()
    one.on("test", WAYS["says False"])
    with VModel([one.module]) as vm:
        with pytest.raises(StepFailed):
            vm.run("one", "add", {"a": 1, "b": 2})
        ran = len(one.steps)
        with pytest.raises(ServiceUnusable, match="failed its own test"):
            vm.run("one", "add", {"a": 1, "b": 2})
        assert len(one.steps) == ran
        vm.cleanup("one")
        with pytest.raises(ServiceUnusable, match="failed its own test"):
            vm.run("one", "add", {"a": 1, "b": 2})
        one.on("test", lambda: True)
        vm.load("one")
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3


def test_a_ready_service_that_fails_its_test_on_request_is_unusable() -> None:
    """The test hook is asked again while it serves."""
    one = Made()
    with VModel([one.module]) as vm:
        vm.load("one")
        one.on("test", WAYS["says False"])
        with pytest.raises(StepFailed):
            vm.test("one")
        assert vm.status().services["one"].state is State.UNUSABLE


def test_a_service_that_cannot_be_unloaded_is_stuck_and_tried_once_more() -> None:
    """At the next need, once; then only by name."""
    one = Made()
    with VModel([one.module]) as vm:
        vm.load("one")
        one.on("unload", WAYS["raises"])
        with pytest.raises(StepFailed):
            vm.unload("one")
        assert vm.status().services["one"].state is State.STUCK
        with pytest.raises(StepFailed, match="failed to unload"):
            vm.run("one", "add", {"a": 1, "b": 2})
        ran = len(one.steps)
        with pytest.raises(ServiceUnusable, match="could not be unloaded"):
            vm.run("one", "add", {"a": 1, "b": 2})
        assert len(one.steps) == ran
        one.on("unload", lambda: True)
        vm.unload("one")
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3


def test_a_failed_test_whose_unload_fails_too_is_stuck() -> None:
    """Its memory is still held, and the state says so."""
    one = Made()
    one.on("test", WAYS["says False"])
    one.on("unload", WAYS["raises"])
    with VModel([one.module]) as vm:
        with pytest.raises(StepFailed, match="failed to test"):
            vm.load("one")
        assert vm.status().services["one"].state is State.STUCK


def test_a_failed_load_whose_unload_fails_too_is_prepared(caplog: pytest.LogCaptureFixture) -> None:
    """Many unload functions fail where nothing was loaded; it is logged, and says nothing more."""
    one = Made()
    one.on("load", WAYS["says False"])
    one.on("unload", WAYS["raises"])
    with VModel([one.module]) as vm:
        with pytest.raises(StepFailed, match="failed to load"):
            vm.load("one")
        assert vm.status().services["one"].state is State.PREPARED
    assert "disk on fire" in caplog.text


def test_a_failed_cleanup_keeps_the_files() -> None:
    """PREPARED, and the error is the caller's."""
    one = Made()
    one.on("cleanup", WAYS["raises"])
    with VModel([one.module]) as vm:
        vm.load("one")
        with pytest.raises(StepFailed, match="failed to cleanup"):
            vm.cleanup("one")
        assert vm.status().services["one"].state is State.PREPARED


@pytest.mark.parametrize(
    ("hook", "state"), [("prepare", State.NEW), ("load", State.PREPARED), ("test", State.PREPARED)]
)
def test_a_keyboard_interrupt_passes_through_and_is_no_failure(hook: str, state: State) -> None:
    """Unload is tried, nothing is remembered, and the next caller takes over at once."""
    one = Made()
    one.on(hook, raising(KeyboardInterrupt()))
    with VModel([one.module]) as vm:
        with pytest.raises(KeyboardInterrupt):
            vm.run("one", "add", {"a": 1, "b": 2})
        status = vm.status().services["one"]
        assert (status.state, status.failure, status.test_failed) == (state, None, False)
        assert ("unload" in one.steps) is (hook != "prepare")
        one.on(hook, lambda: True)
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3


def test_a_hook_that_changes_the_working_directory_is_put_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The folder belongs to the application."""
    one, before = Made(), Path.cwd()
    one.on("load", lambda: os.chdir(tmp_path))
    with VModel([one.module]) as vm:
        vm.load("one")
    assert Path.cwd() == before
    assert "changed the working directory" in caplog.text


def test_what_a_failed_load_held_is_free_before_unload_runs() -> None:
    """A kept traceback would pin half-loaded tensors."""
    one, seen = Made(), []

    class Tensor:
        pass

    def load() -> None:
        tensor = Tensor()
        seen.append(weakref.ref(tensor))
        raise MemoryError(str(tensor))

    def unload() -> bool:
        gc.collect()
        seen.append(seen[0]())
        return True

    one.on("load", load)
    one.on("unload", unload)
    with VModel([one.module]) as vm, pytest.raises(StepFailed):
        vm.load("one")
    assert seen[1] is None


@pytest.mark.parametrize(
    ("info", "message"),
    [
        ({"resources": {"cpu": 100_000}}, "it asks for 100000 cores, this machine has"),
        ({"resources": {"memory": "100000GiB"}}, "it asks for 97.7 TiB of memory, this machine has"),
        ({"resources": {"gpu": "98,99"}}, "it asks for cards 98 and 99, this machine has"),
    ],
)
def test_what_no_machine_has_is_refused_before_any_hook(info: dict[str, object], message: str) -> None:
    """NeverFits names what is asked and what is there; by name as well as by a call."""
    one = Made(**info)
    with VModel([one.module]) as vm:
        for attempt in (lambda: vm.run("one", "add", {"a": 1, "b": 2}), lambda: vm.load("one")):
            with pytest.raises(NeverFits, match=message) as refused:
                attempt()
        assert one.steps == []
    assert "limits='off'" in str(refused.value.hint)


@pytest.mark.parametrize("limits", ["off", "warn"])
def test_limits_can_be_told_to_warn_or_to_look_away(limits: str, caplog: pytest.LogCaptureFixture) -> None:
    """For the VModel, for one service, or by the environment."""
    asking = {"resources": {"gpu": "98,99"}}
    with VModel([Made(**asking).module], limits=limits) as vm:
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3
    with VModel([{"package": Made(**asking).module, "limits": limits}]) as vm:
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3
    assert ("is run all the same" in caplog.text) is (limits == "warn")


def test_the_environment_takes_the_place_of_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """VMODEL_LIMITS is for the person who runs a program that others wrote."""
    monkeypatch.setenv("VMODEL_LIMITS", "off")
    with VModel([Made(resources={"cpu": 100_000}).module]) as vm:
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3
    monkeypatch.setenv("VMODEL_LIMITS", "of")
    with pytest.raises(ValueError, match="VMODEL_LIMITS must be one of enforce, warn, off, not 'of'"):
        VModel([])


def test_a_budget_makes_the_machine_smaller() -> None:
    """What fits the machine and not the budget never fits."""
    with VModel([Made(resources={"memory": "2MiB"}).module], budget={"memory": "1MiB"}) as vm:
        with pytest.raises(NeverFits, match="the budget allows"):
            vm.load("one")


def test_the_configuration_corrects_a_wrong_declaration() -> None:
    """`resources` in the entry takes the place of the author's."""
    one = Made(resources={"cpu": 100_000})
    with VModel([{"package": one.module, "resources": {"cpu": 1}}]) as vm:
        assert vm.run("one", "add", {"a": 1, "b": 2}) == 3


@pytest.mark.parametrize(
    "info", [{"resources": {"cpu": -1}}, {"max_concurrency": 0}, {"max_concurrency": True}, {"max_concurrency": "2"}]
)
def test_an_info_that_cannot_be_read_is_refused(info: dict[str, object]) -> None:
    """Nothing is guessed about limits."""
    with VModel([Made(**info).module]) as vm, pytest.raises(InvalidInfo):
        vm.load("one")


def test_an_info_function_that_fails_or_returns_no_dict_is_named() -> None:
    """With its place."""
    one = Made()
    vars(one.module)["dict"] = raising(RuntimeError("no info today"))
    with VModel([one.module]) as vm, pytest.raises(InvalidInfo, match=r"one\.py:\d+\) failed: RuntimeError: no info"):
        vm.get_service_info("one")
    vars(one.module)["dict"] = lambda _: None
    with VModel([one.module]) as vm, pytest.raises(InvalidInfo, match="must return a dict, not None"):
        vm.run("one", "add", {"a": 1, "b": 2})
