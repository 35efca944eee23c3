"""The standard protocol: the smallest complete service, `service_1`.

Seven functions, one for each step of a service's life. A real service fetches its model in prepare,
keeps it in a variable of this module from load to unload, and uses it in its methods; `digits.py`,
beside this file, does.

    from vmodel import VModel

    with VModel([{"package": "vmodel.service_example.service_example"}]) as vm:
        vm.run("service_1", "func_1", {"a": 1, "b": 2})  # 3
"""

from vmodel.protocol.standard_protocol import (
    cleanup_func,
    get_service_info_func,
    load_func,
    prepare_func,
    service_func,
    test_func,
    unload_func,
)


@service_func("func_1", "service_1")
def my_service_func_1(a: int, b: int) -> int:
    """Return the sum of *a* and *b*; a method takes any parameters, and callers name them."""
    return a + b


@service_func("func_2", "service_1")
def my_service_func_2(a: str, b: str) -> str:
    """Return *a* and *b*, joined by a space."""
    return f"{a} {b}"


@get_service_info_func("service_1")
def my_get_info() -> dict[str, object]:
    """Return what a planner plans with; it is asked for before anything is prepared."""
    return {
        "service_name": "service_1",
        "service_desc": "Adds whole numbers and joins texts; it shows the standard protocol.",
        "resources": {"cpu": 1, "memory": "16MiB"},
        "methods": [
            {
                "name": "func_1",
                "desc": "Adds two whole numbers.",
                "params": [
                    {"name": "a", "type": "int", "type_desc": "a whole number", "desc": "The first summand."},
                    {"name": "b", "type": "int", "type_desc": "a whole number", "desc": "The second summand."},
                ],
                "return": {"type": "int", "type_desc": "a whole number", "desc": "The sum of a and b."},
            },
            {
                "name": "func_2",
                "desc": "Joins two texts with a space between them.",
                "params": [
                    {"name": "a", "type": "str", "type_desc": "any text", "desc": "The text on the left."},
                    {"name": "b", "type": "str", "type_desc": "any text", "desc": "The text on the right."},
                ],
                "return": {"type": "str", "type_desc": "a text", "desc": "a, one space, b."},
            },
        ],
    }


@prepare_func("service_1")
def my_prepare_func() -> bool:
    """Fetch what the service needs onto the disk, once; here there is nothing to fetch."""
    return True


@load_func("service_1")
def my_load_func() -> bool:
    """Bring the model into memory; from here to unload the methods can be called."""
    return True


@test_func("service_1")
def my_test_func() -> bool:
    """Try the methods after each load; False makes the service unusable."""
    return my_service_func_1(1, 2) == 3 and my_service_func_2("a", "b") == "a b"


@unload_func("service_1")
def my_unload_func() -> bool:
    """Take the model out of memory, and keep the files."""
    return True


@cleanup_func("service_1")
def my_cleanup_func() -> bool:
    """Delete what prepare fetched."""
    return True
