"""One hook, run in the thread that asked for its step: what the hook sees, and what its failure says."""

import logging
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from vmodel._current import CHAIN
from vmodel._lifecycle import Step
from vmodel._tenant import Tenant
from vmodel.engines.base import Engine, HookRefused

log = logging.getLogger("vmodel")


@contextmanager
def moving(tenants: Iterable[Tenant], step: Step) -> Iterator[None]:
    """Let the hooks run in the body be called by *tenants*: all of them wait for the body to end."""
    chain = CHAIN.get()
    for tenant in tenants:
        chain = (tenant, step, chain, chain and chain[3], chain and chain[4])
    token = CHAIN.set(chain)
    try:
        yield
    finally:
        CHAIN.reset(token)


def run_hook(engine: Engine, tenant: Tenant, step: Step) -> None:
    """Run the hook of *step* as a link of the caller's chain; raise what it raises."""
    parent = CHAIN.get()
    token = CHAIN.set((tenant, step, parent, parent and parent[3], parent and parent[4]))
    try:
        engine.hook(tenant.service, step)
    finally:
        CHAIN.reset(token)


def undo(engine: Engine, tenant: Tenant, step: Step) -> bool:
    """Run the hook of *step* after another one failed; log its own failure and return whether it went well."""
    try:
        run_hook(engine, tenant, step)
    except (Exception, SystemExit):
        log.warning("service %r: %s failed too", tenant.service.name, step.value, exc_info=True)
        return False
    return True


def tell(error: BaseException) -> str:
    """Return what *error* says and where it happened, as text; let go of what its frames hold.

    The frames of a failed load hold half-loaded tensors, which the unload that follows must free.
    """
    frames = traceback.extract_tb(error.__traceback__)
    traceback.clear_frames(error.__traceback__)
    if isinstance(error, HookRefused):
        return str(error)
    said = "".join(traceback.format_exception_only(error)).strip()
    return f"{said} ({frames[-1].filename}:{frames[-1].lineno})" if frames else said
