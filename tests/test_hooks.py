"""What the failure of a hook says: the line of the service that it came from, and nothing that its frames hold."""

from collections.abc import Callable
from pathlib import Path

import pytest

from vmodel import VModel
from vmodel._hooks import tell
from vmodel.errors import StepFailed

SERVICE = """
import json
from vmodel.protocol.simplified_protocol import *
import toolbox

@get_service_info_func("one")
def info(): return {{}}

@service_func("call", "one")
def call(): return 1

@prepare_func("one")
{prepare}

@cleanup_func("one")
def cleanup(): return True
"""
TOOLBOX = """
import functools
import json

def read(): return json.loads("{")

def traced(function):
    @functools.wraps(function)
    def wrapper():
        return function()
    return wrapper

def prepare(): return json.loads("{")
"""


@pytest.mark.parametrize(
    ("prepare", "file", "line"),
    [
        ("def prepare(): return json.loads('{')", "service.py", "def prepare(): return json"),
        ("def prepare(): return toolbox.read()", "service.py", "def prepare(): return toolbox"),
        ("@toolbox.traced\ndef prepare():\n    return json.loads('{')", "service.py", "    return json"),
        ("def prepare(): return inner()\ndef inner(): return json.loads('{')", "service.py", "def inner"),
        ("@(lambda _: toolbox.prepare)\ndef prepare(): ...", "toolbox.py", "def prepare"),
    ],
)
def test_a_failed_hook_is_told_with_the_line_of_the_service(
    prepare: str, file: str, line: str, write_module: Callable[[str, str], Path]
) -> None:
    """Not with that of the library which it called; of a function from elsewhere with its own."""
    files = {
        "toolbox.py": write_module("toolbox", TOOLBOX),
        "service.py": write_module("service", SERVICE.format(prepare=prepare)),
    }
    lines = files[file].read_text(encoding="utf-8").splitlines()
    number = next(number for number, text in enumerate(lines, 1) if text.startswith(line))
    with VModel([files["service.py"]]) as vm, pytest.raises(StepFailed) as failed:
        vm.prepare("one")
    assert f"(char 1) ({files[file]}:{number})" in failed.value.message


def test_an_error_without_frames_is_told_without_a_place() -> None:
    """Nobody raised it."""
    assert tell(OSError("disk on fire")) == "OSError: disk on fire"
