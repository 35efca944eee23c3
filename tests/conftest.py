"""What holds for every test: no settings from outside, the same examples each time in CI, a card for `gpu` tests.

Fakes do not belong here: they are in vmodel.testing, or beside the tests that use them.
"""

import importlib
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import settings


def pytest_configure() -> None:
    """Forget the settings of the person who runs the tests, and the clock while Hypothesis looks for examples."""
    for name in [name for name in os.environ if name.startswith("VMODEL_")]:
        del os.environ[name]
    # A slow machine is no finding; what Hypothesis itself chooses for CI is kept.
    settings.register_profile("vmodel", settings.default, deadline=None)
    settings.load_profile("vmodel")


@pytest.fixture
def write_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Path]]:
    """Return a function that writes a module of a dotted name into an importable folder, and returns its file.

    What was imported from there is forgotten at the end of the test.
    """
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    # A second version within the same second would be hidden by the compiled first one.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(name: str, source: str) -> Path:
        file = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source), encoding="utf-8")
        importlib.invalidate_caches()
        return file

    yield write
    for name, module in list(sys.modules.items()):
        if str(tmp_path) in f"{getattr(module, '__file__', None)} {list(getattr(module, '__path__', ()))}":
            del sys.modules[name]


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Skip the tests marked `gpu` where there is no card, and say why."""
    marked = [item for item in items if item.get_closest_marker("gpu")]
    reason = _why_no_card() if marked else None
    if reason:
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=reason))


def _why_no_card() -> str | None:
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        return f"no NVIDIA card: {error}"
    try:
        return None if pynvml.nvmlDeviceGetCount() else "no NVIDIA card: the driver is there and sees none"
    finally:
        pynvml.nvmlShutdown()
