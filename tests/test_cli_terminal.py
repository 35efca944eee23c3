"""What people see on a terminal: tables of any language, a line that says what a service is doing, a pretty result."""

import os
import subprocess
from pathlib import Path

import pytest
from cli_process import COMMAND, LOUD, environment, write

from vmodel import (
    CallEnded,
    Event,
    Evicted,
    Holding,
    Machine,
    Overran,
    Progress,
    Queued,
    State,
    StateChanged,
    Step,
    StepEnded,
)
from vmodel._events import Closed
from vmodel._readings import CardReading, CpuReading, MemoryReading
from vmodel.cli._live import describe
from vmodel.cli._tables import table, width
from vmodel.cli._views import machine, machine_text

GIB = 2**30


@pytest.mark.parametrize(("text", "places"), [("abc", 3), ("识别", 4), ("é", 1), ("e\u0301", 1), ("ｱ", 1), ("Ａ", 2)])
def test_letters_take_the_places_that_they_take(text: str, places: int) -> None:
    """Chinese letters and full-width ones take two, accents of their own none."""
    assert width(text) == places


def test_columns_are_aligned_whatever_the_language() -> None:
    """The last column has no spaces after it."""
    assert table(("name", "place"), [("识别", "a"), ("ocr", "b")]) == "NAME  PLACE\n识别  a\nocr   b"


EVENTS = [
    (StateChanged("ocr", 0.0, State.NEW, State.PREPARING), "ocr: new > preparing"),
    (StepEnded("ocr", 0.0, Step.LOAD, 1.5, None), "ocr: load took 1.50 s"),
    (StepEnded("ocr", 0.0, Step.LOAD, 1.5, "no disk"), "ocr: load failed after 1.50 s: no disk"),
    (Progress("ocr", 0.0, 0.43, "weights"), "ocr: 43% weights"),
    (Progress("ocr", 0.0, None, "weights"), "ocr: weights"),
    (Progress("ocr", 0.0, 0.5, ""), "ocr: 50%"),
    (Queued("ocr", 0.0, 0, ("sdxl",)), "ocr: waiting for sdxl to finish"),
    (Queued("ocr", 0.0, 2, ()), "ocr: waiting for its turn, 2 callers are before it"),
    (
        Evicted("ocr", 0.0, "sdxl", "'sdxl' needs 6.0 GiB of memory"),
        "ocr: evicted because 'sdxl' needs 6.0 GiB of memory",
    ),
    (Overran("ocr", 0.0, Step.LOAD, 5.0, "…"), "ocr: load takes longer than 5 s"),
    (CallEnded("ocr", 0.0, "read", 0.25), "ocr: read took 0.250 s"),
    (Closed("", 0.0), "closed"),
    (Event("ocr", 0.0), "ocr: Event(service='ocr', at=0.0)"),
]


@pytest.mark.parametrize(("event", "line"), EVENTS, ids=lambda part: str(part)[:40])
def test_an_event_is_one_line(event: Event, line: str) -> None:
    """The same words in the log and on the terminal."""
    assert describe(event) == line


def test_the_machine_is_a_table_with_a_row_for_each_card() -> None:
    """What is free and what others use; where there might be cards and are none, the table says why."""
    card = CardReading(0, "GPU-1", "H200", "00:01.0", total=8 * GIB, free=5 * GIB, ours=GIB)
    memory = MemoryReading(16 * GIB, 12 * GIB, GIB)
    holding = Holding("sdxl", {"memory": GIB, 0: 4 * GIB}, 2.0)
    there = Machine(CpuReading(4, 1.5), memory, (card,), "card 1 is not visible", (holding,))
    assert machine_text(machine(there)).splitlines() == [
        "WHAT           TOTAL     FREE      USED BY OTHERS",
        "cpu            4 cores   2.5 idle",
        "memory         16.0 GiB  12.0 GiB  3.0 GiB",
        "card 0 (H200)  8.0 GiB   5.0 GiB   2.0 GiB",
        "cards: card 1 is not visible",
        "sdxl holds 2 cores, 1.0 GiB of memory, 4.0 GiB on card 0",
    ]
    assert machine(there)["cards"][0]["usable"] == 8 * GIB


def on_a_terminal(*words: str, cwd: Path, term: str = "xterm") -> str:
    """Return what a terminal of the kind *term* gets of `vmodel WORDS`, stdout and stderr together."""
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals on Windows")
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*COMMAND, *words], cwd=cwd, env=environment(TERM=term), stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # Linux says so, where others say that there is nothing more
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return shown.decode().replace("\r\n", "\n")


WORDS = ("run", "loud", "add", "-a", "a=1", "-a", "b=2", "-p", "loud", "--json")


def test_a_terminal_shows_what_the_service_is_doing(tmp_path: Path) -> None:
    """One line that is rewritten, and gone when the result is written."""
    write(tmp_path, {"loud.py": LOUD})
    shown = on_a_terminal(*WORDS, cwd=tmp_path)
    assert "loud: prepared > loading" in shown
    assert '\r\x1b[K{\n  "result": 3\n}\n' in shown


def test_a_terminal_shows_that_a_method_is_running(tmp_path: Path) -> None:
    """From the moment the service is ready, and again below what the method prints."""
    write(tmp_path, {"loud.py": LOUD})
    shown = on_a_terminal(*WORDS, cwd=tmp_path)
    assert "loud.add: running\r\x1b[Kcall by print\nloud.add: running" in shown


def test_what_a_service_prints_has_lines_of_its_own(tmp_path: Path) -> None:
    """The passing line makes way, also for one that is printed in pieces."""
    write(tmp_path, {"loud.py": LOUD.replace('print(f"{what} by print")', 'print(what, "in", end=" "); print("two")')})
    shown = on_a_terminal(*WORDS, cwd=tmp_path)
    assert "prepared > loading\r\x1b[Kload in two\nloud: prepared > loading" in shown


def test_a_terminal_that_cannot_rewrite_lines_gets_none(tmp_path: Path) -> None:
    """As the one in an editor: it would show the escapes."""
    write(tmp_path, {"loud.py": LOUD})
    shown = on_a_terminal(*WORDS, cwd=tmp_path, term="dumb")
    assert "\x1b" not in shown
    assert "running" not in shown
    assert "call by print\n" in shown
