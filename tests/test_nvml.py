"""Cards, read through the real pynvml: from a stub of the driver's library, and from a real card where there is one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import vmodel
from vmodel._nvml import read_cards, shown_by_cuda
from vmodel._probe import MachineProbe
from vmodel._readings import CardReading

GIB = 2**30
A = "GPU-aaaa1111-0000-0000-0000-000000000001"
B = "GPU-bbbb2222-0000-0000-0000-000000000002"

# Reads the cards in many threads at once, says what each saw, and whether NVML was left as it was found.
PROGRAM = """
import ctypes, dataclasses, json, sys
from concurrent.futures import ThreadPoolExecutor
from vmodel._probe import MachineProbe

def read(_):
    cards = MachineProbe().cards()
    seen = [dataclasses.asdict(card) | {"others": card.others, "usable": card.usable} for card in cards.cards]
    return {"cards": seen, "note": cards.note}

with ThreadPoolExecutor(8) as pool:
    readings = list(pool.map(read, range(int(sys.argv[1]))))
print(json.dumps({"readings": readings, "started": ctypes.CDLL("libnvidia-ml.so.1").stub_started()}))
"""


class Driver:
    """A machine with the stub of the driver: two cards, A of 24 GiB partly used, B of 8 GiB; A is first on the bus."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, visible: str | None = None, *, fault: str = "", times: int = 1) -> list[dict[str, object]]:
        """Return what a fresh process reads that many times at once."""
        environment = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
        environment |= {
            "LD_LIBRARY_PATH": os.pathsep.join([str(self._folder), os.environ.get("LD_LIBRARY_PATH", "")]),
            "PYTHONPATH": str(Path(vmodel.__file__).parent.parent),
            "NVML_STUB": fault,
        }
        if visible is not None:
            environment["CUDA_VISIBLE_DEVICES"] = visible
        command = [sys.executable, "-W", "error", "-c", PROGRAM, str(times)]
        done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        told = json.loads(done.stdout)
        assert told["started"] == 0, "NVML was started more often than it was shut down"
        return told["readings"]

    def cards(self, visible: str | None = None, *, fault: str = "") -> list[dict[str, object]]:
        """Return the cards that a fresh process reads."""
        return self.read(visible, fault=fault)[0]["cards"]

    def note(self, visible: str | None = None, *, fault: str = "") -> str:
        """Return what a fresh process says of the cards that are not there."""
        return self.read(visible, fault=fault)[0]["note"]


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """Compile the stub."""
    if sys.platform != "linux":
        pytest.skip("the stub takes the place of a library of Linux")
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        complaint = "no C compiler (cc, gcc or clang), so NVML cannot be tested: install one"
        pytest.fail(complaint) if "CI" in os.environ else pytest.skip(complaint)
    folder = tmp_path_factory.mktemp("driver")
    source, library = Path(__file__).with_name("nvml_stub.c"), folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return Driver(folder)


@pytest.mark.parametrize(
    ("visible", "shown"),
    [
        (None, (0, 1)),
        ("", ()),
        ("-1", ()),
        ("NoDevFiles", ()),
        ("0", (0,)),
        ("1", (1,)),
        ("1,0", (1, 0)),
        (" 1 , 0 ", (1, 0)),
        ("0,5,1", (0,)),
        ("0,-1,1", (0,)),
        ("0,,1", (0,)),
        ("5", ()),
        ("0,0", ()),
        ("0,1,0", ()),
        ("1x,+0", (1, 0)),
        (B, (1,)),
        (f"{B},{A}", (1, 0)),
        ("GPU-bb", (1,)),
        ("GPU-bb,0", (1, 0)),
        ("GPU-", ()),
        ("GPU-cccc,0", ()),
        ("bbbb2222", ()),
        (f"{A},{A}", ()),
        (f"0,{A}", ()),
        ("MIG-1234", ()),
        ("MIG-1234,0", (0,)),
    ],
)
def test_visible_cards_are_those_that_cuda_shows(visible: str | None, shown: tuple[int, ...]) -> None:
    """The variable filters and orders, up to the first entry that names no card; MIG instances are passed over."""
    assert shown_by_cuda([A, B], visible) == shown


def test_an_ordinal_is_no_ordinal_with_other_digits() -> None:
    """CUDA reads ASCII; what it cannot read names no card."""
    assert shown_by_cuda([A], "٠") == ()


def test_cards_are_read_in_the_order_of_the_bus(driver: Driver) -> None:
    """NVML's own order may change between boots, the place on the bus does not."""
    first, second = driver.cards()
    assert (first["index"], first["uuid"], first["name"], first["bus"]) == (0, A, "Stub A", "00000000:01:00.0")
    assert (second["index"], second["uuid"], second["name"], second["bus"]) == (1, B, "Stub B", "00000000:41:00.0")


def test_what_others_use_of_a_card_is_told_apart(driver: Driver) -> None:
    """Of the 24 GiB the driver keeps 1, we use 2, others use 6, and 15 are free."""
    card = driver.cards()[0]
    names = ("total", "reserved", "usable", "ours", "others", "free")
    assert [card[name] // GIB for name in names] == [24, 1, 23, 2, 6, 15]


def test_an_idle_card_is_free_as_a_whole(driver: Driver) -> None:
    """No process on it, and nothing that others use."""
    card = driver.cards()[1]
    assert (card["total"], card["free"], card["ours"], card["others"]) == (8 * GIB, 8 * GIB, 0, 0)


@pytest.mark.parametrize(
    ("visible", "uuids"),
    [("1,0", [B, A]), ("1", [B]), ("GPU-bbbb", [B]), (f"{B},0", [B, A]), ("0,7,1", [A]), ("", []), ("-1", [])],
)
def test_card_numbers_count_the_visible_ones(driver: Driver, visible: str, uuids: list[str]) -> None:
    """Card 0 of a service is the first that CUDA shows, whatever its place on the bus."""
    cards = driver.cards(visible)
    assert [card["uuid"] for card in cards] == uuids
    assert [card["index"] for card in cards] == list(range(len(uuids)))


def test_cards_that_are_hidden_are_mentioned(driver: Driver) -> None:
    """Whoever misses a card learns that the environment hides it."""
    assert driver.note() == ""
    assert driver.note("") == "CUDA_VISIBLE_DEVICES='' shows 0 of 2"
    assert driver.note("1") == "CUDA_VISIBLE_DEVICES='1' shows 1 of 2"


@pytest.mark.parametrize(
    ("code", "note"),
    [
        (12, ""),
        (9, "the NVIDIA driver does not answer: Driver Not Loaded"),
        (18, "the NVIDIA driver does not answer: RM has detected an NVML/RM version mismatch."),
        (777, "the NVIDIA driver does not answer: the stub says so"),
    ],
)
def test_a_driver_that_fails_is_no_error(driver: Driver, code: int, note: str) -> None:
    """There are no cards then, and it is said why; a machine without a driver needs no word."""
    assert driver.read(fault=f"init={code}") == [{"cards": [], "note": note}]


def test_a_card_that_is_lost_does_not_take_the_others_down(driver: Driver) -> None:
    """The one that answers is there, the other is mentioned."""
    [reading] = driver.read(fault="lost")
    assert [card["uuid"] for card in reading["cards"]] == [A]
    assert reading["note"] == "the card with NVML number 0 does not answer: GPU is lost"


def test_an_old_driver_tells_its_memory_too(driver: Driver) -> None:
    """Before driver 510, what the driver keeps for itself counts as used by others."""
    card = driver.cards(fault="old")[0]
    names = ("total", "reserved", "usable", "ours", "others", "free")
    assert [card[name] // GIB for name in names] == [24, 0, 24, 2, 7, 15]


def test_a_card_without_memory_of_its_own_has_the_machines(driver: Driver) -> None:
    """On boards where processor and card share the memory, what the machine has is what the card has."""
    own, shared = driver.cards(fault="shared")
    assert own["total"] == 24 * GIB
    assert shared["total"] == MachineProbe().memory().total
    assert 0 < shared["free"] <= shared["total"]


@pytest.mark.parametrize("fault", ["mute", "wddm"])
def test_where_the_driver_does_not_tell_who_uses_a_card_all_use_is_others(driver: Driver, fault: str) -> None:
    """Too little room is then promised, never too much."""
    card = driver.cards(fault=fault)[0]
    assert (card["ours"], card["others"]) == (None, 8 * GIB)


def test_many_threads_may_read_at_once(driver: Driver) -> None:
    """All see the same cards, and each start of NVML is followed by one shutdown."""
    readings = driver.read(times=64)
    assert len(readings) == 64
    assert all(reading == readings[0] for reading in readings)


def test_a_machine_without_the_binding_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named by its distribution."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    reading = read_cards(None, (), shared=lambda: (0, 0))
    assert (reading.cards, reading.note) == ((), "nvidia-ml-py is not installed")


def test_use_is_never_less_than_nothing() -> None:
    """A reading between two allocations may not add up."""
    assert CardReading(0, A, "A", "", total=10, free=8, ours=5).others == 0


@pytest.mark.gpu
def test_a_real_card_tells_its_memory_and_its_name() -> None:
    """What the driver says of a real card adds up, and the probe finds as many as NVML does."""
    import pynvml

    reading = MachineProbe(environ={}).cards()
    pynvml.nvmlInit()
    try:
        assert len(reading.cards) == pynvml.nvmlDeviceGetCount()
    finally:
        pynvml.nvmlShutdown()
    for card in reading.cards:
        assert card.uuid.startswith("GPU-")
        assert card.name
        assert 0 <= card.free <= card.usable <= card.total
        assert card.total > GIB
