"""What holds for every test: no settings from outside, the same examples each time in CI, a card for `gpu` tests.

Fixtures and fakes do not belong here: they are in vmodel.testing, or beside the tests that use them.
"""

import os
from collections.abc import Sequence

import pytest
from hypothesis import settings


def pytest_configure() -> None:
    """Forget the settings of the person who runs the tests, and the clock while Hypothesis looks for examples."""
    for name in [name for name in os.environ if name.startswith("VMODEL_")]:
        del os.environ[name]
    # A slow machine is no finding; what Hypothesis itself chooses for CI is kept.
    settings.register_profile("vmodel", settings.get_profile(settings.get_current_profile_name()), deadline=None)
    settings.load_profile("vmodel")


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
