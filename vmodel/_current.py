"""What a hook or a method can ask of the VModel that runs it: `vmodel.current()`.

The chain of calls is a context variable; each link is a plain tuple, because every call makes one.
"""

import re
import time
import weakref
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from vmodel._threads import Actor, actor
from vmodel.errors import VModelError

if TYPE_CHECKING:
    from vmodel._service import Service


class Host(Protocol):
    """What a running service reaches of the VModel around it."""

    home: Path

    @property
    def closed(self) -> bool:
        """Whether it was closed."""

    def run(
        self, service: str, method: str, kwargs: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> object:
        """Call a method of a service."""

    async def arun(
        self, service: str, method: str, kwargs: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> object:
        """Call a method of a service without blocking the event loop."""

    def progress(self, service: str, fraction: float | None, text: str) -> None:
        """Tell the listeners how far *service* is."""


class Link(NamedTuple):
    """One link of a chain, for reading; a call writes it as a plain tuple of the same order."""

    tenant: "Running"
    doing: object
    parent: "tuple[object, ...] | None"
    deadline: float | None
    age: int | None


class Endable(Protocol):
    """What a chain needs of a stream."""

    @property
    def tenant(self) -> object:
        """The service that it holds a seat in, or None where it has ended."""

    def end(self) -> None:
        """End it because its VModel is closed; it raises nothing that the stream's own code does."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream as its context sees it, which does not keep it alive; *opener* is the task or thread that opened it."""

    reference: "weakref.ref[Endable]"
    opener: Actor

    @property
    def tenant(self) -> object:
        """The service that the stream holds a seat in, or None where it has ended."""
        stream = self.reference()
        return None if stream is None else stream.tenant

    def close(self) -> None:
        """End the stream for its VModel, which is closed; nothing that its cleanup raises comes out."""
        stream = self.reference()
        if stream is not None:
            stream.end()


class Running(Protocol):
    """What `current()` needs of the live side of a service."""

    service: "Service"
    cards: tuple[int, ...]

    def host(self) -> Host | None:
        """Return the VModel, or None where it is gone."""


CHAIN: ContextVar[tuple[object, ...] | None] = ContextVar("vmodel_chain", default=None)


OPEN: ContextVar[tuple[Opened, ...]] = ContextVar("vmodel_open_streams", default=())
"""The streams that were opened in this context, held weakly: their services count as callers of who opened them."""


def links(chain: tuple[object, ...] | None) -> Iterator[Link]:
    """Return the links of *chain*, the innermost first."""
    while chain is not None:
        link = Link(*chain)  # type: ignore[arg-type]  # written by the call in this order
        yield link
        chain = link.parent


def is_inside(chain: tuple[object, ...] | None, tenant: object) -> bool:
    """Return whether *tenant* is one of the links of *chain*."""
    while chain is not None:
        if chain[0] is tenant:
            return True
        chain = cast("tuple[object, ...] | None", chain[2])
    return False


def opened() -> Iterator[Opened]:
    """Return the streams that this context has open, also those that it inherited from who opened them."""
    return (stream for stream in OPEN.get() if stream.tenant is not None)


def remember(stream: Endable) -> None:
    """Let this context know that it has *stream* open, for as long as it has."""
    OPEN.set((*opened(), Opened(weakref.ref(stream), actor())))


class Current:
    """The running service, as its own code sees it."""

    __slots__ = ("_link",)

    def __init__(self, link: Link) -> None:
        self._link = link

    def __repr__(self) -> str:
        return f"<current service {self.service!r}>"

    @property
    def service(self) -> str:
        """The name under which the service runs, after renaming."""
        return self._link.tenant.service.name

    @property
    def settings(self) -> Mapping[str, object]:
        """The settings of the service's entry in the configuration."""
        return self._link.tenant.service.config.settings

    def service_dir(self) -> Path:
        """Return the folder for this service's own files; it is made where it is missing."""
        folder = self._host().home / "services" / _file_name(self.service)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def devices(self) -> tuple[str, ...]:
        """Return the devices to use, as torch names them: `("cuda:0",)`, or `("cpu",)` without a card."""
        cards = self._link.tenant.cards
        return tuple(f"cuda:{card}" for card in cards) or ("cpu",)

    def run(
        self, service: str, method: str, kwargs: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Call a method of another service of the same VModel; its result is `Any` to a type checker."""
        return self._host().run(service, method, kwargs, timeout=timeout)

    async def arun(
        self, service: str, method: str, kwargs: Mapping[str, object] | None = None, *, timeout: float | None = None
    ) -> Any:
        """Do as `run()` does without blocking the event loop, from a coroutine method."""
        return await self._host().arun(service, method, kwargs, timeout=timeout)

    def cancelled(self) -> bool:
        """Return whether nobody waits for the result any more: the caller's time is over, or the VModel is closed."""
        host, deadline = self._link.tenant.host(), self._link.deadline
        return host is None or host.closed or (deadline is not None and time.monotonic() >= deadline)

    def progress(self, fraction: float | None = None, text: str = "") -> None:
        """Tell how far the work is: a fraction from 0 to 1, a text, or both."""
        self._host().progress(self.service, fraction, text)

    def _host(self) -> Host:
        host = self._link.tenant.host()
        if host is None:
            raise VModelError(f"the VModel of service {self.service!r} is gone", service=self.service)
        return host


def current() -> Current:
    """Return the running service, inside one of its hooks or methods.

    Raises:
        VModelError: Outside of any service.
    """
    chain = CHAIN.get()
    if chain is None:
        raise VModelError(
            "no service is running here",
            hint="call vmodel.current() inside a hook or a method that a VModel runs",
        )
    return Current(next(links(chain)))


def _file_name(service: str) -> str:
    """Return a folder name for *service* alone, which every file system takes; names are any text."""
    plain = re.sub(r"[^\w\-. ]", "_", service)[:40].strip(". ")
    # Some file systems take "OCR" and "ocr" for one name.
    if plain and plain == service.lower():
        return plain
    import hashlib

    return f"{plain}-{hashlib.sha256(service.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
