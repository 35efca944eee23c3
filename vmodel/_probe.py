"""Read the machine: one dimension at a time, and only when somebody asks for it.

Nothing is remembered between readings, nothing is locked, and nothing here decides what a reading means.
psutil and pynvml are imported by the reading that needs them.
"""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Protocol

from vmodel._capacity import Capacity, Card, Dimension
from vmodel._cgroup import cpu_quota, memory_limit
from vmodel._nvml import read_cards
from vmodel._readings import CardsReading, CpuReading, MemoryReading


class Probe(Protocol):
    """What reads the machine; safe to call from many threads at once."""

    def cpu(self) -> CpuReading:
        """Return the cores that this process may use."""
        ...

    def memory(self) -> MemoryReading:
        """Return the memory that this process may use, and what is available of it now."""
        ...

    def cards(self) -> CardsReading:
        """Return the cards that this process may use, and what is free on each now."""
        ...


def own_process() -> tuple[int, ...]:
    """Return the number of this process, the only one that counts as ours when services live in it."""
    return (os.getpid(),)


class MachineProbe:
    """The machine that this process runs on.

    Args:
        pids: Returns the processes whose use counts as ours: this one, and the children that services live in.
        proc: Where the kernel tells of processes.
        cgroups: Where control groups are mounted.
        environ: Where CUDA_VISIBLE_DEVICES is looked up; None = this process's environment.
    """

    def __init__(
        self,
        *,
        pids: Callable[[], Collection[int]] = own_process,
        proc: Path = Path("/proc"),
        cgroups: Path = Path("/sys/fs/cgroup"),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._pids = pids
        self._proc = proc
        self._cgroups = cgroups
        self._environ = os.environ if environ is None else environ

    def cpu(self) -> CpuReading:
        """Return the cores that affinity and the CPU quota leave to this process: 1.5 is one and a half."""
        quota = cpu_quota(self._proc, self._cgroups)
        cores = float(_cores())
        return CpuReading(cores if quota is None else min(cores, quota), _load())

    def memory(self) -> MemoryReading:
        """Return the least of what the machine and the control groups leave to this process."""
        import psutil

        machine = psutil.virtual_memory()
        total, available = machine.total, machine.available
        limit = memory_limit(self._proc, self._cgroups)
        if limit is not None:
            total, available = min(total, limit.limit), min(available, limit.available)
        return MemoryReading(total, available, sum(map(_resident, self._pids())))

    def cards(self) -> CardsReading:
        """Return the NVIDIA cards in PCI bus order, filtered and ordered by CUDA_VISIBLE_DEVICES."""
        return read_cards(self._environ.get("CUDA_VISIBLE_DEVICES"), self._pids(), shared=self._shared)

    def _shared(self) -> tuple[int, int]:
        memory = self.memory()
        return memory.total, memory.available


def capacity(probe: Probe, dimensions: Collection[Dimension]) -> Capacity:
    """Return what the machine has in *dimensions*; the others are not read."""
    seen = probe.cards() if "gpu" in dimensions else None
    return Capacity(
        cpu=probe.cpu().total if "cpu" in dimensions else None,
        memory=probe.memory().total if "memory" in dimensions else None,
        cards=None if seen is None else tuple(Card(c.index, c.uuid, c.name, c.usable) for c in seen.cards),
        note="" if seen is None else seen.note,
    )


def _cores() -> int:
    # A processor set (cpuset) shows in the affinity too; macOS has neither.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(os.getpid()))
    return os.cpu_count() or 1


def _load() -> float | None:
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def _resident(pid: int) -> int:
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        # It ended between being listed and being read.
        return 0
