"""The limits of control groups, in trees that look like those of real machines and containers."""

from pathlib import Path

import pytest

from vmodel._cgroup import MemoryLimit, cpu_quota, memory_limit

NO_LIMIT_V1 = "9223372036854771712"
Tree = dict[str, str]

V2 = {
    "proc/self/cgroup": "0::/user.slice/job",
    "cgroup/user.slice/memory.max": "1000",
    "cgroup/user.slice/memory.current": "700",
    "cgroup/user.slice/memory.stat": "anon 400\ninactive_file 100\nactive_file 50",
    "cgroup/user.slice/job/memory.max": "max",
    "cgroup/user.slice/job/memory.current": "300",
    "cgroup/user.slice/cpu.max": "150000 100000",
    "cgroup/user.slice/job/cpu.max": "max 100000",
}
V1 = {
    "proc/self/cgroup": "4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n0::/",
    "cgroup/memory/memory.limit_in_bytes": NO_LIMIT_V1,
    "cgroup/memory/memory.usage_in_bytes": "99999",
    "cgroup/memory/docker/abc/memory.limit_in_bytes": "2000",
    "cgroup/memory/docker/abc/memory.usage_in_bytes": "1500",
    "cgroup/memory/docker/abc/memory.stat": "inactive_file 1\ntotal_inactive_file 500",
    "cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1",
    "cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
    "cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "50000",
    "cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000",
}
SMALLER_INSIDE = V2 | {
    "cgroup/user.slice/job/memory.max": "600",
    "cgroup/user.slice/job/memory.current": "10",
    "cgroup/user.slice/job/cpu.max": "20000 100000",
}
# The container sees its own group as the root, and the kernel tells the path outside.
CONTAINER_V1 = {
    "proc/self/cgroup": "4:memory:/kubepods/pod1/abc\n3:cpu:/kubepods/pod1/abc",
    "cgroup/memory/memory.limit_in_bytes": "4096",
    "cgroup/memory/memory.usage_in_bytes": "4000",
    "cgroup/cpu/cpu.cfs_quota_us": "250000",
    "cgroup/cpu/cpu.cfs_period_us": "100000",
}
CONTAINER_V2 = {
    "proc/self/cgroup": "0::/../sibling",
    "cgroup/memory.max": "4096",
    "cgroup/memory.current": "96",
    "cgroup/cpu.max": "100000 50000",
    # Not ours: a group that happens to have the name of the one outside.
    "cgroup/sibling/memory.max": "1",
    "cgroup/sibling/cpu.max": "1 100000",
}
HYBRID = {
    "proc/self/cgroup": "3:memory:/job\n0::/job",
    "cgroup/memory/job/memory.limit_in_bytes": "3000",
    "cgroup/memory/job/memory.usage_in_bytes": "0",
    "cgroup/unified/job/cpu.max": "300000 100000",
}
FULL = {"proc/self/cgroup": "0::/", "cgroup/memory.max": "100", "cgroup/memory.current": "130"}
NOTHING_LEFT = {"proc/self/cgroup": "0::/", "cgroup/memory.max": "0"}
CACHE_ONLY = FULL | {"cgroup/memory.stat": "inactive_file 900"}
UNLIMITED = {"proc/self/cgroup": "0::/a", "cgroup/a/memory.max": "max", "cgroup/a/cpu.max": "max 100000"}
BROKEN = {
    "proc/self/cgroup": "nonsense\n\n0::/a",
    "cgroup/a/memory.max": "lots",
    "cgroup/a/cpu.max": "soon",
    "cgroup/cpu.max": "100 0",
}


def plant(where: Path, tree: Tree) -> tuple[Path, Path]:
    """Write *tree* below *where*, and return the roots of proc and of the control groups in it."""
    for name, text in tree.items():
        file = where / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return where / "proc", where / "cgroup"


@pytest.mark.parametrize(
    ("tree", "limit"),
    [
        pytest.param(V2, MemoryLimit(1000, 400), id="v2, the group above"),
        pytest.param(SMALLER_INSIDE, MemoryLimit(600, 400), id="v2, limit from one, room from another"),
        pytest.param(V1, MemoryLimit(2000, 1000), id="v1"),
        pytest.param(CONTAINER_V1, MemoryLimit(4096, 96), id="v1, in a container"),
        pytest.param(CONTAINER_V2, MemoryLimit(4096, 4000), id="v2, in a container"),
        pytest.param(HYBRID, MemoryLimit(3000, 3000), id="v1 beside v2"),
        pytest.param(FULL, MemoryLimit(100, 0), id="more used than allowed"),
        pytest.param(NOTHING_LEFT, MemoryLimit(0, 0), id="a limit of nothing"),
        pytest.param(CACHE_ONLY, MemoryLimit(100, 100), id="nothing but cache"),
        pytest.param(UNLIMITED, None, id="no limit"),
        pytest.param(BROKEN, None, id="unreadable"),
        pytest.param({}, None, id="no control groups"),
    ],
)
def test_memory_is_limited_by_the_smallest_group_on_the_way_up(
    tmp_path: Path, tree: Tree, limit: MemoryLimit | None
) -> None:
    """What is left is the limit less what is used; cache that the kernel would drop is not used."""
    assert memory_limit(*plant(tmp_path, tree)) == limit


@pytest.mark.parametrize(
    ("tree", "quota"),
    [
        pytest.param(V2, 1.5, id="v2, the group above"),
        pytest.param(SMALLER_INSIDE, 0.2, id="v2, the smaller one"),
        pytest.param(V1, 0.5, id="v1"),
        pytest.param(CONTAINER_V1, 2.5, id="v1, in a container"),
        pytest.param(CONTAINER_V2, 2.0, id="v2, in a container"),
        pytest.param(HYBRID, 3.0, id="v1 beside v2"),
        pytest.param(UNLIMITED, None, id="no quota"),
        pytest.param(BROKEN, None, id="unreadable"),
        pytest.param({}, None, id="no control groups"),
    ],
)
def test_cores_are_limited_by_the_smallest_quota_on_the_way_up(tmp_path: Path, tree: Tree, quota: float | None) -> None:
    """Half a core is half a core: a quota is never rounded."""
    assert cpu_quota(*plant(tmp_path, tree)) == quota


def test_a_file_that_is_no_text_limits_nothing(tmp_path: Path) -> None:
    """A kernel that tells something else is no reason to refuse every service."""
    proc, root = plant(tmp_path, {"proc/self/cgroup": "0::/"})
    (root / "memory.max").parent.mkdir()
    (root / "memory.max").write_bytes(b"\xff\xfe")
    assert memory_limit(proc, root) is None
