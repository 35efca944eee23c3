"""The info that the catalogue shows: the author's texts untouched, the names of the code, the gaps filled."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from vmodel._info import Info, merge_info
from vmodel._signature import describe

SUM = {"type": "int", "type_desc": "a whole number", "desc": "their sum"}
ADD = {
    "name": "add",
    "desc": "Adds.",
    "params": [
        {"name": "a", "type": "number", "type_desc": "a whole number", "desc": "the first"},
        {"name": "b", "type": "number", "type_desc": "a whole number", "desc": "the second"},
    ],
    "return": SUM,
}
COMPLETE = {
    "service_name": "adder",
    "service_desc": "Adds numbers.",
    "resources": {"cpu": 1},
    "max_concurrency": 2,
    "methods": [ADD],
}

# In the style of published services, which say the same of everything.
PLACEHOLDER = {
    "service_name": "名称",
    "service_desc": "说明",
    "resources": {"cpu": 1, "memory": 2**20, "gpu": "0"},
    "methods": [
        {
            "name": "方法",
            "desc": "方法说明",
            "params": [{"name": "参数", "type": "类型", "type_desc": "类型说明", "desc": "参数说明"}],
            "return": {"type": "类型", "type_desc": "类型说明", "desc": "返回说明"},
        }
    ],
}


def add(a: int, b: int = 1) -> int:
    """Add two numbers.

    Args:
        a: the one
        b: the other

    Returns:
        what they make
    """
    return a + b


def bare(x, *rest, **more): ...  # noqa: D103  # that is what this is about


def merged(author: Info, function: Callable[..., object] = add, name: str = "add") -> Info:
    """Return the info of a service `adder` with one method."""
    return merge_info("adder", author, {name: describe(function)})


def told(type_: str, desc: str = "", **more: object) -> Info:
    """Return what the catalogue says of something without a name."""
    return {"type": type_, "type_desc": "", "desc": desc} | more


A = {"name": "a"} | told("int", "the one", required=True)
B = {"name": "b"} | told("int", "the other", required=False, default=1)


def needs(function: Callable[..., object]) -> dict[str, tuple[object, ...]]:
    """Return of each parameter whether it is required, and its default where there is one."""
    entries = merged({}, function)["methods"][0]["params"]
    return {
        entry["name"]: (entry["required"], *([entry["default"]] if "default" in entry else [])) for entry in entries
    }


def test_what_the_author_wrote_is_untouched() -> None:
    """A complete info comes out as it went in but for what the signature adds, and is no longer the author's object."""
    before = copy.deepcopy(COMPLETE)
    info = merged(COMPLETE)
    a, b = ADD["params"]
    params = [a | {"required": True}, b | {"required": False, "default": 1}]
    assert info == before | {"methods": [ADD | {"params": params}]}
    info["methods"][0]["params"].clear()
    info["resources"]["cpu"] = 99
    assert before == COMPLETE


def test_keys_that_nobody_knows_are_kept() -> None:
    """They are the author's affair."""
    method = ADD | {"example": {"a": 1}, "params": [{"name": "a", "unit": "kg"}], "return": {"unit": "kg"}}
    info = merged(COMPLETE | {"version": 3, "methods": [method]})
    (described,) = info["methods"]
    assert (info["version"], described["example"]) == (3, {"a": 1})
    assert (described["params"][0]["unit"], described["return"]["unit"]) == ("kg", "kg")


def test_an_empty_info_makes_a_catalogue() -> None:
    """Everything is in the code."""
    assert merged({}) == {
        "service_name": "adder",
        "service_desc": "",
        "methods": [
            {
                "name": "add",
                "desc": "Add two numbers.",
                "params": [A, B],
                "return": told("int", "what they make"),
            }
        ],
    }


def test_a_function_without_hints_and_texts_is_told_by_its_names() -> None:
    """No key is missing."""
    (method,) = merged({}, bare)["methods"]
    names = [{"name": name} | told("Any", required=name == "x") for name in ("x", "rest", "more")]
    assert method == {"name": "add", "desc": "", "params": names, "return": told("Any")}


def test_the_registered_names_win_over_a_placeholder() -> None:
    """A published service says nothing true of itself, and runs: its texts stay, its names are the code's."""
    info = merged(PLACEHOLDER)
    assert info["service_name"] == "adder"
    assert (info["service_desc"], info["resources"]) == ("说明", PLACEHOLDER["resources"])
    assert info["methods"] == merged({})["methods"]


def test_an_author_who_knows_some_methods_keeps_those_texts() -> None:
    """Parameters that the code does not have are left out, those that the author forgot are filled in."""
    author = {"methods": [{"name": "add", "desc": "Mine.", "params": [{"name": "a", "desc": "mine"}, {"name": "z"}]}]}
    (method,) = merged(author)["methods"]
    assert method["desc"] == "Mine."
    assert method["params"] == [A | {"desc": "mine"}, B]


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_text_is_a_gap(empty: str | None) -> None:
    """Of a method, a parameter and a result alike."""
    gaps = {"type": empty, "type_desc": empty, "desc": empty}
    author = {"methods": [{"name": "add", "desc": empty, "params": [{"name": "a"} | gaps], "return": gaps}]}
    assert merged(author) == merged({})


@pytest.mark.parametrize(
    "methods",
    [None, "add", {"add": {}}, ["add", None, {}, {"name": ["add"]}], [{"name": "add", "params": 3, "return": "int"}]],
)
def test_a_shape_that_is_none_is_passed_over(methods: object) -> None:
    """Nothing that an author writes breaks the catalogue."""
    assert merged({"methods": methods}) == merged({})


def test_methods_stand_in_the_order_of_the_code() -> None:
    """Whatever the order of the author."""
    signatures = {"zoom": describe(bare), "add": describe(add), "加": describe(add)}
    info = merge_info("adder", {"methods": [ADD, {"name": "zoom", "desc": "Zooms."}]}, signatures)
    assert [(method["name"], method["desc"]) for method in info["methods"]] == [
        ("zoom", "Zooms."),
        ("add", "Adds."),
        ("加", "Add two numbers."),
    ]


def test_the_description_of_a_field_fills_a_gap() -> None:
    """Where the docstring says nothing of the parameter."""

    def read(
        path: Annotated[str, Field(description="where it lies")],
        size: int = Field(3, description="in pixels"),
        mode: Annotated[str, "a remark"] = "r",
        given: Annotated[object, Field(description="not this")] = None,
    ) -> None:
        """Read.

        :param given: but this
        """

    texts = [each["desc"] for each in merged({}, read)["methods"][0]["params"]]
    assert texts == ["where it lies", "in pixels", "", "but this"]


def test_a_planner_learns_what_it_may_leave_out() -> None:
    """And what is taken then: as JSON says it, else as Python shows it."""

    def read(path, size=3, box=(1, 2), mode=None, root=Path("x"), top=math.inf, *rest, key, name="", **more): ...  # noqa: PLR0917

    assert needs(read) == {
        "path": (True,),
        "size": (False, 3),
        "box": (False, [1, 2]),
        "mode": (False, None),
        "root": (False, repr(Path("x"))),
        "top": (False, "inf"),
        "rest": (False,),
        "key": (True,),
        "name": (False, ""),
        "more": (False,),
    }


def test_the_default_of_a_field_is_told() -> None:
    """As pydantic takes it; what is made anew for each call cannot be shown."""

    def read(  # noqa: PLR0917
        mode: Annotated[str, "a remark", Field(default="r")],
        name: Annotated[str, Field(min_length=1)],
        path: str = Field(description="where"),
        size: int = Field(3),
        boxes: list[int] = Field(default_factory=list),  # noqa: B008  # that is what this is about
        page: Annotated[int, Field(gt=0)] = 1,
    ) -> None: ...

    assert needs(read) == {
        "mode": (False, "r"),
        "name": (True,),
        "path": (True,),
        "size": (False, 3),
        "boxes": (False,),
        "page": (False, 1),
    }


def test_an_author_says_better_what_may_be_left_out() -> None:
    """The author's keys win."""
    author = {"methods": [{"name": "add", "params": [{"name": "b", "required": True, "default": "one"}]}]}
    assert merged(author)["methods"][0]["params"] == [A, B | {"required": True, "default": "one"}]
