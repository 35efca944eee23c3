"""A service as it was declared: its methods by name, and the nearest where there is none."""

import pytest
from services import Made

from vmodel._config import parse_entry
from vmodel._registry import collect
from vmodel._service import Service
from vmodel.errors import MethodNotFound


def service(protocol: str = "standard") -> Service:
    """Return a service with the methods `add` and `call`."""
    (found,) = collect(parse_entry(Made("one", protocol).module), lambda name: None).services
    return found


def test_a_method_is_found_by_its_name() -> None:
    """What is found is the declaration, with the author's own function."""
    declaration = service().method("add")
    assert (declaration.name, declaration.function(1, 2)) == ("add", 3)


@pytest.mark.parametrize(
    ("name", "nearest", "hint"),
    [("ad", ("add",), "did you mean 'add'?"), ("zzz", (), None), (3, (), None), ([0], (), None)],
)
def test_an_unknown_method_is_answered_with_those_there_are(
    name: object, nearest: tuple[str, ...], hint: str | None
) -> None:
    """Whatever was asked for; the nearest first."""
    with pytest.raises(MethodNotFound) as caught:
        service().method(name)
    error = caught.value
    assert error.message == f"service 'one' has no method {name!r}; it has: add, call"
    assert (error.service, error.given, error.nearest[:1], error.hint) == ("one", name, nearest, hint)


@pytest.mark.parametrize(("protocol", "calls"), [("standard", 1), ("simplified", 1), ("minimal", None)])
def test_a_model_object_takes_one_call_at_a_time(protocol: str, calls: int | None) -> None:
    """It is rarely safe for two threads; a minimal service has none."""
    assert service(protocol).default_concurrency == calls


def test_the_place_of_a_service_is_that_of_its_info_function() -> None:
    """Every service has one."""
    assert service().place == "one.py:4"
