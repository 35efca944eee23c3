"""The decorators: which there are under which path, what they write down, and that they touch nothing."""

import importlib
import inspect
import sys
from collections.abc import Callable
from functools import partial

import pytest

from vmodel._lifecycle import State, Step
from vmodel.errors import DeclarationError
from vmodel.protocol import standard_protocol
from vmodel.protocol._declaration import declared_in
from vmodel.protocol._protocol import PROTOCOLS

MINIMAL = ["get_service_info_func", "service_func"]
SIMPLIFIED = ["cleanup_func", "get_service_info_func", "prepare_func", "service_func"]
STANDARD = [*SIMPLIFIED, "load_func", "test_func", "unload_func"]
PATHS = {
    "standard_protocol": ("standard", sorted(STANDARD)),
    "simplified_protocol": ("simplified", SIMPLIFIED),
    "simpler_protocol": ("simplified", SIMPLIFIED),
    "minimal_protocol": ("minimal", MINIMAL),
    "wabi_protocol": ("minimal", MINIMAL),
}
DECORATORS = [(path, protocol, name) for path, (protocol, names) in PATHS.items() for name in names]
HOOKS = [(path, name) for path, _, name in DECORATORS if name != "service_func"]


def decorator(path: str, name: str) -> Callable[..., Callable[..., object]]:
    """Return the decorator of that name under that import path."""
    return getattr(importlib.import_module(f"vmodel.protocol.{path}"), name)


def line_of(caught: pytest.ExceptionInfo[DeclarationError]) -> int:
    """Return the line of this file that raised."""
    return next(entry.lineno + 1 for entry in caught.traceback if str(entry.path) == __file__)


@pytest.mark.parametrize("path", PATHS)
def test_each_import_path_has_exactly_the_decorators_of_its_protocol(path: str) -> None:
    """A published service finds what it imports, and nothing of another protocol."""
    module = importlib.import_module(f"vmodel.protocol.{path}")
    assert module.__all__ == PATHS[path][1]
    public = {name for name, value in vars(module).items() if not name.startswith("_") and name.endswith("_func")}
    assert public == set(module.__all__)


def test_a_protocol_is_data() -> None:
    """Its hooks, where it rests, how many calls it takes: what the design says of each."""
    hooks = {name: [step for step in Step if step.value in each.decorators] for name, each in PROTOCOLS.items()}
    assert hooks == {"standard": list(Step), "simplified": [Step.PREPARE, Step.CLEANUP], "minimal": []}
    rests = {name: each.resting for name, each in PROTOCOLS.items()}
    assert rests == {"standard": State.PREPARED, "simplified": State.NEW, "minimal": State.NEW}
    assert [name for name, each in PROTOCOLS.items() if each.one_at_a_time] == ["standard", "simplified"]


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, _, name in DECORATORS])
def test_a_decorator_calls_itself_what_authors_call_it(path: str, name: str) -> None:
    """`help()` and editors show its name, its text and the order of its parameters."""
    one = decorator(path, name)
    assert (one.__name__, one.__qualname__) == (name, name)
    assert one.__doc__.startswith("Declare ")
    assert list(inspect.signature(one).parameters) == ["name", "service"][name != "service_func" :]


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, _, name in DECORATORS])
def test_pytest_collects_no_decorator(path: str, name: str) -> None:
    """`test_func` in a service's own test file is no test."""
    assert decorator(path, name).__test__ is False


@pytest.mark.parametrize(("path", "protocol", "name"), DECORATORS)
def test_a_decorator_returns_the_function_untouched_and_writes_it_down(path: str, protocol: str, name: str) -> None:
    """The author goes on calling and testing it as it is."""

    def function() -> bool:
        return True

    before = dict(vars(function))
    service = f"一个服务 {path} {name}"
    arguments = ("方法", service) if name == "service_func" else (service,)
    assert decorator(path, name)(*arguments)(function) is function
    assert vars(function) == before
    declaration = next(each for each in declared_in(sys.modules[__name__]) if each.service == service)
    role = {"service_func": "method", "get_service_info_func": "info"}.get(name, name.removesuffix("_func"))
    public = "方法" if name == "service_func" else role
    assert declaration[1:6] == (role, public, protocol, function, __name__)


@pytest.mark.parametrize(("path", "name"), HOOKS)
@pytest.mark.parametrize(("given", "kind"), [(None, "None"), (3, "3"), (print, "a function")])
def test_a_service_without_a_name_is_refused_where_it_is_written(
    path: str, name: str, given: object, kind: str
) -> None:
    """`service=None`, and the decorator without its parentheses."""
    with pytest.raises(DeclarationError) as caught:
        decorator(path, name)(given)
    assert caught.value.message == f"service must be a name, not {kind} ({__file__}:{line_of(caught)})"
    assert caught.value.hint == f"write it as @{name}('my_service')"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("read", None), "service must be a name, not None"),
        ((3, "ocr"), "name must be a name, not 3"),
        ((print, "ocr"), "name must be a name, not a function"),
    ],
)
def test_a_method_without_a_name_is_refused_where_it_is_written(arguments: tuple[object, object], message: str) -> None:
    """The hint shows the order of the two names."""
    with pytest.raises(DeclarationError) as caught:
        standard_protocol.service_func(*arguments)
    assert caught.value.message == f"{message} ({__file__}:{line_of(caught)})"
    assert caught.value.hint == "write it as @service_func('my_method', 'my_service')"


@pytest.mark.parametrize(("arguments", "given"), [((), ...), (("hello",), "hello"), ((print,), print), ((None,), None)])
def test_a_service_func_without_its_service_is_refused_where_it_is_written(
    arguments: tuple[object, ...], given: object
) -> None:
    """`@service_func` bare, and with the method's name alone."""
    with pytest.raises(DeclarationError) as caught:
        standard_protocol.service_func(*arguments)
    place = f"{__file__}:{line_of(caught)}"
    assert caught.value.message == f"service_func needs two names: the method's, then the service's ({place})"
    assert caught.value.hint == "write it as @service_func('my_method', 'my_service')"
    assert caught.value.given == given


def test_a_hook_without_its_service_is_refused_where_it_is_written() -> None:
    """Parentheses alone are no name."""
    with pytest.raises(DeclarationError, match="service must be a name, not nothing") as caught:
        standard_protocol.load_func()
    assert caught.value.hint == "write it as @load_func('my_service')"
    assert caught.value.given is ...


@pytest.mark.parametrize("value", [3, None, classmethod(print)])
def test_what_cannot_be_called_cannot_be_declared(value: object) -> None:
    """Neither as a hook nor as a method."""
    for decorate in (standard_protocol.load_func("ocr"), standard_protocol.service_func(None, "ocr")):
        with pytest.raises(DeclarationError, match=r"_func declares functions, not .* \(.*test_protocol\.py:\d+\)"):
            decorate(value)


def test_a_callable_object_needs_a_name() -> None:
    """It has none of its own."""
    add = partial(sum, start=1)
    with pytest.raises(DeclarationError, match="name must be a name, not None"):
        standard_protocol.service_func(None, "partials")(add)
    standard_protocol.service_func("add", "partials")(add)
    assert [each.function for each in declared_in(sys.modules[__name__]) if each.service == "partials"] == [add]
