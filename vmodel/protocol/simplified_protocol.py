"""The simplified protocol: prepare fetches and loads, cleanup unloads and deletes."""

from vmodel.protocol._decorators import hook, method
from vmodel.protocol._protocol import INFO, SIMPLIFIED

__all__ = ["cleanup_func", "get_service_info_func", "prepare_func", "service_func"]

get_service_info_func = hook(
    SIMPLIFIED,
    INFO,
    "Declare the function that returns the service's info dict: name, description, resources, methods.",
)
prepare_func = hook(
    SIMPLIFIED,
    "prepare",
    "Declare the function that fetches what the service needs and loads it; it returns True on success.",
)
service_func = method(
    SIMPLIFIED,
    "Declare a method: first its public name (None: the function's own), then the service.",
)
cleanup_func = hook(
    SIMPLIFIED,
    "cleanup",
    "Declare the function that unloads the model and deletes its files; it returns True on success.",
)
