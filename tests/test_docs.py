"""The docs: what a reader does who follows a page from top to bottom works, and no page is stale.

A page is read in a folder of its own, which has the pictures of the clone. A block that begins with the
name of a file is saved, `python` blocks are run in one session, `vmodel` commands of `sh` blocks are
run, and a `text` block is what the block before it prints.
"""

import io
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from code import InteractiveConsole
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser

import vmodel
from vmodel._config import ServiceConfig

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
PAGES = (*READMES, *sorted(DOCS.glob("*.md")))
FILE_NAME = re.compile(r"# ([\w-]+\.(?:py|toml))\n")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


class Reader:
    """Somebody who does what a page says, in the folder where the process is."""

    def __init__(self) -> None:
        self.session = ModuleType("__main__")
        self.printed = ""

    def follow(self, page: Path) -> None:
        """Do what *page* says, block by block."""
        acts = {"python": self.run_python, "sh": self.type_commands, "text": self.compare, "toml": self.save}
        document = Document.parse(str(page), *(CodeBlockParser(language, act) for language, act in acts.items()))
        for example in document.examples():
            example.evaluate()

    def run_python(self, example: Example) -> None:
        """Run a block in the session, or save it and see that the file can be run."""
        named = FILE_NAME.match(example.parsed)
        if named:
            self.save(example)
            runpy.run_path(named[1], run_name=Path(named[1]).stem)
            return
        code = compile("\n" * example.line + example.parsed, example.path, "exec", dont_inherit=True)
        with redirect_stdout(io.StringIO()) as out:
            exec(code, vars(self.session))  # that is what a reader does with it
        self.printed = out.getvalue()

    def save(self, example: Example) -> None:
        """Write a block to the file that its first line names."""
        named = FILE_NAME.match(example.parsed)
        assert named, f"{example.path}:{example.line}: the first line of this block must name its file"
        Path(named[1]).write_text(example.parsed, encoding="utf-8")

    def type_commands(self, example: Example) -> None:
        """Run the `vmodel` commands of a block; what installs something or runs the tests is passed over."""
        environment = os.environ | {"PYTHONPATH": str(Path(vmodel.__file__).parent.parent)}
        self.printed = ""
        for words in map(shlex.split, re.split(r"&&|\n", example.parsed)):
            if words[:1] == ["vmodel"]:
                command = [sys.executable, "-m", *words]
                done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
                assert done.returncode == 0, f"{example.path}:{example.line}: {shlex.join(words)}\n{done.stderr}"
                self.printed += done.stdout

    def compare(self, example: Example) -> str | None:
        """Return how a block differs from what the block before it printed."""
        if OutputChecker().check_output(example.parsed, self.printed, ELLIPSIS):
            return None
        return f"it prints\n{self.printed}"


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Return a reader in a folder with the clone's pictures, whose session is the main module."""
    reader = Reader()
    shutil.copytree(ROOT / "service_example" / "images", tmp_path / "service_example" / "images")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VMODEL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setitem(sys.modules, "__main__", reader.session)
    yield reader
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


def read(page: Path) -> str:
    """Return the text of *page*."""
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of *page* in *language*."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(page), re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives to the headings of *page*."""
    headings = HEADING.findall(CODE.sub(lambda code: code[0].strip("`") if "\n" not in code[0] else "", read(page)))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> list[str]:
    """Return where the links of *page* lead, but for those to the web."""
    return [target for target in LINK.findall(CODE.sub("", read(page))) if "://" not in target]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_reader_who_does_what_the_page_says_gets_what_it_shows(page: Path, reader: Reader) -> None:
    """Every block of code runs as it stands, and prints what is printed below it."""
    reader.follow(page)


class Typist(InteractiveConsole):
    """Somebody who types what is shown at the prompt; nothing is executed."""

    def runcode(self, code: CodeType) -> None:
        """Run nothing."""

    def showsyntaxerror(self, filename: str | None = None) -> None:
        """Let a statement that was cut in two fail the test."""
        pytest.fail(f"{filename}, at the prompt: {sys.exc_info()[1]}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_block_can_be_pasted_at_the_prompt(page: Path) -> None:
    """An empty line ends a statement there, so none stands inside of one, and one stands after each compound one."""
    typist = Typist()
    for block in blocks(page, "python"):
        for line in [] if FILE_NAME.match(block) else [*block.splitlines(), ""]:
            typist.push(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link names a file that is there, and a heading that the file has."""
    for target in links(page):
        name, _, anchor = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        assert there.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(there), f"{page.name}: {target}"


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_generated_parts_are_fresh(page: Path) -> None:
    """What is made from the code says what the code says."""
    render: Callable[[str], str] = runpy.run_path(str(DOCS / "make.py"))["render"]
    assert read(page) == render(read(page)), f"{page.name} is stale: run `python docs/make.py`"


def test_every_part_that_can_be_generated_is_on_a_page() -> None:
    """A marker with a slip of the pen in it would keep its part from ever being made anew."""
    parts = runpy.run_path(str(DOCS / "make.py"))["PARTS"]
    marked = re.findall(r"<!-- made by docs/make\.py: ([a-z ]+) -->", "".join(map(read, PAGES)))
    assert sorted(marked) == sorted(parts)


def test_every_page_is_listed_in_the_index() -> None:
    """Who opens docs/ finds all of it."""
    index = DOCS / "README.md"
    assert {page.name for page in DOCS.glob("*.md")} - {index.name} <= set(links(index))


def test_the_two_readmes_show_the_same_code() -> None:
    """A reader of either language gets the same commands and the same programs."""
    english, chinese = READMES
    for language in ("sh", "python", "text"):
        assert blocks(english, language) == blocks(chinese, language)


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_command_of_a_readme_is_one_line(page: Path) -> None:
    """A command can be copied without care."""
    for block in blocks(page, "sh"):
        assert block.count("\n") == 1, block


@pytest.mark.parametrize("key", ServiceConfig.model_fields)
def test_every_configuration_key_has_a_section(key: str) -> None:
    """A key that can be written can be looked up."""
    assert f"### `{key}`\n" in read(DOCS / "configuration.md")
