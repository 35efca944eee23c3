"""The JSON form of a snapshot: plain values, every field by its name."""

import json
from dataclasses import fields

import pytest
from services import Made, raising

from vmodel import ServiceStatus, Status, VModel
from vmodel.errors import StepFailed


def test_a_status_is_json() -> None:
    """States are text, findings are told as errors are, and no field is missing."""
    one, two = Made(), Made("two")
    two.on("load", raising(OSError("disk on fire")))
    with VModel([one.module, two.module, "nowhere"]) as vm:
        vm.run("one", "add", {"a": 1, "b": 2})
        with pytest.raises(StepFailed):
            vm.load("two")
        status = vm.status()
    told = json.loads(json.dumps(status.to_dict(), allow_nan=False))
    assert list(told) == [field.name for field in fields(Status)]
    assert told["closed"] is False
    assert [finding["code"] for finding in told["findings"]] == ["package_error"]
    assert set(told["services"]) == {"one", "two"}
    ready, failed = told["services"].values()
    assert list(ready) == [field.name for field in fields(ServiceStatus)]
    assert (ready["state"], ready["failed_step"], ready["cards"]) == ("ready", None, [])
    assert ready["methods"]["add"]["calls"] == 1
    assert (failed["state"], failed["failed_step"], failed["methods"]) == ("prepared", "load", {})
    assert "disk on fire" in failed["failure"]
