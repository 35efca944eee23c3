"""One hook, run in the thread that asked for its step: what the hook sees, and what its failure says."""

import logging
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from vmodel._current import CHAIN
from vmodel._lifecycle import Step
from vmodel._tenant import Tenant
from vmodel.engines.base import Engine, HookRefused
from vmodel.protocol._declaration import SLOT

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
    """Return what *error* says and which line of the service it came from, as text; let go of what its frames hold.

    The frames of a failed load hold half-loaded tensors, which the unload that follows must free.
    """
    place = _place(error)
    for linked in _linked(error):
        traceback.clear_frames(linked.__traceback__)
    if isinstance(error, HookRefused):
        return str(error)
    said = "".join(traceback.format_exception_only(error)).strip()
    return f"{said} ({place})" if place else said


def _linked(error: BaseException) -> Iterator[BaseException]:
    """Return *error* and the errors that it came from, each once."""
    seen: dict[int, BaseException] = {}
    todo: list[BaseException | None] = [error]
    while todo:
        found = todo.pop()
        if found is not None and id(found) not in seen:
            seen[id(found)] = found
            todo += (found.__cause__, found.__context__)
    yield from seen.values()


def _place(error: BaseException) -> str | None:
    """Return file:line of the last frame of *error* in the hook's own file: deeper ones are a library's.

    That file is the first one that declares services; a hook from elsewhere is in the first that is not ours.
    """
    steps = list(traceback.walk_tb(error.__traceback__))
    declaring = [frame for frame, _ in steps if SLOT in frame.f_globals]
    foreign = [frame for frame, _ in steps if not str(frame.f_globals.get("__name__")).startswith("vmodel.")]
    files = [frame.f_code.co_filename for frame in declaring or foreign or [frame for frame, _ in steps]]
    lines = [line for frame, line in steps if frame.f_code.co_filename in files[:1]]
    return f"{files[0]}:{lines[-1]}" if files else None
