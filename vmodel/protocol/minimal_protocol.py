"""The minimal protocol: each method does everything itself."""

from vmodel.protocol._decorators import hook, method
from vmodel.protocol._protocol import INFO, MINIMAL

__all__ = ["get_service_info_func", "service_func"]

get_service_info_func = hook(
    MINIMAL,
    INFO,
    "Declare the function that returns the service's info dict: name, description, resources, methods.",
)
service_func = method(
    MINIMAL,
    "Declare a method: first its public name (None: the function's own), then the service.",
)
