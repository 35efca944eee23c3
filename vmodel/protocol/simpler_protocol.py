"""The simplified protocol under the name that published services import."""

from vmodel.protocol.simplified_protocol import cleanup_func, get_service_info_func, prepare_func, service_func

__all__ = ["cleanup_func", "get_service_info_func", "prepare_func", "service_func"]
