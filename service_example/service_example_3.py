"""The minimal protocol: the smallest complete service, `service_3`.

Two kinds of functions: what the service says of itself, and its methods, each of which does everything itself.
Take it where there is nothing to keep in memory between two calls; several calls can be inside at once.
The same module can import its decorators from `vmodel.protocol.wabi_protocol`.

    from vmodel import VModel

    with VModel([{"package": "vmodel.service_example.service_example_3"}]) as vm:
        vm.run("service_3", "func_1", {"a": 1, "b": 2})  # 3
"""

from vmodel.protocol.minimal_protocol import get_service_info_func, service_func


@service_func("func_1", "service_3")
def my_service_func_1(a: int, b: int) -> int:
    """Return the sum of *a* and *b*; a method takes any parameters, and callers name them."""
    return a + b


@service_func("func_2", "service_3")
def my_service_func_2(a: str, b: str) -> str:
    """Return *a* and *b*, joined by a space."""
    return f"{a} {b}"


@get_service_info_func("service_3")
def my_get_info() -> dict[str, object]:
    """Return what a planner plans with; it is asked for before any method is called."""
    return {
        "service_name": "service_3",
        "service_desc": "Adds whole numbers and joins texts; it shows the minimal protocol.",
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
