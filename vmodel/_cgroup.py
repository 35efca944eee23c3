"""The limits that Linux control groups, version 1 and 2, set to this process.

A group is held to its own limits and to those of every group above it, so each reading walks up to the root.
In a container the path in /proc/self/cgroup may lie outside what is mounted: what is not there limits nothing.
Nothing here knows what the machine itself has.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# limit, usage, and the line of memory.stat with what the kernel drops before it fails an allocation.
_MEMORY_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The smallest limit on the way up, and the least that is left under any of them, in bytes."""

    limit: int
    available: int


def memory_limit(proc: Path, root: Path) -> MemoryLimit | None:
    """Return what the memory groups of this process allow it, None where they set no limit."""
    limits = [limit for group in _groups(proc, root, "memory") if (limit := _memory(group))]
    if not limits:
        return None
    return MemoryLimit(min(limit.limit for limit in limits), min(limit.available for limit in limits))


def cpu_quota(proc: Path, root: Path) -> float | None:
    """Return how many cores the CPU groups of this process allow it, 1.5 say; None where they set no quota."""
    quotas = (_quota(group) for group in _groups(proc, root, "cpu"))
    return min((quota for quota in quotas if quota is not None), default=None)


def _groups(proc: Path, root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the groups of this process, each followed by those above it."""
    for line in _text(proc / "self" / "cgroup").splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers and controller not in controllers.split(","):
            continue
        # Version 2 has one tree, with no controllers named; beside version 1 it is mounted in "unified".
        mounts = (controller, controllers) if controllers else (".", "unified")
        parts = PurePosixPath(path).parts[1:]
        for mount in dict.fromkeys(mounts):
            # "/../x" is a group beside the one that this container sees as its root.
            depth = 0 if ".." in parts else len(parts)
            yield from (root.joinpath(mount, *parts[:length]) for length in range(depth, -1, -1))


def _memory(group: Path) -> MemoryLimit | None:
    for limit_file, usage_file, inactive in _MEMORY_FILES:
        limit = _number(_text(group / limit_file))
        # Version 1 writes the largest number of pages for "no limit".
        if limit is not None and limit < 2**62:
            used = (_number(_text(group / usage_file)) or 0) - _stat(group / "memory.stat", inactive)
            return MemoryLimit(limit, max(0, limit - max(0, used)))
    return None


def _quota(group: Path) -> float | None:
    quota, _, period = _text(group / "cpu.max").partition(" ")
    if not quota:
        quota, period = _text(group / "cpu.cfs_quota_us"), _text(group / "cpu.cfs_period_us")
    microseconds, of = _number(quota), _number(period)
    # No quota is "max" in version 2 and -1 in version 1.
    return microseconds / of if microseconds and of and microseconds > 0 else None


def _stat(file: Path, name: str) -> int:
    """Return the number behind *name* in a file of "name number" lines, 0 where it is not there."""
    lines = (line.partition(" ") for line in _text(file).splitlines())
    return next((_number(number) or 0 for key, _, number in lines if key == name), 0)


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""
