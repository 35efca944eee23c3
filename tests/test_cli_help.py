"""What `--help` and docs/cli.md teach is true: examples run, pages are fresh, and help is quick."""

import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from cli_process import COMMAND, environment, vmodel

from vmodel.cli._app import app
from vmodel.cli._exit import ENDINGS

DOCS = Path(__file__).parent.parent / "docs"
GROUP: Any = typer.main.get_command(app)
EXAMPLES = [
    line.strip().removeprefix("vmodel ")
    for command in GROUP.commands.values()
    for line in command.epilog.splitlines()
    if line.strip().startswith("vmodel ")
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_help_runs(example: str, tmp_path: Path) -> None:
    """Whoever copies a line from the help gets an answer."""
    done = vmodel(*shlex.split(example), cwd=tmp_path, VMODEL_HOME=str(tmp_path / "home"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_every_command_has_an_example_and_every_option_its_words() -> None:
    """`--help` teaches."""
    for command in GROUP.commands.values():
        assert f"vmodel {command.name}" in command.epilog
        assert command.help
        assert all(parameter.help for parameter in command.params)


def test_the_help_names_every_exit_code(tmp_path: Path) -> None:
    """The table of the code is the one that is shown."""
    shown = vmodel("--help", cwd=tmp_path).stdout
    assert all(f"{ending.code:>3}  {ending.meaning}" in shown for ending in ENDINGS)


def test_the_page_about_the_command_line_is_fresh() -> None:
    """What is made from the commands says what the commands say."""
    render = runpy.run_path(str(DOCS / "make_cli.py"))["render"]
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    assert page == render(page), "docs/cli.md is stale: run `python docs/make_cli.py`"


HEAVY = ("asyncio", "numpy", "psutil", "pydantic", "pynvml", "rich", "vmodel.vmodel")


def test_help_imports_nothing_that_only_running_needs(tmp_path: Path) -> None:
    """The first thing a person types answers at once."""
    program = "import sys; from vmodel.__main__ import main\ntry: main()\nfinally: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program, "--help"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert not set(HEAVY) & set(done.stdout.splitlines()[-1].split())


def test_no_words_at_all_show_the_help(tmp_path: Path) -> None:
    """The commands are listed for whoever types `vmodel` alone."""
    done = subprocess.run(COMMAND, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert "Commands:" in done.stdout + done.stderr
