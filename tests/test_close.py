"""The end of a VModel: close, exit, fork, collection, and modules that are used twice."""

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import ClassVar

import pytest
from services import Made, Threads, raising

from vmodel import Overran, State, Step, VModel
from vmodel.errors import IllegalStep, ServiceNotFound, VModelClosed, VModelError, WouldDeadlock

UP = ["prepare", "load", "test"]
ADD = ("one", "add", {"a": 1, "b": 2})


def test_close_unloads_the_last_loaded_first_and_keeps_the_files() -> None:
    """And a second close does nothing."""
    order: list[str] = []
    made = [Made(name) for name in ("one", "two", "three")]
    for each in made:
        each.on("unload", lambda name=each.name: order.append(name))
    vm = VModel([each.module for each in made])
    for name in ("two", "three", "one"):
        vm.load(name)
    vm.close()
    vm.close()
    assert order == ["one", "three", "two"]
    assert all("cleanup" not in each.steps for each in made)
    assert vm.status().closed


def test_a_closed_vmodel_lets_nobody_in() -> None:
    """Not even to a service that was READY."""
    vm = VModel([Made().module])
    vm.run(*ADD)
    vm.close()
    with pytest.raises(VModelClosed):
        vm.run(*ADD)
    with pytest.raises(VModelClosed):
        vm.load("one")
    with pytest.raises(VModelClosed):
        vm.add(Made("two").module)


def test_close_waits_for_those_inside_and_refuses_those_who_wait() -> None:
    """Running calls drain, waiters get VModelClosed."""
    one, inside, go = Made(), threading.Event(), threading.Event()

    def wait(_: object) -> str:
        inside.set()
        assert go.wait(10)
        return "done"

    one.methods["call"] = wait
    vm, threads = VModel([one.module]), Threads()
    queue = vm._orchestrator.queue
    threads.go(vm.run, "one", "call")
    assert inside.wait(10)
    threads.go(vm.run, *ADD)
    assert queue.until(lambda: len(queue) == 1, 10)
    threads.go(vm.close)
    assert queue.until(lambda: queue.closed is not None and not queue, 10)
    go.set()
    threads.join()
    assert threads.results == ["done", None]
    assert [type(error) for error in threads.errors] == [VModelClosed]
    assert one.steps == [*UP, "unload"]


def test_what_is_still_busy_when_the_time_is_over_stays_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    """Code cannot be stopped in its thread; the log names the service."""
    one, inside, go = Made(), threading.Event(), threading.Event()

    def wait(_: object) -> None:
        inside.set()
        assert go.wait(10)

    one.methods["call"] = wait
    vm, threads = VModel([one.module]), Threads()
    threads.go(vm.run, "one", "call")
    assert inside.wait(10)
    vm.close(timeout=0)
    assert "'one' was still busy" in caplog.text
    go.set()
    threads.join()
    assert one.steps == UP


def test_errors_of_hooks_are_logged_and_not_raised(caplog: pytest.LogCaptureFixture) -> None:
    """The other services are unloaded all the same."""
    one, two = Made("one"), Made("two")
    two.on("unload", raising(OSError("no")))
    vm = VModel([one.module, two.module])
    vm.load("one")
    vm.load("two")
    vm.close()
    assert one.steps == [*UP, "unload"]
    assert "OSError: no" in caplog.text


def test_close_from_inside_a_call_is_refused() -> None:
    """It would wait for its own end."""
    one = Made()
    with VModel([one.module]) as vm:
        one.methods["call"] = lambda _: vm.close()
        with pytest.raises(WouldDeadlock):
            vm.run("one", "call")
        assert vm.run(*ADD) == 3


def test_a_module_belongs_to_one_vmodel_at_a_time() -> None:
    """The second one is told at its first step, and may have it when the first one is closed."""
    one = Made()
    with VModel([one.module]) as first:
        first.load("one")
        with VModel([one.module]) as second:
            with pytest.raises(IllegalStep, match="lives in another VModel of this process"):
                second.run(*ADD)
            first.close()
            assert second.run(*ADD) == 3


def test_a_minimal_service_has_no_life_cycle_to_own() -> None:
    """It may be called from many VModels."""
    one = Made(protocol="minimal")
    with VModel([one.module]) as first, VModel([one.module]) as second:
        assert first.run(*ADD) == second.run(*ADD) == 3


def test_a_collected_vmodel_counts_as_closed() -> None:
    """No hook runs in the collection; the next VModel may have the module."""
    one = Made()
    vm = VModel([one.module])
    vm.load("one")
    del vm
    gc.collect()
    assert one.steps == UP
    with VModel([one.module]) as second:
        assert second.run(*ADD) == 3


def test_services_come_and_go_while_it_runs() -> None:
    """`add` returns the new names, `remove` unloads and keeps the files."""
    one, two = Made("one"), Made("two")
    with VModel([one.module]) as vm:
        assert vm.add(two.module) == ("two",)
        assert vm.services == ("one", "two")
        assert vm.run("two", "add", {"a": 1, "b": 2}) == 3
        vm.remove("two")
        assert two.steps == [*UP, "unload"]
        with pytest.raises(ServiceNotFound):
            vm.run("two", "add", {"a": 1, "b": 2})
        assert vm.add(two.module) == ("two",)
        assert vm.run("two", "add", {"a": 1, "b": 2}) == 3


def test_strict_raises_and_lenient_shows() -> None:
    """What is wrong with one service leaves the others usable, unless the application wants to know at once."""
    broken = Made("broken")
    vars(broken.module)["__vmodel_declarations__"].declarations.pop()
    with VModel([broken.module, Made().module]) as vm:
        assert vm.run(*ADD) == 3
        assert [finding.service for finding in vm.status().findings] == ["broken"]
        with pytest.raises(ServiceNotFound, match=r"'broken' was left out: .* lacks @cleanup_func"):
            vm.run("broken", "add", {})
    with pytest.raises(VModelError, match="lacks @cleanup_func"):
        VModel([broken.module], strict=True)
    with VModel([Made().module], strict=True) as vm, pytest.raises(VModelError, match="lacks @cleanup_func"):
        vm.add(broken.module)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_after_a_fork_the_copy_is_inert(tmp_path: Path) -> None:
    """The child may not run hooks of the parent's models, nor wait for locks that nobody gives back."""
    result = run_script(
        tmp_path,
        """
        vm.load("one")
        lock = vm._orchestrator.queue.lock
        lock.acquire()
        pid = os.fork()
        if pid == 0:
            try:
                vm.run("one", "add", {"a": 1, "b": 2})
            except vmodel.errors.VModelClosed as error:
                print(error)
            sys.stdout.flush()
            sys.exit(0)
        lock.release()
        os.waitpid(pid, 0)
        """,
    )
    assert result.stdout.splitlines() == [
        *UP,
        "this VModel was made before a fork; make a new one in the child",
        "unload",
    ]


@pytest.mark.parametrize(
    ("ending", "code"), [("", 0), ("raise SystemExit(3)", 3), ("raise RuntimeError('the application')", 1)]
)
def test_exit_unloads(tmp_path: Path, ending: str, code: int) -> None:
    """However the application ends, services are unloaded and files stay."""
    result = run_script(tmp_path, f"vm.load('one')\n{ending}")
    assert result.stdout.splitlines() == [*UP, "unload"]
    assert result.returncode == code


def run_script(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run *body* with a service that prints its steps, in a process of its own."""
    header = """
import os, sys
import vmodel
from services import Made
one = Made()
for hook in one.hooks:
    one.on(hook, lambda hook=hook: print(hook, flush=True))
vm = vmodel.VModel([one.module])
"""
    script = folder / "script.py"
    lines = body.strip("\n").splitlines()
    indent = len(lines[0]) - len(lines[0].lstrip())
    script.write_text(header + "\n".join(line[indent:] for line in lines))
    tests = Path(__file__).parent
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tests.parent), str(tests)])}
    return subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, env=environment, check=False
    )


def test_the_state_of_a_closed_vmodel_can_still_be_read() -> None:
    """For whoever writes the report."""
    vm = VModel([Made().module])
    vm.run(*ADD)
    vm.close()
    assert vm.status().services["one"].state is State.PREPARED
    assert repr(vm) == "<VModel of 1 services: <Orchestrator: 0 warm, 0 inside, 0 queued>>"


def test_exit_while_another_thread_is_inside_a_call(tmp_path: Path) -> None:
    """The call ends with its result, then the service is unloaded."""
    result = run_script(
        tmp_path,
        """
        import atexit, threading
        inside, go = threading.Event(), threading.Event()
        one.methods["call"] = lambda _: (inside.set(), go.wait(10), print("result", flush=True))
        threading.Thread(target=vm.run, args=("one", "call"), daemon=True).start()
        assert inside.wait(10)
        atexit.register(go.set)
        """,
    )
    assert result.stdout.splitlines() == [*UP, "result", "unload"]
    assert result.returncode == 0


def test_exit_while_another_thread_holds_a_stream(tmp_path: Path) -> None:
    """It is waited for, then left alone: the process ends, and the log says what was still busy."""
    result = run_script(
        tmp_path,
        """
        import threading
        import vmodel._endings
        vmodel._endings.EXIT_TIMEOUT = 0.01
        held, opened = [], threading.Event()
        def pieces(_):
            yield 1
        one.methods["call"] = pieces
        def hold():
            held.append(vm.run("one", "call"))
            opened.set()
            threading.Event().wait()
        threading.Thread(target=hold, daemon=True).start()
        assert opened.wait(10)
        """,
    )
    assert result.stdout.splitlines() == UP
    assert "'one' was still busy" in result.stderr
    assert result.returncode == 0


def test_the_cells_of_a_notebook_can_be_run_again() -> None:
    """Declarations replace those of the same names, and the VModel that nobody keeps gives its services back."""
    cell = """
from vmodel import VModel
from vmodel.protocol.standard_protocol import *

MODEL = {}

@get_service_info_func("cell")
def info(): return {}
@prepare_func("cell")
def prepare(): return True
@load_func("cell")
def load(): MODEL["loaded"] = True; return True
@test_func("cell")
def check(): return MODEL["loaded"]
@service_func(None, "cell")
def double(a: int): return a * RUN
@unload_func("cell")
def unload(): return True
@cleanup_func("cell")
def cleanup(): return True

vm = VModel([module])
result = vm.run("cell", "double", {"a": 1})
"""
    notebook = type(os)("notebook")
    vars(notebook)["module"] = notebook
    results = []
    for run in (2, 3):
        vars(notebook)["RUN"] = run
        exec(cell, vars(notebook))
        results.append(notebook.result)
    notebook.vm.close()
    assert results == [2, 3]


class Timer:
    """A timer that runs out when a test says so."""

    made: ClassVar[list["Timer"]] = []

    def __init__(self, seconds: float, function) -> None:
        self.seconds, self.run_out, self.cancelled = seconds, function, False
        self.made.append(self)

    def start(self) -> None:
        """Begin."""

    def cancel(self) -> None:
        """End."""
        self.cancelled = True


def test_a_hook_that_overruns_is_reported_and_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its stack is in the log and in the event; it cannot be stopped, and what it loads is kept when it ends."""
    one, go, events = Made(), threading.Event(), []
    monkeypatch.setattr("vmodel._watchdog.threading.Timer", Timer)
    one.on("load", lambda: go.wait(10))
    entry = {"package": one.module, "timeouts": {"load": 5}}
    with VModel([entry], on_event=events.append) as vm:
        threads = Threads()
        threads.go(vm.run, *ADD)
        queue = vm._orchestrator.queue
        assert queue.until(lambda: vm.status().services["one"].state is State.LOADING, 10)
        threads.go(vm.run, *ADD)
        assert queue.until(lambda: len(queue.waiting()) == 1, 10)
        Timer.made[-1].run_out()
        assert queue.until(lambda: not queue.waiting(), 10)
        go.set()
        threads.join()
    assert threads.results == [3]
    assert [error.code for error in threads.errors] == ["call_timeout"]
    overran = [event for event in events if isinstance(event, Overran)]
    assert [(event.step, event.seconds) for event in overran] == [(Step.LOAD, 5)]
    assert "go.wait(10)" in overran[0].stack
    assert "still runs" in caplog.text
    assert Timer.made[-1].cancelled
