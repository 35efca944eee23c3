"""How long a process takes to start: imports, `vmodel --help`, a cold `vmodel run`, against pydantic and typer alone.

Whole processes with compiled bytecode, each in turn in every round; a ratio is the median of those within the rounds.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from _harness import Ratio, Report, Samples, interleave, main, paired_ratio, seconds_of

EMPTY_PROGRAM = '''
import typer

app = typer.Typer()


@app.command()
def nothing() -> None:
    """Do nothing."""
'''

CALLING_PROGRAM = '''
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def run(service: str, method: str, argument: Annotated[list[str], typer.Option("--argument", "-a")]) -> None:
    """Call the one method that there is."""
    from pydantic import validate_call

    @validate_call
    def add(a: int, b: int) -> int:
        return a + b

    print(add(**dict(pair.split("=", 1) for pair in argument)))


@app.command()
def nothing() -> None:
    """Do nothing; a second command makes `run` a word of the command line."""
'''

RUN = ("run", "service_1", "func_1", "-a", "a=1", "-a", "b=2")

BARE = "bare Python"
IMPORT = "import vmodel"
IMPORT_CLASS = "from vmodel import VModel"
ADAPTER = "one TypeAdapter of pydantic"
HELP = "vmodel --help"
TYPER_HELP = "typer program, --help"
OUR_RUN = "vmodel run service_1 func_1"
TYPER_RUN = "typer program, one validated call"


@dataclass(frozen=True, slots=True)
class Command:
    """A program for `python -c` with its arguments, and a part of what it must print."""

    program: str
    arguments: tuple[str, ...] = ()
    prints: str = ""


COMMANDS = {
    BARE: Command("pass"),
    IMPORT: Command("import vmodel"),
    IMPORT_CLASS: Command("from vmodel import VModel"),
    ADAPTER: Command("import pydantic; pydantic.TypeAdapter(int)"),
    # As the scripts that pip installs.
    HELP: Command("from vmodel.__main__ import main; main()", ("--help",), "Usage: "),
    TYPER_HELP: Command("from empty_program import app; app()", ("--help",), "Usage: "),
    OUR_RUN: Command("from vmodel.__main__ import main; main()", RUN, "3\n"),
    TYPER_RUN: Command("from calling_program import app; app()", RUN, "3\n"),
}

AIMS = ((IMPORT_CLASS, ADAPTER, 1.3), (HELP, TYPER_HELP, 1.2), (OUR_RUN, TYPER_RUN, 1.3))


def measure(report: Report, rounds: int) -> None:
    """Start every command in turn."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty_program.py").write_text(EMPTY_PROGRAM)
        (folder / "calling_program.py").write_text(CALLING_PROGRAM)
        environment = environment_in(folder)
        measures = {
            what: (lambda command=command: 1e3 * seconds_of(lambda: start(command, folder, environment)))
            for what, command in COMMANDS.items()
        }
        samples = interleave(measures, rounds)
    report.add_rows(samples, "ms")
    report.ratios[f"{IMPORT} over {BARE}, ms"] = Ratio(paired_difference(samples, IMPORT, BARE), 30)
    for ours, theirs, aim in AIMS:
        report.ratios[f"{ours} / {theirs}"] = Ratio(paired_ratio(samples, ours, theirs), aim)


def environment_in(folder: Path) -> dict[str, str]:
    """Return an environment without settings of Python's or ours, in which bytecode is kept in *folder*.

    The same vmodel can be imported as here, be it installed or a clone.
    """
    found = find_spec("vmodel")
    if found is None or found.origin is None:
        sys.exit("vmodel is neither installed nor beside this folder")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VMODEL_"))}
    ours = {
        "PYTHONPATH": os.pathsep.join((str(folder), str(Path(found.origin).parent.parent))),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "VMODEL_HOME": str(folder / "home"),
    }
    return kept | ours


def start(command: Command, folder: Path, environment: Mapping[str, str]) -> None:
    """Run *command* to its end, and end this process where it does not print what it should."""
    line = [sys.executable, "-c", command.program, *command.arguments]
    done = subprocess.run(  # noqa: S603  # the commands above
        line, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode or command.prints not in done.stdout:
        sys.exit(f"{line} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def paired_difference(samples: Samples, minuend: str, subtrahend: str) -> float:
    """Return the median of the differences of the two within each round."""
    return median(more - less for more, less in zip(samples[minuend], samples[subtrahend], strict=True))


if __name__ == "__main__":
    sys.exit(main(__doc__, measure, rounds=15))
