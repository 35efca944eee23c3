"""The services that ship: each is complete, says the truth about itself, and the tutorials do what they teach."""

import inspect
import runpy
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vmodel.protocol._declaration import Declaration, declared_in
from vmodel.protocol._protocol import INFO, METHOD, PROTOCOLS

TUTORIALS = {
    "service_example": ("service_1", "standard"),
    "service_example_2": ("service_2", "simplified"),
    "service_example_3": ("service_3", "minimal"),
}
SHIPPED = TUTORIALS | {"digits": ("digits", "standard"), "text": ("text", "minimal")}
HEAVY = {"PIL", "numpy", "pydantic", "safetensors", "scipy", "sklearn"}


def module_named(name: str) -> ModuleType:
    """Return the shipped module of that name."""
    return import_module(f"vmodel.service_example.{name}")


def declarations(name: str, role: str) -> dict[str, Declaration]:
    """Return what the shipped module declares in *role*, by public name."""
    return {found.name: found for found in declared_in(module_named(name)) if found.role == role}


def info_of(name: str) -> dict[str, Any]:
    """Return the info dict of the shipped module."""
    return declarations(name, INFO)[INFO].function()


def type_text(annotation: object) -> str:
    """Return a type as an info dict writes it, without what is in it."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return text.partition("[")[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_service_brings_every_function_of_its_protocol_once(name: str) -> None:
    """An author who copies it has a service that starts."""
    service, protocol = SHIPPED[name]
    declared = declared_in(module_named(name))
    assert {(found.service, found.protocol) for found in declared} == {(service, protocol)}
    assert {found.role for found in declared} == set(PROTOCOLS[protocol].decorators)
    assert len({(found.role, found.name) for found in declared}) == len(declared)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_info_names_the_service_and_its_methods_as_they_are_declared(name: str) -> None:
    """What a planner reads is what it can call."""
    info = info_of(name)
    assert info["service_name"] == SHIPPED[name][0]
    assert [method["name"] for method in info["methods"]] == list(declarations(name, METHOD))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_info_describes_the_real_parameters_and_results(name: str) -> None:
    """A planner that fills in what the info asks for makes a call that fits."""
    methods = declarations(name, METHOD)
    for method in info_of(name)["methods"]:
        signature = inspect.signature(methods[method["name"]].function)
        real = {parameter.name: type_text(parameter.annotation) for parameter in signature.parameters.values()}
        assert {param["name"]: type_text(param["type"]) for param in method["params"]} == real
        assert type_text(method["return"]["type"]) == type_text(signature.return_annotation)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_info_leaves_no_text_out(name: str) -> None:
    """Every field of the protocol's dict is filled."""
    info = info_of(name)
    assert info["service_desc"]
    for method in info["methods"]:
        assert method["desc"]
        for described in (*method["params"], method["return"]):
            assert all(described[field] for field in ("type", "type_desc", "desc")), described


@pytest.mark.parametrize("name", SHIPPED)
def test_a_service_asks_for_what_any_machine_has(name: str) -> None:
    """One core and a quarter of a gibibyte at most, and no card."""
    resources = info_of(name)["resources"]
    assert resources["cpu"] == 1
    assert int(resources["memory"].removesuffix("MiB")) <= 256
    assert "gpu" not in resources


@pytest.mark.parametrize("name", SHIPPED)
def test_a_service_can_be_imported_by_the_path_of_its_file(name: str) -> None:
    """A file that is no part of a package is a service too."""
    assert "__vmodel_declarations__" in runpy.run_path(str(module_named(name).__file__), run_name=name)


def test_importing_the_services_loads_nothing_heavy() -> None:
    """A catalogue of services is free of what its services compute with."""
    root = Path(module_named("digits").__file__ or "").resolve()
    parents = [str(parent) for parent in root.parents if (parent / "vmodel" / "__init__.py").exists()]
    modules = ", ".join(f"vmodel.service_example.{name}" for name in SHIPPED)
    program = f"import sys; sys.path.insert(0, {parents[0]!r}); import {modules}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-B", "-c", program], check=True, capture_output=True, text=True)
    assert not HEAVY & set(done.stdout.split())


def method(name: str, public: str) -> Callable[..., object]:
    """Return a method of a shipped module."""
    return declarations(name, METHOD)[public].function


@pytest.mark.parametrize("name", TUTORIALS)
def test_func_1_adds(name: str) -> None:
    """The published usage gets its 3."""
    assert method(name, "func_1")(a=1, b=2) == 3


@pytest.mark.parametrize("name", TUTORIALS)
def test_func_2_joins_by_a_space(name: str) -> None:
    """The published usage gets its two words."""
    assert method(name, "func_2")(a="hello", b="world") == "hello world"


@pytest.mark.parametrize("name", TUTORIALS)
def test_every_hook_succeeds_and_says_so(name: str) -> None:
    """A tutorial teaches to return True, not to forget it."""
    hooks = [found for found in declared_in(module_named(name)) if found.role not in {INFO, METHOD}]
    assert [found.role for found in hooks if found.function() is not True] == []


@pytest.mark.parametrize("name", TUTORIALS)
def test_the_tutorials_print_nothing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output belongs to the application."""
    for found in declared_in(module_named(name)):
        found.function(*((1, 2) if found.role == METHOD else ()))
    assert capsys.readouterr().out == ""


def test_the_test_hook_fails_when_a_method_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test hook that cannot fail would teach nothing."""
    tutorial = module_named("service_example")
    monkeypatch.setattr(tutorial, "my_service_func_1", lambda a, b: a * b)
    assert tutorial.my_test_func() is False
