"""The standard protocol: every step of the life cycle is a function of the service's."""

from vmodel.protocol._decorators import hook, method
from vmodel.protocol._protocol import INFO, STANDARD

__all__ = [
    "cleanup_func",
    "get_service_info_func",
    "load_func",
    "prepare_func",
    "service_func",
    "test_func",
    "unload_func",
]

get_service_info_func = hook(
    STANDARD,
    INFO,
    "Declare the function that returns the service's info dict: name, description, resources, methods.",
)
prepare_func = hook(
    STANDARD,
    "prepare",
    "Declare the function that fetches what the service needs onto the disk; it returns True on success.",
)
load_func = hook(
    STANDARD,
    "load",
    "Declare the function that brings the model into memory; it returns True on success.",
)
test_func = hook(
    STANDARD,
    "test",
    "Declare the service's own test, run after every load; False makes the service unusable.",
)
service_func = method(
    STANDARD,
    "Declare a method: first its public name (None: the function's own), then the service.",
)
unload_func = hook(
    STANDARD,
    "unload",
    "Declare the function that takes the model out of memory and keeps the files; it returns True on success.",
)
cleanup_func = hook(
    STANDARD,
    "cleanup",
    "Declare the function that deletes the files that prepare fetched; it returns True on success.",
)
