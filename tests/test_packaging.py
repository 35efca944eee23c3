"""What is installed: the promises of pyproject.toml, CHANGELOG.md and the tree that users rely on."""

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOLDERS = ("vmodel", "service_example", "dist", "tests", "docs", "benchmarks")
FILES = ("README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "noxfile.py", ".ci/run")


def names(requirements: list[str]) -> set[str]:
    """Return the distributions that *requirements* name."""
    return {Requirement(line).name for line in requirements}


@pytest.mark.parametrize("name", [*FOLDERS, *FILES])
def test_the_tree_holds_what_it_promises(name: str) -> None:
    """Who reads the design finds each folder and file where it says, with something in it."""
    path = ROOT / name
    assert any(path.iterdir()) if path.is_dir() else path.read_text(encoding="utf-8").strip()


def test_every_module_that_contributing_names_exists() -> None:
    """Who looks for a thing where CONTRIBUTING.md says finds it."""
    table = re.findall(r"^\| (`.+?) \|", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = [name for row in table for name in re.findall(r"`([\w/]+(?:\.py|/))`", row)]
    assert len(named) > 20
    assert [name for name in named if not (ROOT / "vmodel" / name).exists()] == []


def test_readme_begins_with_two_commands_of_one_line_each() -> None:
    """The first runs the main job, the second the tests; `.ci/run` runs the second as it is written."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first, second, *_ = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert re.fullmatch(r".+ && vmodel run digits classify -a image=@\S+\.png\n", first)
    assert re.fullmatch(r".+ && python -m pytest\n", second)


def test_a_plain_install_brings_no_framework() -> None:
    """VModel serves models of any framework, so it brings none."""
    base = {"huggingface-hub", "nvidia-ml-py", "platformdirs", "psutil", "pydantic", "typer"}
    assert names(PROJECT["dependencies"]) == base


def test_every_base_dependency_has_a_lower_bound_and_no_upper_one() -> None:
    """A bound from above would fight with what a service needs in the same environment."""
    for line in PROJECT["dependencies"]:
        assert [clause.operator for clause in Requirement(line).specifier] == [">="], line


@pytest.mark.parametrize("extra", ["examples", "test"])
def test_each_extra_that_the_docs_name_exists(extra: str) -> None:
    """`pip install 'vmodel[…]'` with a name from the docs installs something."""
    assert PROJECT["optional-dependencies"][extra]


def test_the_examples_need_no_framework_either() -> None:
    """The first command that a person tries installs in seconds."""
    assert names(PROJECT["optional-dependencies"]["examples"]) == {"numpy", "pillow", "safetensors"}


def test_the_vmodel_command_is_installed() -> None:
    """The command line is there after an install, and no service is forced on anybody."""
    entry_points = distribution("vmodel").entry_points
    assert [(entry.group, entry.name) for entry in entry_points] == [("console_scripts", "vmodel")]


def test_the_installed_distribution_is_the_one_of_this_tree() -> None:
    """What the tests run is what they are about."""
    assert distribution("vmodel").version == PROJECT["version"]


def test_the_change_log_begins_with_the_version_that_is_built() -> None:
    """Who installs a version finds what it brought."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## \[?(\d[^\]\s]*)", text, re.MULTILINE)
    assert first is not None
    assert first[1] == PROJECT["version"]


def test_dist_holds_one_wheel_and_it_has_this_version() -> None:
    """`pip install dist/vmodel-*.whl` is one file, the current one."""
    assert [wheel.name for wheel in (ROOT / "dist").glob("*.whl")] == [f"vmodel-{PROJECT['version']}-py3-none-any.whl"]


def test_each_python_that_is_claimed_is_supported_by_the_metadata() -> None:
    """The lowest classifier is what requires-python says."""
    claimed = [line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", line)]
    assert PROJECT["requires-python"] == f">={claimed[0]}"
    assert claimed == ["3.11", "3.12", "3.13", "3.14"]
