"""The command line as a process of its own, as people start it; what the tests of it share."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import vmodel as package

COMMAND = (sys.executable, "-m", "vmodel")

ECHO = """
from pathlib import Path

from vmodel.errors import MissingDependency
from vmodel.protocol.minimal_protocol import get_service_info_func, service_func

@get_service_info_func("echo")
def info():
    return {"service_desc": "Says what it hears."}

@service_func("say", "echo")
def say(text: str):
    return text

@service_func("read", "echo")
def read(path: Path):
    return path

@service_func("fail", "echo")
def fail(kind: str = "KeyError"):
    raise {"KeyError": KeyError, "SystemExit": SystemExit, "MissingDependency": MissingDependency}[kind]("lost")

@service_func("odd", "echo")
def odd():
    return {"boxes": [object()]}
"""

LOUD = """
import os
from vmodel.protocol.standard_protocol import *

def say(what):
    print(f"{what} by print")
    os.write(1, f"{what} by C\\n".encode())
    os.system(f"echo {what} by a child")

say("import")

@get_service_info_func("loud")
def info():
    return {}

@service_func(None, "loud")
def add(a: int, b: int):
    say("call")
    return a + b

@prepare_func("loud")
def prepare():
    say("prepare")
    return True

@load_func("loud")
def load():
    say("load")
    return True

@test_func("loud")
def test():
    return True

@unload_func("loud")
def unload():
    say("unload")
    return True

@cleanup_func("loud")
def cleanup():
    say("cleanup")
    return True
"""


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a process that finds the vmodel under test, wherever it works."""
    return os.environ | {"PYTHONPATH": str(Path(package.__file__).parent.parent), "PYTHONUTF8": "1"} | more


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write *files*, by their names in *folder*."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text), encoding="utf-8")


def vmodel(*words: str, cwd: Path, stdin: str | None = None, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run `vmodel WORDS` in the folder *cwd* and return how it ended."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment(**variables),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
