"""The probe on this machine: what it reads, and that it reads nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import vmodel
from vmodel._capacity import Capacity, Card
from vmodel._probe import MachineProbe, capacity
from vmodel._readings import CardReading, CardsReading, CpuReading, MemoryReading

MIB = 2**20


class Planted:
    """A probe with a made-up machine, which writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def cpu(self) -> CpuReading:
        """Return one core and a half."""
        self.asked.append("cpu")
        return CpuReading(1.5)

    def memory(self) -> MemoryReading:
        """Return 100 bytes, 40 of them available."""
        self.asked.append("memory")
        return MemoryReading(total=100, available=40)

    def cards(self) -> CardsReading:
        """Return one card of 100 bytes, of which the driver keeps 10."""
        self.asked.append("gpu")
        card = CardReading(0, "GPU-a", "A", "00000000:01:00.0", total=100, free=30, reserved=10)
        return CardsReading((card,), "one is lost")


def limited(where: Path, *, memory: int, used: int, cpu: str) -> MachineProbe:
    """Return a probe of this machine under a control group of version 2 that *where* pretends."""
    (where / "self").mkdir()
    (where / "self" / "cgroup").write_text("0::/\n")
    files = {"memory.max": memory, "memory.current": used, "cpu.max": cpu}
    for name, text in files.items():
        (where / name).write_text(f"{text}\n")
    return MachineProbe(proc=where, cgroups=where)


def unlimited(where: Path) -> MachineProbe:
    """Return a probe of this machine without its control groups."""
    return MachineProbe(proc=where, cgroups=where)


def test_memory_agrees_with_what_the_kernel_says(tmp_path: Path) -> None:
    """Without control groups, the memory is that of /proc/meminfo, in bytes."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        pytest.skip("no /proc/meminfo: this is not Linux")
    lines = dict(line.split(":") for line in meminfo.read_text().splitlines())
    total, available = (int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    reading = unlimited(tmp_path).memory()
    assert reading.total == total
    # Other programs take and give memory between the two readings.
    assert abs(reading.available - available) < total // 4


def test_memory_is_the_least_of_machine_and_group(tmp_path: Path) -> None:
    """In a container, the machine around it does not count."""
    reading = limited(tmp_path, memory=64 * MIB, used=16 * MIB, cpu="max 100000").memory()
    assert (reading.total, reading.available) == (64 * MIB, 48 * MIB)


def test_what_we_use_ourselves_is_told_apart_from_what_others_use(tmp_path: Path) -> None:
    """The memory of our processes is not counted against us as somebody else's."""
    reading = unlimited(tmp_path).memory()
    assert 0 < reading.ours < reading.total
    assert MemoryReading(total=100, available=40, ours=25).others == 35
    assert MemoryReading(total=100, available=90, ours=25).others == 0


def test_our_processes_are_whichever_the_owner_names(tmp_path: Path) -> None:
    """A child that a service lives in is ours, and one that has just ended uses nothing."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alone = MachineProbe(proc=tmp_path, cgroups=tmp_path, pids=lambda: (ended.pid,)).memory().ours
    parent = MachineProbe(proc=tmp_path, cgroups=tmp_path, pids=lambda: (os.getppid(),)).memory().ours
    assert alone == 0
    assert parent > 0


def test_cores_are_those_of_the_affinity(tmp_path: Path) -> None:
    """A process that was given two of many processors has two cores."""
    cpu = unlimited(tmp_path).cpu()
    allowed = getattr(psutil.Process(), "cpu_affinity", None)
    assert cpu.total == (len(allowed()) if allowed else os.cpu_count())
    assert cpu.load is None or cpu.load >= 0


def test_a_quota_of_less_than_a_core_stays_less_than_a_core(tmp_path: Path) -> None:
    """Nothing rounds half a core up to one."""
    assert limited(tmp_path, memory=1, used=0, cpu="50000 100000").cpu().total == 0.5


def test_a_quota_larger_than_the_machine_adds_no_cores(tmp_path: Path) -> None:
    """The affinity holds where it is less."""
    roomy = limited(tmp_path, memory=1, used=0, cpu="99900000 100000").cpu().total
    assert roomy == unlimited(tmp_path / "nothing").cpu().total


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system has no affinity")
def test_a_machine_without_affinity_and_load_counts_its_processors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As macOS has no affinity and Windows no load average."""
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.delattr(os, "getloadavg")
    assert unlimited(tmp_path).cpu() == CpuReading(float(os.cpu_count() or 1), None)


def test_only_what_is_asked_for_is_read() -> None:
    """A service that wants memory waits for no driver."""
    probe = Planted()
    assert capacity(probe, {"memory"}) == Capacity(memory=100)
    assert probe.asked == ["memory"]
    assert capacity(Planted(), {"cpu"}) == Capacity(cpu=1.5)
    assert capacity(Planted(), ()) == Capacity()


def test_the_capacity_of_a_card_is_what_programs_can_use_of_it() -> None:
    """What the driver keeps for itself is nobody's."""
    read = capacity(Planted(), {"gpu"})
    assert read == Capacity(cards=(Card(0, "GPU-a", "A", 90),), note="one is lost")


def test_neither_psutil_nor_pynvml_is_imported_before_it_is_needed() -> None:
    """Making a probe and reading the cores costs what the standard library costs."""
    program = (
        "import sys; from vmodel._probe import MachineProbe, capacity; capacity(MachineProbe(), {'cpu'})\n"
        "print({'psutil', 'pynvml'} & set(sys.modules))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(vmodel.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
