"""Names that are not there: what is said of them, and of what was left out."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from services import Made

from vmodel import VModel
from vmodel._nearest import nearest_names
from vmodel.errors import MethodNotFound, ServiceNotFound

BOOM = "cannot import 'boom': ZeroDivisionError: division by zero"


@pytest.fixture
def boom(write_module: Callable[[str, str], Path]) -> str:
    """Return the name of a module that cannot be imported."""
    write_module("boom", "1 / 0")
    return "boom"


def missing(vm: VModel, service: object, method: object = "add") -> ServiceNotFound:
    """Return the error of a call to a service that is not there."""
    with pytest.raises(ServiceNotFound) as caught:
        vm.run(service, method)
    return caught.value


def test_what_is_left_out_is_logged_once(boom: str, caplog: pytest.LogCaptureFixture) -> None:
    """When the VModel is made, and when an entry is added."""
    with VModel([boom]) as vm:
        assert [(record.name, record.levelno) for record in caplog.records] == [("vmodel", logging.WARNING)]
        assert BOOM in caplog.text
        caplog.clear()
        vm.add("nowhere")
        missing(vm, "greeter")
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "cannot import 'nowhere': ModuleNotFoundError: No module named 'nowhere'"
    ]


def test_what_is_raised_is_not_logged(boom: str, caplog: pytest.LogCaptureFixture) -> None:
    """A strict VModel says everything once."""
    with pytest.raises(ImportError):
        VModel([boom], strict=True)
    assert "boom" not in caplog.text


def test_a_service_that_may_be_in_what_was_left_out_is_explained_by_it(boom: str) -> None:
    """Nobody looks for a spelling mistake where an import failed."""
    with VModel([boom]) as vm:
        error = missing(vm, "greeter")
        assert error.message == "no service 'greeter'; there are: none"
        assert error.hint.startswith(f"left out: {BOOM}")
        vm.add("nowhere")
        assert missing(vm, "greeter").hint.endswith(", and 1 more: see vm.status() or vmodel list")
        vm.add(Made("greeter2").module)
        assert missing(vm, "greeter").hint.startswith(f"did you mean 'greeter2'? left out: {BOOM}")


def test_what_was_left_out_of_another_service_explains_nothing() -> None:
    """Its finding has its name."""
    broken = Made("broken")
    vars(broken.module)["__vmodel_declarations__"].declarations.pop()
    with VModel([broken.module]) as vm:
        assert missing(vm, "greeter").hint is None


def test_a_call_whose_names_are_swapped_is_told_so() -> None:
    """The method's name stands where the service's belongs."""
    with VModel([Made("digits").module]) as vm:
        assert missing(vm, "add", "digits").hint == "the service comes first, then its method: 'digits', 'add'"
        assert missing(vm, "zebra", "digits").hint is None
        assert missing(vm, "add", ["digits"]).hint is None
        with pytest.raises(ServiceNotFound):
            vm.service("add")


def test_a_name_in_another_case_is_near() -> None:
    """Of a service and of a method."""
    with VModel([Made("OCR").module, Made("ocr").module]) as vm:
        assert missing(vm, "Ocr").nearest == ("OCR", "ocr")
        with pytest.raises(MethodNotFound) as caught:
            vm.run("ocr", "ADD")
    assert caught.value.hint == "did you mean 'add'?"


@pytest.mark.parametrize(
    ("name", "there", "nearest"),
    [
        ("Greter", ["greeter", "echo"], ["greeter"]),
        ("STRASSE", ["straße"], ["straße"]),
        ("a", ["A", "b"], ["A"]),
        (["echo"], ["echo"], ["echo"]),
        ("xx", ["xxa", "xxb", "xxc", "xxd"], ["xxd", "xxc", "xxb"]),
        ("zebra", ["greeter"], []),
    ],
)
def test_the_nearest_names_are_at_most_three_in_whatever_case(
    name: object, there: list[str], nearest: list[str]
) -> None:
    """As they are written where they are."""
    assert nearest_names(name, there) == nearest
