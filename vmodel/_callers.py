"""Who calls: the chain of services that the caller is inside of, and the streams that it has open."""

from collections.abc import Iterator
from typing import cast

from vmodel._current import CHAIN, Link, links, opened
from vmodel._tenant import Tenant
from vmodel._threads import actor


def callers() -> Iterator[Link]:
    """Return the links of the caller's chain, the innermost first, and one for each stream that it has open.

    A task or thread that inherited the context of who opened a stream is a stranger to it: two of them
    would be in one model at once.
    """
    yield from links(CHAIN.get())
    for stream in opened():
        if stream.opener == actor():
            yield Link(cast("Tenant", stream.tenant), "stream", None, None, None)


def innermost(tenant: Tenant) -> Link | None:
    """Return the innermost of the callers that is in *tenant*, if one is."""
    return next((link for link in callers() if link.tenant is tenant), None)
