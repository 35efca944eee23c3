"""`vmodel.current()`: nothing outside a service, and a folder for a service of any name inside one.

What it gives inside a hook or a method is in test_dispatch.py.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vmodel._current import CHAIN, Current, Link, _file_name, current, links
from vmodel._service import Service
from vmodel.errors import VModelError
from vmodel.protocol._declaration import Declaration
from vmodel.protocol._protocol import MINIMAL


@dataclass(frozen=True)
class Running:
    """The live side of a service whose VModel is gone."""

    service: Service
    cards: tuple[int, ...] = ()

    def host(self) -> None:
        """Return no VModel."""


def entered(name: str, *, parent: Link | None = None, cards: tuple[int, ...] = ()) -> Link:
    """Return the link of a call into a service of that name."""
    info = Declaration(name, "info", "info", "minimal", dict, "m", "m.py", 1)
    running = Running(Service(name, name, MINIMAL, info, {}, {}, None), cards)
    return Link(tenant=running, doing="run", parent=parent, deadline=None, age=None)


def test_outside_of_any_service_there_is_no_current_one() -> None:
    """The error says where to call it."""
    with pytest.raises(VModelError, match="no service is running here") as caught:
        current()
    assert caught.value.hint == "call vmodel.current() inside a hook or a method that a VModel runs"


def test_the_innermost_link_of_the_chain_is_the_current_service() -> None:
    """A service that another one called sees itself, and the chain leads outward."""
    inner = entered("inner", parent=entered("outer"))
    token = CHAIN.set(tuple(inner))
    try:
        assert repr(current()) == "<current service 'inner'>"
        assert [link.tenant.service.name for link in links(CHAIN.get())] == ["inner", "outer"]
    finally:
        CHAIN.reset(token)
    assert list(links(None)) == []


@pytest.mark.parametrize(("cards", "devices"), [((), ("cpu",)), ((1, 0), ("cuda:1", "cuda:0"))])
def test_devices_are_the_cards_of_the_service(cards: tuple[int, ...], devices: tuple[str, ...]) -> None:
    """As torch names them, in the order of the request."""
    assert Current(entered("ocr", cards=cards)).devices() == devices


def test_a_service_whose_vmodel_is_gone_is_told_so() -> None:
    """A thread that outlives the VModel gets an error of ours, and not an AttributeError."""
    here = Current(entered("ocr"))
    for ask in (here.service_dir, here.progress, lambda: here.run("tts", "say")):
        with pytest.raises(VModelError, match="the VModel of service 'ocr' is gone"):
            ask()


@pytest.mark.parametrize("name", ["ocr", "文字识别", "text-to-speech", "whisper.large v3", "a_b"])
def test_the_folder_of_a_plain_name_is_that_name(name: str) -> None:
    """Who looks for the files of a service finds them."""
    assert _file_name(name) == name


@given(st.text(max_size=300))
@example("")
@example("..")
@example(" ")
@example("a/../../b")
@example("\ud800")
@example("x" * 300)
@example("识" * 300)
def test_any_name_makes_a_folder_below_the_home(name: str) -> None:
    """One folder, of letters that every file system takes, not longer than they allow, with no dot at either end."""
    folder = _file_name(name)
    assert Path("home", folder).parent == Path("home")
    assert re.fullmatch(r"[\w\-. ]+", folder)
    assert folder == folder.strip(". ")
    assert len(folder.encode()) <= 255


@given(st.text(), st.text())
@example("OCR", "ocr")
@example("/1", "\u02f1")
@example("a/b", "a_b")
@example("a.", "a")
@example("x" * 300, "x" * 301)
def test_two_services_never_share_a_folder(one: str, other: str) -> None:
    """Not even on a file system that takes capitals and small letters for the same."""
    assert (_file_name(one).casefold() == _file_name(other).casefold()) == (one == other)
