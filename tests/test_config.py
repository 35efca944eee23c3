"""The entries that a VModel is made from: every form, every key, and everything that is wrong with one."""

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from pydantic import ValidationError

from vmodel._config import Entry, ServiceConfig, parse_entry
from vmodel.errors import ConfigError

KEYS = "package, rename, settings, resources, limits, max_concurrency, pin, keep_alive, timeouts, engine"


def refusal(entry: object) -> ConfigError:
    """Return the error that *entry* is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse_entry(entry)
    return caught.value


@pytest.mark.parametrize(
    "entry",
    [
        "ocr",
        {"package": "ocr"},
        MappingProxyType({"package": "ocr"}),
        ServiceConfig(package="ocr"),
    ],
)
def test_every_form_of_an_entry_means_the_same(entry: Entry) -> None:
    """The plain one is what applications already pass."""
    assert parse_entry(entry) == ServiceConfig(package="ocr")


@pytest.mark.parametrize("package", ["ocr", Path("ocr.py"), sys])
def test_a_package_stays_what_it_was_given_as(package: object) -> None:
    """A path is not taken for a name, nor a name for a path."""
    for entry in (package, {"package": package}):
        kept = parse_entry(entry).package
        assert kept is package or (kept == package and type(kept) is type(package))


def test_an_entry_says_nothing_that_was_not_written() -> None:
    """None is a value for some keys, so what was written is told apart from what was not."""
    assert ServiceConfig(package="ocr").model_dump(exclude={"package"}) == {
        "rename": None,
        "settings": {},
        "resources": None,
        "limits": None,
        "max_concurrency": None,
        "pin": False,
        "keep_alive": None,
        "timeouts": {},
        "engine": "local",
    }
    unlimited = parse_entry({"package": "ocr", "max_concurrency": None})
    assert (unlimited.says("max_concurrency"), unlimited.says("limits")) == (True, False)


@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("rename", {"ocr": "文字识别"}, {"ocr": "文字识别"}),
        ("settings", {"size": [1, {"deep": None}]}, {"size": [1, {"deep": None}]}),
        ("resources", {"memory": "1GiB"}, {"memory": "1GiB"}),
        ("limits", "off", "off"),
        ("max_concurrency", "4", 4),
        ("pin", 1, True),
        ("keep_alive", 0, 0.0),
        ("timeouts", {"load": "60", "cleanup": 0.5}, {"load": 60.0, "cleanup": 0.5}),
    ],
)
def test_each_key_is_read(key: str, written: object, value: object) -> None:
    """Also from text, as TOML and environment variables have it."""
    assert getattr(parse_entry({"package": "ocr", key: written}), key) == value


def test_two_entries_share_nothing() -> None:
    """What the application does to its own dict afterwards changes no configuration."""
    settings = {"size": 1}
    config = parse_entry({"package": "ocr", "settings": settings})
    settings["size"] = 2
    assert config.settings == {"size": 1}
    assert ServiceConfig(package="ocr").settings is not ServiceConfig(package="ocr").settings


def test_a_configuration_cannot_be_changed() -> None:
    """It is a value."""
    with pytest.raises(ValidationError, match="frozen"):
        ServiceConfig(package="ocr").pin = True


@pytest.mark.parametrize("entry", [3, None, b"ocr", ["ocr"], object])
def test_what_is_no_entry_is_told_what_one_is(entry: object) -> None:
    """With an example."""
    error = refusal(entry)
    assert error.message.startswith("a service entry is a name, a path, a module, a mapping or a ServiceConfig, not ")
    assert (error.given, error.hint) == (entry, "VModel([{'package': 'my_services'}])")


@pytest.mark.parametrize(
    ("entry", "path", "message"),
    [
        ({}, ("package",), "a service entry lacks 'package'"),
        ({"package": "x", "limit": 1}, ("limit",), f"a service entry has no key 'limit'; it has: {KEYS}"),
        ({"package": "x", "engine": "ray"}, ("engine",), "service entry, engine: Input should be 'local', given 'ray'"),
        ({"package": "x", "limits": "no"}, ("limits",), "'enforce', 'warn' or 'off', given 'no'"),
        ({"package": "x", "max_concurrency": 0}, ("max_concurrency",), "should be greater than 0, given 0"),
        ({"package": "x", "keep_alive": math.nan}, ("keep_alive",), "greater than or equal to 0, given nan"),
        ({"package": "x", "timeouts": {"load": -1}}, ("timeouts", "load"), "should be greater than 0, given -1"),
        ({"package": "x", "timeouts": {"laod": 1}}, ("timeouts", "laod"), "should be 'prepare', 'load', 'test',"),
        ({"package": "x", "settings": None}, ("settings",), "should be a valid dictionary, given None"),
        ({"package": "x", "rename": ""}, ("rename",), "rename: String should have at least 1 character"),
        ({"package": "x", "rename": {"a": ""}}, ("rename", "a"), "rename.a: String should have at least 1 character"),
        (
            {"package": "x", "resources": {"memry": 1}},
            ("resources", "memry"),
            "resources.memry: 'memry' is no known key",
        ),
        ({"package": "x", "resources": {"memory": "lots"}}, ("resources", "memory"), "'lots' is no amount of memory"),
        (
            {"package": "x", "resources": {"gpu": {"count": 0}}},
            ("resources", "gpu", "count"),
            "count: 0 is no number",
        ),
        ({"package": "x", "resources": 3}, ("resources",), "resources: Input should be a valid dictionary, given 3"),
        ({"package": "x", 3: 1}, (3,), "service entry, 3: Keys should be strings, given 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(
    entry: Mapping[str, object], path: tuple[str | int, ...], message: str
) -> None:
    """The sentence names the key, the value, and what would do."""
    error = refusal(entry)
    assert message in error.message
    assert error.path == path
    assert len(error.findings) == 1


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"package": 3}, ("package",)),
        ({"package": "x", "rename": 3}, ("rename",)),
        ({"package": "x", "rename": {"ocr": 3}}, ("rename", "ocr")),
    ],
)
def test_a_key_that_takes_several_types_makes_one_problem(
    entry: Mapping[str, object], path: tuple[str | int, ...]
) -> None:
    """Told without the words that pydantic uses among its own."""
    error = refusal(entry)
    assert error.path == path
    assert error.message.endswith(", given 3")
    assert "lax-or-strict" not in error.message
    assert error.expected in error.message


def test_a_slip_of_the_pen_is_told_the_right_key() -> None:
    """A misspelt key is no configuration that silently counts for nothing."""
    error = refusal({"package": "x", "setings": {}})
    assert (error.nearest[0], error.hint) == ("settings", "did you mean 'settings'?")
    assert refusal({"package": "x", "enname": 1}).hint == "did you mean 'rename'?"
    assert refusal({"package": "x", "zzz": 1}).hint is None


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Whoever configures repairs it in one go."""
    error = refusal({"packge": "x", "limits": "no", "pin": "perhaps", "resources": {"cpu": -1, "memry": 1}})
    keys = [".".join(map(str, finding.path)) for finding in error.findings]
    assert sorted(keys) == ["limits", "package", "packge", "pin", "resources.cpu", "resources.memry"]
    assert error.findings[keys.index("resources.memry")].hint == "did you mean 'memory'?"


def test_the_typed_form_names_the_known_keys_too() -> None:
    """The words of pydantic would not."""
    with pytest.raises(ValidationError, match=f"no key 'packge'; it has: {KEYS}"):
        ServiceConfig(packge="x")
