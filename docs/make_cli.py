"""Writes the parts of cli.md that are made from the command line itself, in place between their markers.

`python docs/make_cli.py` makes them anew; tests/test_cli_help.py fails where somebody forgot to.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

from vmodel.cli._app import app
from vmodel.cli._exit import ENDINGS, Ending

PAGE = Path(__file__).resolve().parent / "cli.md"
PART = re.compile(
    r"(?P<begin><!-- made by docs/make_cli\.py: (?P<name>[a-z ]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL
)


def render(text: str) -> str:
    """Return the page *text* with each marked part made anew."""
    return PART.sub(lambda part: f"{part['begin']}\n{PARTS[part['name']]()}\n\n{part['end']}", text)


def commands() -> str:
    """Return a section for each command: what it does, its words, and examples."""
    group: Any = typer.main.get_command(app)
    return "\n\n".join(_section(command) for command in group.commands.values())


def _section(command: Any) -> str:  # click's class has another home in each version of typer
    words = " ".join(parameter.metavar for parameter in command.params if parameter.param_type_name == "argument")
    title = f"### `vmodel {' '.join(filter(None, [command.name, words]))}`"
    text = re.sub(r"(?<=[.:]) (?=[A-Z])", "\n", " ".join(command.help.split()))
    return "\n\n".join([title, text, _table(("word", "what it does"), _options(command)), _examples(command.epilog)])


def _options(command: Any) -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        if parameter.param_type_name == "option":
            value = f" {parameter.metavar}" if parameter.metavar else ""
            shown = ", ".join(f"`{name}{value}`" for name in parameter.opts)
            yield shown.replace("|", "\\|"), parameter.help


def _examples(epilog: str) -> str:
    return "\n".join(
        ["```sh", *(line.strip() for line in epilog.splitlines() if line.strip().startswith("vmodel ")), "```"]
    )


def exit_codes() -> str:
    """Return the exit codes as a table."""
    return _table(("code", "meaning", "errors"), map(_ending, ENDINGS))


def _ending(ending: Ending) -> tuple[str, str, str]:
    named = (f"`{error.__name__}`" for error in ending.classes if error.__module__ == "vmodel.errors")
    return str(ending.code), ending.meaning, ", ".join(named)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


PARTS: dict[str, Callable[[], str]] = {"commands": commands, "exit codes": exit_codes}


def main() -> None:
    """Make the page anew."""
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
