"""The simplified protocol: the smallest complete service, `service_2`.

Four functions: prepare fetches the model and loads it, cleanup unloads it and deletes its files.
Take it where loading and fetching cannot be told apart, such as a library that does both in one call.
The same module can import its decorators from `vmodel.protocol.simpler_protocol`.

    from vmodel import VModel

    with VModel([{"package": "vmodel.service_example.service_example_2"}]) as vm:
        vm.run("service_2", "func_1", {"a": 1, "b": 2})  # 3
"""

from vmodel.protocol.simplified_protocol import cleanup_func, get_service_info_func, prepare_func, service_func


@service_func("func_1", "service_2")
def my_service_func_1(a: int, b: int) -> int:
    """Return the sum of *a* and *b*; a method takes any parameters, and callers name them."""
    return a + b


@service_func("func_2", "service_2")
def my_service_func_2(a: str, b: str) -> str:
    """Return *a* and *b*, joined by a space."""
    return f"{a} {b}"


@get_service_info_func("service_2")
def my_get_info() -> dict[str, object]:
    """Return what a planner plans with; it is asked for before anything is prepared."""
    return {
        "service_name": "service_2",
        "service_desc": "Adds whole numbers and joins texts; it shows the simplified protocol.",
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


@prepare_func("service_2")
def my_prepare_func() -> bool:
    """Fetch the model and bring it into memory; from here to cleanup the methods can be called."""
    return True


@cleanup_func("service_2")
def my_cleanup_func() -> bool:
    """Take the model out of memory and delete what prepare fetched."""
    return True
