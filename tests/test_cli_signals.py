"""Ctrl-C and SIGTERM, by real signals to a real process; the tests wait for what it says, never for time."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli_process import COMMAND, environment, vmodel, write

from vmodel.cli._signals import catch_signals

SLOW = """
import os
from threading import Event
from vmodel.protocol.standard_protocol import *

def wait_in(place):
    print(place, flush=True)
    if place in os.environ["WAIT_IN"].split():
        Event().wait()
    return True

@get_service_info_func("slow")
def info():
    return {}

@service_func(None, "slow")
def answer():
    wait_in("call")

@prepare_func("slow")
def prepare():
    return True

@load_func("slow")
def load():
    return wait_in("load")

@test_func("slow")
def test():
    return True

@unload_func("slow")
def unload():
    return wait_in("unload")

@cleanup_func("slow")
def cleanup():
    return wait_in("cleanup")
"""

LINE = "{}: unloading; once more leaves at once\n"


def heed_signals() -> None:
    """Undo what a shell does to jobs in the background, for the child."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def slow(folder: Path, *, wait_in: str, words: tuple[str, ...] = ()) -> Iterator[subprocess.Popen[str]]:
    """Start a call of a service that waits for ever in the places *wait_in*, and come back when it is in the first."""
    write(folder, {"slow.py": SLOW})
    process = subprocess.Popen(
        [*COMMAND, "run", "slow", "answer", "-p", "slow", *words],
        cwd=folder,
        env=environment(WAIT_IN=wait_in),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=heed_signals,  # noqa: PLW1509  # no other thread runs here
    )
    try:
        read_until(process, wait_in.split(maxsplit=1)[0])
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], line: str) -> None:
    """Wait until *line* is on the stderr of *process*."""
    assert process.stderr is not None
    assert line in iter(lambda: process.stderr.readline().strip(), "")


@pytest.mark.parametrize("place", ["load", "call"])
@pytest.mark.parametrize(("number", "code", "said"), [(2, 130, "interrupted"), (15, 143, "terminated")])
def test_the_first_signal_unloads_and_says_one_line(
    place: str, number: int, code: int, said: str, tmp_path: Path
) -> None:
    """In a hook or in a call: the service is unloaded, its files stay, and nothing is on stdout."""
    with slow(tmp_path, wait_in=place) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (code, "", LINE.format(said) + "unload\n")


def test_an_interrupted_call_is_an_error_for_programs(tmp_path: Path) -> None:
    """With `--json` stdout has one document, whatever happens."""
    with slow(tmp_path, wait_in="call", words=("--json",)) as process:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert out == '{"error":{"code":"interrupted","message":"interrupted"}}\n'


def test_a_second_signal_leaves_at_once(tmp_path: Path) -> None:
    """Whoever does not want to wait for the unload need not."""
    with slow(tmp_path, wait_in="call unload") as process:
        process.send_signal(signal.SIGINT)
        read_until(process, "unload")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 143


def test_a_signal_in_the_unload_at_the_end_ends_the_process(tmp_path: Path) -> None:
    """The result is there by then, and nobody must wait for ever."""
    with slow(tmp_path, wait_in="unload") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "null\n", LINE.format("interrupted"))


def test_a_signal_before_the_command_began_is_one_line_too(tmp_path: Path) -> None:
    """There is no traceback of an import that was under way."""
    write(tmp_path, {"typer.py": "import os, signal\nos.kill(os.getpid(), signal.SIGINT)"})
    done = vmodel("list", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", LINE.format("interrupted"))


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put the handlers of signals back in the end."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """A shell has it so for jobs in the background, which the Ctrl-C is not meant for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    catch_signals()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
