"""The engine `local`: whose a module is, and the folder of the process."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from services import Made, Threads
from test_close import run_script

from vmodel import VModel
from vmodel.errors import IllegalStep

UP = ["prepare", "load", "test"]


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_of_many_vmodels_that_claim_a_module_at_once_one_gets_it() -> None:
    """Two would load one model twice, and unload it under each other's calls."""
    one = Made()
    vms = [VModel([one.module]) for _ in range(4)]
    service, engine = vms[0]._directory.tenant("one").service, vms[0]._engine
    barrier = threading.Barrier(4)

    def claim(owner: object, taken: list[object]) -> None:
        barrier.wait(10)
        try:
            engine.claim(service, owner)
        except IllegalStep:
            return
        taken.append(owner)

    for _ in range(100):
        taken: list[object] = []
        with Threads() as threads:
            for vm in vms:
                threads.go(claim, vm._orchestrator, taken)
        assert len(taken) == 1
        engine.release(service, taken[0])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_that_a_hook_forked_stays_where_it_goes(tmp_path: Path) -> None:
    """The hooks of its own VModel begin in its own folder, not in that of the hook that made the child."""
    result = run_script(
        tmp_path,
        """
        def load():
            if os.fork():
                return os.wait()[1] == 0
            os.chdir(os.environ["PYTHONPATH"].split(os.pathsep)[1])
            vmodel.VModel([Made("two").module]).load("two")
            print(os.path.basename(os.getcwd()), flush=True)
            os._exit(0)

        one.on("load", load)
        vm.load("one")
        """,
    )
    assert result.stdout.splitlines() == ["prepare", "tests", "test", "unload"]
