"""The minimal protocol under the name that published services import."""

from vmodel.protocol.minimal_protocol import get_service_info_func, service_func

__all__ = ["get_service_info_func", "service_func"]
