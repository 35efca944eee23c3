"""Where packages are broken, or services are not there: what is shown of the rest, what is said, and the exit code."""

import json
from pathlib import Path

import pytest
from cli_process import ECHO, LOUD, vmodel, write

STRICT = """
strict = true
services = ["echo.py", "nowhere"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two services, each in a module of its own."""
    write(tmp_path, {"echo.py": ECHO, "loud.py": LOUD})
    return tmp_path


def test_list_shows_services_and_what_was_left_out(folder: Path) -> None:
    """One package that cannot be imported takes no other down, and the reason is shown."""
    done = vmodel("list", "-p", "echo", "-p", "nowhere", "-p", "loud", cwd=folder)
    header, echo, loud, left_out = done.stdout.splitlines()
    assert header.split() == ["SERVICE", "PROTOCOL", "STATE", "METHODS", "PLACE"]
    assert echo.split()[:4] == ["echo", "minimal", "new", "say,"]
    assert echo.endswith("echo.py:7")
    assert loud.split()[:4] == ["loud", "standard", "new", "add"]
    assert left_out.startswith("left out: cannot import 'nowhere'")


def test_a_service_that_is_missing_because_its_package_is_says_so(folder: Path) -> None:
    """Whoever calls it learns why it was left out, from the code too."""
    done = vmodel("run", "echo", "say", "-p", "nowhere", cwd=folder)
    assert done.returncode == 5
    assert "hint: left out: cannot import 'nowhere'" in done.stderr


def test_what_was_left_out_is_told_once(folder: Path) -> None:
    """Where the error has the words, the hint does not repeat them."""
    write(folder, {"half.py": LOUD.replace("@load_func", "# @load_func")})
    done = vmodel("run", "loud", "add", "-p", "half", cwd=folder)
    assert done.returncode == 5
    assert done.stderr.count("lacks @load_func") == 1


def test_a_slip_of_the_pen_is_none_of_a_broken_package(folder: Path) -> None:
    """Where a name is close, that is the hint."""
    done = vmodel("run", "ech", "say", "-p", "echo", "-p", "nowhere", cwd=folder)
    assert done.returncode == 3
    assert "hint: did you mean 'echo'?" in done.stderr


def test_list_fails_where_a_package_that_it_was_given_does(folder: Path) -> None:
    """A script can tell; of a project's own list the others are shown as ever."""
    done = vmodel("list", "-p", "nope.py", cwd=folder)
    assert (done.returncode, done.stderr) == (5, "")
    assert "left out: there is no Python file or package folder at 'nope.py'" in done.stdout
    assert vmodel("list", cwd=folder, VMODEL_PACKAGES="echo,nope.py").returncode == 0


def test_a_name_that_is_nowhere_near_is_told_where_it_was_looked_for(folder: Path) -> None:
    """Whoever forgot to name a package learns which ones were looked at, and where the examples are."""
    done = vmodel("info", "zebra", "-p", "echo", cwd=folder)
    assert done.returncode == 3
    shipped = "--package vmodel.service_example has the ones that ship"
    assert f"hint: the services came from --package; {shipped}" in done.stderr
    assert "; --package names others" in vmodel("info", "zebra", cwd=folder).stderr


def test_a_name_that_only_a_text_has_is_told_all_there_are(tmp_path: Path) -> None:
    """`digit` is a word of the service `digits`, and no service."""
    done = vmodel("info", "digit", cwd=tmp_path)
    assert done.returncode == 3
    assert "digits, service_1, service_2, service_3, text" in done.stderr
    assert "did you mean 'digits'?" in done.stderr


@pytest.mark.parametrize("path", ["svc", "svc/", "./svc", "svc/../svc"])
def test_a_folder_of_services_is_a_package_however_it_is_written(path: str, folder: Path) -> None:
    """It needs no `__init__.py`; the folder where the person is will do, too."""
    write(folder, {"svc/inside.py": ECHO})
    for where, given in ((folder, path), (folder / "svc", ".")):
        document = json.loads(vmodel("list", "--json", "-p", given, cwd=where).stdout)
        assert [service["name"] for service in document["services"]] == ["echo"]


def test_list_is_json_for_programs(folder: Path) -> None:
    """The document has what the table has."""
    document = json.loads(vmodel("list", "--json", "-p", "echo", "-p", "nowhere", cwd=folder).stdout)
    (service,) = document["services"]
    assert (service["name"], service["protocol"], service["state"]) == ("echo", "minimal", "new")
    assert service["methods"] == ["say", "read", "fail", "odd"]
    assert document["left_out"][0]["code"] == "package_error"


def test_a_strict_project_is_refused_as_a_whole(folder: Path) -> None:
    """With `strict = true` anything wrong with any service is an error."""
    write(folder, {"vmodel.toml": STRICT})
    done = vmodel("run", "echo", "say", "-a", "text=x", cwd=folder)
    assert done.returncode == 5
    assert "cannot import 'nowhere'" in done.stderr
