"""Where the services of the command line come from, and what is said of files that cannot be read."""

import json
import os
from pathlib import Path

import pytest
from cli_process import ECHO, vmodel, write

from vmodel import service_example
from vmodel._config import ServiceConfig
from vmodel.cli._settings import find_settings
from vmodel.cli._sources import SHIPPED, find_sources, shipped
from vmodel.errors import ConfigError

TOML = """
limits = "off"
home = "files"
services = ["pkg.ocr", "local/tts.py", { package = "pkg.asr", pin = true }]

[budget]
memory = "1GiB"
gpu = { 0 = "1GiB" }
"""


def entries(folder: Path, *packages: str, **variables: str) -> tuple[object, ...]:
    """Return the entries that somebody in *folder* gets."""
    return find_sources(packages, variables, folder).entries


def test_the_first_origin_that_names_services_is_the_only_one(tmp_path: Path) -> None:
    """--package, VMODEL_PACKAGES, the project's file, then the services that ship."""
    assert entries(tmp_path) == (SHIPPED,)
    write(tmp_path, {"vmodel.toml": 'services = ["from_file"]'})
    (from_file,) = entries(tmp_path)
    assert from_file == ServiceConfig(package="from_file")
    assert entries(tmp_path, VMODEL_PACKAGES="from_variable") == ("from_variable",)
    assert entries(tmp_path, "from_option", VMODEL_PACKAGES="from_variable") == ("from_option",)


def test_the_variable_lists_packages_with_commas_or_as_in_path(tmp_path: Path) -> None:
    """Both are common, and no package has either in its name."""
    listed = os.pathsep.join(["a, b", "c", ""])
    assert entries(tmp_path, VMODEL_PACKAGES=listed) == ("a", "b", "c")


def test_what_is_written_as_a_path_is_one(tmp_path: Path) -> None:
    """A `.py` file, or anything with a slash or a dot in front; all else is a dotted name."""
    given = ("a.py", "b/c", ".", "d.e")
    assert entries(tmp_path, *given) == (Path("a.py"), Path("b/c"), Path(), "d.e")


def test_a_file_says_what_services_there_are_and_within_what_limits(tmp_path: Path) -> None:
    """Its paths are those of its own folder, and hold from any folder below it."""
    write(tmp_path, {"vmodel.toml": TOML, "deep/er/x": ""})
    found = find_sources((), {}, tmp_path / "deep" / "er")
    assert found.entries == (
        ServiceConfig(package="pkg.ocr"),
        ServiceConfig(package=tmp_path / "local" / "tts.py"),
        ServiceConfig(package="pkg.asr", pin=True),
    )
    assert found.options == {
        "limits": "off",
        "home": tmp_path / "files",
        "budget": {"memory": "1GiB", "gpu": {"0": "1GiB"}},
    }
    assert found.folders == (tmp_path / "deep" / "er", tmp_path)


def test_limits_of_a_file_hold_for_services_from_elsewhere(tmp_path: Path) -> None:
    """Who tries a package by --package in a project stays within the project's budget."""
    write(tmp_path, {"vmodel.toml": TOML})
    found = find_sources(("mine",), {}, tmp_path)
    assert (found.entries, found.options["limits"]) == (("mine",), "off")


def test_pyproject_is_read_where_it_speaks_of_vmodel(tmp_path: Path) -> None:
    """One that does not is passed over on the way up, and vmodel.toml beside it goes before it."""
    write(
        tmp_path,
        {
            "pyproject.toml": '[tool.vmodel]\nservices = ["from_pyproject"]',
            "inner/pyproject.toml": '[project]\nname = "uses-vmodel"',
            "broken/pyproject.toml": "[project",
            "own/pyproject.toml": '[tool.vmodel]\nservices = ["hidden"]',
            "own/vmodel.toml": 'services = ["own"]',
        },
    )
    for folder, package in (("inner", "from_pyproject"), ("broken", "from_pyproject"), ("own", "own")):
        (entry,) = entries(tmp_path / folder)
        assert entry == ServiceConfig(package=package)


FAULTS = [
    ("limits = ", 1, "Invalid value"),
    ('services = ["a",\n', 1, "at end of document"),
    ('\nservice = ["a"]', 2, "no key 'service'; there are: services, limits, budget, home, strict"),
    ('services = "a"', 1, "services must be a list"),
    ("strict = 1", 1, "strict must be true or false, not 1"),
    ('\n\nlimits = "of"', 3, "limits must be one of enforce, warn, off, not 'of'"),
    ('[budget]\ncpu = 1\nmemory = "lots"', 3, "budget.memory"),
    ('services = [\n  { package = "a" },\n  { package = "b", pins = 1 },\n]', 3, "no key 'pins'"),
    ('[[services]]\npackage = "a"\n[[services]]\npackage = "b"\npin = "x"', 5, "pin"),
    ('limits = "off"\n[[services]]\npackage = "a"\nlimits = "of"', 4, "limits"),
    ("services = [1]", 1, "package"),
    ('[[services]]\npackage = "a"\nresources = { memry = 1 }', 3, "'memry' is no known key"),
    ('services = [\n  { package = "a", resources = { memory = "lots" } },\n]', 2, "'lots' is no amount of memory"),
    ('[[services]]\npackage = "a"\nrename = ""', 3, "rename"),
    ('[tool.vmodel]\nservices = ["a"]', 1, "there is no key 'tool'"),
]


@pytest.mark.parametrize(("text", "line", "said"), FAULTS, ids=lambda part: str(part)[:30])
def test_what_cannot_be_read_is_told_with_file_and_line(text: str, line: int, said: str, tmp_path: Path) -> None:
    """Slips of the pen, unknown keys and wrong values are found before anything is imported."""
    write(tmp_path, {"vmodel.toml": text})
    with pytest.raises(ConfigError) as caught:
        find_sources((), {}, tmp_path)
    assert caught.value.message.startswith(f"{tmp_path / 'vmodel.toml'}:{line}: ")
    assert said in caught.value.message


def test_unknown_keys_are_told_all_at_once_with_the_nearest(tmp_path: Path) -> None:
    """A person repairs the file in one go."""
    write(tmp_path, {"pyproject.toml": "[tool.vmodel]\nlimit = 1\nbudgets = 2"})
    with pytest.raises(ConfigError) as caught:
        find_settings(tmp_path)
    assert [finding.hint for finding in caught.value.findings] == ["did you mean 'limits'?", "did you mean 'budget'?"]


def test_a_table_that_only_pyproject_has_is_told(tmp_path: Path) -> None:
    """Whoever copied it from there learns what to take off."""
    write(tmp_path, {"vmodel.toml": '[tool.vmodel]\nservices = ["a"]'})
    with pytest.raises(ConfigError) as caught:
        find_settings(tmp_path)
    assert caught.value.hint == "here the keys stand at the top, without [tool.vmodel]"


def test_a_tool_entry_that_is_no_table_is_told(tmp_path: Path) -> None:
    """`vmodel = true` says nothing that could be done."""
    write(tmp_path, {"pyproject.toml": "[tool]\nvmodel = true"})
    with pytest.raises(ConfigError, match=r"pyproject\.toml:2: \[tool\.vmodel\] must be a table"):
        find_settings(tmp_path)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """Without a traceback."""
    (tmp_path / "vmodel.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot read"):
        find_settings(tmp_path)


def test_a_project_configures_the_command_from_any_folder_below(tmp_path: Path) -> None:
    """The folder of the file is importable, so is the one where the person is."""
    write(tmp_path, {"vmodel.toml": 'services = ["ours", "theirs"]', "ours.py": ECHO, "sub/theirs.py": OTHER})
    done = vmodel("list", "--json", cwd=tmp_path / "sub")
    assert [service["name"] for service in json.loads(done.stdout)["services"]] == ["echo", "other"]


OTHER = ECHO.replace('"echo"', '"other"')


def test_installed_distributions_bring_services(tmp_path: Path) -> None:
    """What stands in the entry-point group `vmodel.services` takes the place of the services that ship."""
    folder = tmp_path / "site"
    points = "[vmodel.services]\none = installed_echo\n"
    meta = {"METADATA": "Name: installed-echo\nVersion: 1\n", "entry_points.txt": points}
    write(folder, {"installed_echo.py": ECHO} | {f"installed_echo-1.dist-info/{n}": t for n, t in meta.items()})
    here = os.environ.get("PYTHONPATH", "")
    root = str(Path(service_example.__path__[0]).parent)
    done = vmodel("list", "--json", cwd=tmp_path, PYTHONPATH=os.pathsep.join(filter(None, [str(folder), root, here])))
    assert [service["name"] for service in json.loads(done.stdout)["services"]] == ["echo"]


SERVICES = {"service_1": "service_example", "service_2": "service_example_2", "digits": "digits", "text": "text"}


@pytest.mark.parametrize(("service", "module"), SERVICES.items())
def test_of_the_services_that_ship_only_the_called_one_is_imported(service: str, module: str) -> None:
    """A start stays quick however many ship."""
    assert f"{SHIPPED}.{module}" in shipped(service)
    assert len(shipped(service)) < len(SERVICES)


def test_a_name_that_does_not_ship_is_looked_for_everywhere() -> None:
    """So that the error can name what is close."""
    assert shipped("service_l") == (SHIPPED,)
