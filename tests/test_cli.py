"""The commands as people type them, each in a process of its own: what is written where, and the exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_process import COMMAND, ECHO, LOUD, environment, vmodel, write

LARGE = """
from vmodel.protocol.standard_protocol import *

@get_service_info_func("large")
def info():
    return {"resources": {"memory": "9000TiB"}}

@service_func(None, "large")
def answer():
    return 42

@prepare_func("large")
@load_func("large")
@test_func("large")
@unload_func("large")
@cleanup_func("large")
def step():
    return True
"""

BROKEN = """
from vmodel.protocol.simplified_protocol import *

@get_service_info_func("broken")
def info():
    return {}

@service_func(None, "broken")
def answer():
    return 42

@prepare_func("broken")
def prepare():
    raise OSError("the mirror is gone")

@cleanup_func("broken")
def cleanup():
    return True
"""

READER = """
from pathlib import Path
from vmodel.protocol.minimal_protocol import get_service_info_func, service_func

@get_service_info_func("reader")
def info():
    params = [
        {"name": "file", "desc": "What to read.", "type_desc": "a text file"},
        {"name": "start", "desc": "where to begin", "type_desc": "a line"},
    ]
    return {"methods": [{"name": "read", "params": params}]}

@service_func(None, "reader")
def read(file: Path, start: int) -> str:
    return file.read_text()
"""

CHINESE = """
from vmodel.protocol.wabi_protocol import get_service_info_func, service_func

@get_service_info_func("识别")
def info():
    return {"service_desc": "读图"}

@service_func("读", "识别")
def read(文字: str) -> str:
    return f"{文字}。"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with services of several kinds, each in a module of its own."""
    write(tmp_path, {"echo.py": ECHO, "loud.py": LOUD, "large.py": LARGE, "broken.py": BROKEN, "chinese.py": CHINESE})
    return tmp_path


def test_the_first_command_a_person_tries_works(tmp_path: Path) -> None:
    """Where nothing is configured, the services that ship are there, and the result is all that is on stdout."""
    done = vmodel("run", "service_1", "func_1", "-a", "a=1", "-a", "b=2", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_whatever_a_service_writes_to_stdout_reaches_stderr(folder: Path) -> None:
    """Neither print nor C code nor a child process, at import, in a hook or in a call, gets into the result."""
    done = vmodel("run", "loud", "add", "-a", "a=1", "-a", "b=2", "-p", "loud", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "3\n")
    for moment in ("import", "prepare", "load", "call", "unload"):
        for way in ("print", "C", "a child"):
            assert f"{moment} by {way}\n" in done.stderr
    assert "cleanup" not in done.stderr


def test_files_are_deleted_only_where_dump_asks_for_it(folder: Path) -> None:
    """`--dump` unloads and cleans up after the call."""
    done = vmodel("run", "loud", "add", "-a", "a=1", "-a", "b=2", "-p", "loud", "--dump", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert done.stderr.index("call by print") < done.stderr.index("unload by print") < done.stderr.index("cleanup")


def test_json_wraps_the_result(folder: Path) -> None:
    """With `--json` a program can tell a result from an error."""
    done = vmodel("run", "echo", "say", "--args", '{"text": "hello"}', "--json", "-p", "echo", cwd=folder)
    assert json.loads(done.stdout) == {"result": "hello"}


def test_arguments_come_from_files_and_stdin_too(folder: Path) -> None:
    """`--args -` reads stdin, `-a name=@file` a file, and the latter goes before the former."""
    write(folder, {"note.txt": "from a file"})
    words = ("run", "echo", "say", "--args", "-", "-a", "text=@note.txt", "-p", "echo")
    done = vmodel(*words, cwd=folder, stdin='{"text": "from stdin"}')
    assert json.loads(done.stdout) == "from a file"


def test_one_argument_may_come_from_stdin(folder: Path) -> None:
    """As the last part of a pipe."""
    done = vmodel("run", "echo", "say", "-a", "text=@-", "-p", "echo", cwd=folder, stdin="from stdin")
    assert json.loads(done.stdout) == "from stdin"


def test_chinese_names_are_names(folder: Path) -> None:
    """Services, methods, parameters and texts may be in any language, and are written as they are."""
    done = vmodel("run", "识别", "读", "-a", "文字=你好", "-p", "chinese", cwd=folder)
    assert (done.returncode, done.stdout) == (0, '"你好。"\n')


ENDS = {
    "a method that raises": (1, "echo fail", "service 'echo' raised KeyError: 'lost'"),
    "a method that exits": (1, "echo fail -a kind=SystemExit", "service 'echo' raised SystemExit: lost"),
    "no such service": (3, "ech say", "no service 'ech'; there are: echo"),
    "no such method": (3, "echo sy", "service 'echo' has no method 'sy'; it has: say,"),
    "no such parameter": (4, "echo say -a txt=1", "text is missing; txt is no parameter"),
    "no such file": (4, "echo read -a path=@gone", "path: there is no file 'gone'"),
    "not JSON": (4, "echo say --args {", "--args is not JSON"),
    "no room ever": (6, "large answer -p large", "it asks for 8.8 PiB"),
    "a failing hook": (7, "broken answer -p broken", "failed to prepare: OSError: the mirror is gone"),
    "a result that is no JSON": (8, "echo odd", "the result['boxes'][0] is a builtins.object"),
    "something that is missing": (9, "echo fail -a kind=MissingDependency", "lost"),
}


@pytest.mark.parametrize("case", ENDS)
def test_every_error_is_one_line_and_an_exit_code(case: str, folder: Path) -> None:
    """On stderr stands what was wrong and what to do now, without a traceback; stdout has the same for programs."""
    code, words, said = ENDS[case]
    done = vmodel("run", *words.split(), "-p", "echo", "--json", cwd=folder)
    error, *hints = done.stderr.splitlines()
    assert done.returncode == code, done.stderr
    assert error.startswith("error: ")
    assert said in error
    assert all(hint.startswith("hint: ") for hint in hints)
    assert len(hints) <= 1
    assert json.loads(done.stdout)["error"]["message"]


def test_a_command_line_that_cannot_be_read_ends_with_2(tmp_path: Path) -> None:
    """An unknown option is told with the ones that are close."""
    done = vmodel("list", "--jsn", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--json" in done.stderr


@pytest.mark.parametrize("words", [("-v", "run"), ("run", "-v")], ids=" ".join)
def test_v_shows_steps_and_the_traceback(words: tuple[str, ...], folder: Path) -> None:
    """`-v` shows, before or after the command, what happens and where the service raised."""
    done = vmodel(*words, "broken", "answer", "-p", "broken.py", cwd=folder)
    assert done.returncode == 7
    assert "broken: new > preparing" in done.stderr
    assert "Traceback" in done.stderr
    assert 'raise OSError("the mirror is gone")' in done.stderr


def test_a_dependency_that_a_hook_misses_is_told_by_its_own_code(folder: Path) -> None:
    """The hint says what to install."""
    missing = "from vmodel.errors import MissingDependency\n" + BROKEN.replace(
        'OSError("the mirror is gone")', "MissingDependency.named('numpy', purpose='it')"
    )
    write(folder, {"lacking.py": missing})
    done = vmodel("run", "broken", "answer", "-p", "lacking", cwd=folder)
    assert done.returncode == 9
    assert done.stderr.splitlines()[1:] == ["hint: pip install numpy"]


@pytest.mark.parametrize("dump", [(), ("--dump",)])
def test_an_unload_that_fails_at_the_end_is_a_warning(dump: tuple[str, ...], folder: Path) -> None:
    """The result is there, so the command went well; it is said once."""
    failing = LOUD.replace('say("unload")', 'raise OSError("the card hangs")')
    write(folder, {"failing.py": failing})
    done = vmodel("run", "loud", "add", "-a", "a=1", "-a", "b=2", "-p", "failing", *dump, cwd=folder)
    assert (done.returncode, done.stdout) == (0, "3\n")
    assert done.stderr.count("warning: service 'loud' was not stopped: ") == 1
    assert "error:" not in done.stderr


def test_an_option_before_the_command_is_told_its_place(tmp_path: Path) -> None:
    """Of the options only -v may stand there."""
    done = vmodel("-p", "echo", "list", cwd=tmp_path)
    assert done.returncode == 2
    assert "after the command: vmodel list --package NAME" in " ".join(done.stderr.split())


def test_nothing_is_left_open_at_the_end(folder: Path) -> None:
    """Python itself finds nothing to warn of."""
    words = ("run", "echo", "say", "-a", "text=x", "-p", "echo")
    command = [sys.executable, "-X", "dev", *COMMAND[1:], *words]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, '"x"\n', "")


def test_info_shows_how_a_method_is_called(folder: Path) -> None:
    """The text ends, for each method, with a command that can be copied; the document is the catalogue's."""
    text = vmodel("info", "识别", "-p", "chinese", cwd=folder).stdout
    assert text.splitlines() == [
        "识别: 读图",
        "",
        "读",
        "  文字 (str)",
        "  returns (str)",
        "  $ vmodel run 识别 读 -a 文字=…",
    ]
    info = json.loads(vmodel("info", "识别", "--json", "-p", "chinese", cwd=folder).stdout)
    assert info["methods"][0]["params"][0]["name"] == "文字"


def test_info_joins_texts_as_sentences_and_asks_for_files(folder: Path) -> None:
    """A full stop is followed by no semicolon; what takes a path or bytes is shown with a file."""
    write(folder, {"reader.py": READER})
    lines = vmodel("info", "reader", "-p", "reader", cwd=folder).stdout.splitlines()
    assert lines[3:] == [
        "  file (pathlib.Path): What to read. a text file",
        "  start (int): where to begin; a line",
        "  returns (str)",
        "  $ vmodel run reader read -a file=@FILE -a start=…",
    ]


def test_machine_shows_what_there_is(tmp_path: Path) -> None:
    """Cores, memory and cards: total, free, and what others use."""
    document = json.loads(vmodel("machine", "--json", cwd=tmp_path).stdout)
    assert document["cpu"]["total"] > 0
    assert 0 < document["memory"]["available"] <= document["memory"]["total"]
    assert isinstance(document["cards"], list)
    header, cpu, memory, *_ = vmodel("machine", cwd=tmp_path).stdout.splitlines()
    assert header.split() == ["WHAT", "TOTAL", "FREE", "USED", "BY", "OTHERS"]
    assert cpu.startswith("cpu")
    assert memory.startswith("memory")


def test_version_is_shown(tmp_path: Path) -> None:
    """`--version` needs no command."""
    done = vmodel("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("vmodel")


def test_a_reader_that_leaves_ends_the_command_quietly(tmp_path: Path) -> None:
    """`vmodel list | head -0` is no error worth a word."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "machine"], cwd=tmp_path, env=environment(), stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")
