"""The NVIDIA cards that this process may use, read through `pynvml` (distribution `nvidia-ml-py`).

Each reading starts NVML and shuts it down again; NVML counts the starts, so threads and other users do not disturb
each other. A machine without a driver has no cards, and a driver that fails has none and says so: never an error.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType

from vmodel._readings import CardReading, CardsReading

# Returns total and available memory of the machine, for a card that has none of its own.
Shared = Callable[[], tuple[int, int]]

_ORDINAL = re.compile(r"[+-]?[0-9]{1,9}")


def read_cards(visible: str | None, ours: Collection[int], *, shared: Shared) -> CardsReading:
    """Return the cards that CUDA shows, in its order.

    Args:
        visible: The text of CUDA_VISIBLE_DEVICES, None where it is not set.
        ours: The processes that count as ours.
        shared: Asked where a card has no memory of its own.
    """
    try:
        import pynvml
    except ImportError:
        return CardsReading(note="nvidia-ml-py is not installed")
    try:
        with _session(pynvml):
            found, note = _found(pynvml, ours, shared)
    except pynvml.NVMLError_LibraryNotFound:
        return CardsReading()
    except pynvml.NVMLError as error:
        return CardsReading(note=f"the NVIDIA driver does not answer: {error}")
    shown = shown_by_cuda([card.uuid for card in found], visible)
    if len(shown) < len(found):
        note = "; ".join(filter(None, [note, f"CUDA_VISIBLE_DEVICES={visible!r} shows {len(shown)} of {len(found)}"]))
    return CardsReading(tuple(replace(found[place], index=index) for index, place in enumerate(shown)), note)


def shown_by_cuda(uuids: Sequence[str], visible: str | None) -> tuple[int, ...]:
    """Return which of the cards *uuids* CUDA shows for *visible*, the text of CUDA_VISIBLE_DEVICES, in its order.

    As CUDA does: the first entry that names no card ends the list, a card named twice hides all, "1x" is 1.
    MIG instances are parts of cards and are passed over.
    """
    if visible is None:
        return tuple(range(len(uuids)))
    shown: list[int] = []
    for entry in map(str.strip, visible.split(",")):
        if entry.startswith("MIG-"):
            continue
        place = _place(entry, uuids)
        if place is None:
            break
        if place in shown:
            return ()
        shown.append(place)
    return tuple(shown)


def _place(entry: str, uuids: Sequence[str]) -> int | None:
    if entry.startswith("GPU-"):
        places = [place for place, uuid in enumerate(uuids) if uuid.startswith(entry)]
        return places[0] if len(places) == 1 else None
    ordinal = _ORDINAL.match(entry)
    place = int(ordinal[0]) if ordinal else -1
    return place if 0 <= place < len(uuids) else None


@contextmanager
def _session(nvml: ModuleType) -> Iterator[None]:
    nvml.nvmlInit()
    try:
        yield
    finally:
        nvml.nvmlShutdown()


def _found(nvml: ModuleType, ours: Collection[int], shared: Shared) -> tuple[list[CardReading], str]:
    """Return the cards that answer, in PCI bus order, and what is to be said of the others."""
    found: dict[tuple[int, int, int], CardReading] = {}
    silent: list[str] = []
    for number in range(nvml.nvmlDeviceGetCount()):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(number)
            bus = nvml.nvmlDeviceGetPciInfo(handle)
            found[bus.domain, bus.bus, bus.device] = _card(nvml, handle, _text(bus.busId), ours, shared)
        except nvml.NVMLError as error:
            silent.append(f"the card with NVML number {number} does not answer: {error}")
    return [found[place] for place in sorted(found)], "; ".join(silent)


def _card(nvml: ModuleType, handle: object, bus: str, ours: Collection[int], shared: Shared) -> CardReading:
    total, free, reserved = _memory(nvml, handle, shared)
    return CardReading(
        index=0,
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        name=_text(nvml.nvmlDeviceGetName(handle)),
        bus=bus,
        total=total,
        free=free,
        reserved=reserved,
        ours=_used_by(nvml, handle, ours),
    )


def _memory(nvml: ModuleType, handle: object, shared: Shared) -> tuple[int, int, int]:
    """Return total, free and reserved bytes of a card."""
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2)
    except nvml.NVMLError_FunctionNotFound:
        # Drivers before 510 count what they reserve as used.
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        return int(memory.total), int(memory.free), 0
    except nvml.NVMLError_NotSupported:
        # A card that shares the machine's memory, such as those of the Grace-Blackwell and Jetson boards.
        return (*shared(), 0)
    return int(memory.total), int(memory.free), int(memory.reserved)


def _used_by(nvml: ModuleType, handle: object, ours: Collection[int]) -> int | None:
    """Return the bytes that *ours* use, None where the driver does not tell, as on Windows.

    In a container the driver may know our processes by other numbers: what they use then counts as others', so that
    too much room is never promised.
    """
    try:
        running = nvml.nvmlDeviceGetComputeRunningProcesses_v3(handle)
    except nvml.NVMLError:
        return None
    used = [process.usedGpuMemory for process in running if process.pid in ours]
    return None if None in used else sum(used)


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
