"""What a docstring says of a method, its parameters and its result, in the three ways that people write it."""

import inspect

import pytest

from vmodel._info import merge_info, parameter_texts
from vmodel._signature import Parameter, Signature

GOOGLE = """
    Args:
        image (str): the picture
            to be read
        size: in pixels: about
        box (tuple(int, int), optional): where to look
        *rest (int): more of them
        **more: and more
        this line says nothing

            nor does this

    Returns:
        list[str]: the lines
            that were found

    Raises:
        ValueError: never
"""

NUMPY = """
    Parameters
    ----------
    image : str
        the picture
        to be read
    size
        in pixels: about

    box : tuple of int, optional
        where to look
    *rest, **more : int
        more of them

    Returns
    -------
    lines : list of str
        the lines
        that were found

    Raises
    ------
    ValueError
        never
"""

SPHINX = """
    :param str image: the picture
        to be read
    :type image: str
    :param size: in pixels: about
    :param box: where to look
    :param int *rest: more of them
    :returns: the lines
        that were found
    :raises ValueError: never
"""

TEXTS = {"image": "the picture to be read", "size": "in pixels: about", "box": "where to look"}


def texts(doc: str) -> dict[str, str]:
    """Return what *doc* says, as Python hands it out."""
    return parameter_texts(inspect.cleandoc(doc))


@pytest.mark.parametrize(
    ("doc", "rest"),
    [
        (GOOGLE, {"*rest": "more of them", "**more": "and more"}),
        (NUMPY, {"*rest": "more of them", "**more": "more of them"}),
        (SPHINX, {"*rest": "more of them"}),
    ],
    ids=["Google", "NumPy", "Sphinx"],
)
@pytest.mark.parametrize("summary", ["", "Read a page.\n\n    At length.\n\n"], ids=["alone", "below a summary"])
def test_each_way_of_writing_is_read(doc: str, rest: dict[str, str], summary: str) -> None:
    """Continued lines belong to their entry, other sections to nobody."""
    assert texts(summary + doc) == TEXTS | rest | {"return": "the lines that were found"}


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ("Returns:\n    the lines", "the lines"),
        ("Return:\n    dict[str, int]: the counts", "the counts"),
        ("Returns:\n    A dict with two keys: a and b.", "A dict with two keys: a and b."),
        ("Returns:\n    the lines\n\n    They are sorted.", "the lines"),
        ("Returns:\n    the lines\nRaises:\n    ValueError: never", "the lines"),
        ("Returns\n-------\nint\n    the sum\n\nNotes\n-----\nNone.", "the sum"),
        ("Returns\n-------\nint", ""),
        ("Returns:", ""),
        (":return: the lines", "the lines"),
    ],
)
def test_the_text_of_a_result_is_told_without_its_type(doc: str, told: str) -> None:
    """Its first paragraph."""
    assert texts(doc) == {"return": told}


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        ("", {}),
        ("Nothing of parameters: none.", {}),
        ("Args:", {}),
        ("Arguments:\n\n    a: first\n    b: second\nThat is all: really.", {"a": "first", "b": "second"}),
        ("Parameters\n----------\na, b : int\n    both\nOther\n-----\nc : int\n    third", {"a": "both", "b": "both"}),
        ("Args:\n    a: first\n\nReturns:\n    it\n\n:param b: second", {"a": "first", "b": "second", "return": "it"}),
        ("Args:\n    a: first\nTotal: one", {"a": "first"}),
        ("Args:\n    no entry\n        and its text\n    a: first", {"a": "first"}),
    ],
)
def test_what_is_no_entry_is_passed_over(doc: str, told: dict[str, str]) -> None:
    """And an entry ends where its section does."""
    assert {name: text for name, text in texts(doc).items() if text} == told


@pytest.mark.parametrize(
    ("doc", "summary"),
    [
        ("Read a page.", "Read a page."),
        ("Read a page,\nfrom top to bottom.\n\nSlowly.", "Read a page, from top to bottom."),
        ("Read a page.\n:param a: first", "Read a page."),
        ("Read a page.\nArgs:\n    a: first", "Read a page."),
        ("Args:\n    a: first", ""),
        (":param a: first", ""),
        ("", ""),
    ],
)
def test_the_summary_is_the_first_paragraph(doc: str, summary: str) -> None:
    """Up to where the parameters begin."""
    info = merge_info("ocr", {}, {"read": Signature("m", (), None, "", "value", doc)})
    assert info["methods"][0]["desc"] == summary


@pytest.mark.parametrize("written", ["rest", "*rest"])
def test_a_starred_parameter_is_found_with_and_without_its_star(written: str) -> None:
    """People write both."""
    rest = Parameter("rest", "var_positional")
    signature = Signature("m", (rest,), None, "", "value", f"Args:\n    {written}: more of them")
    (param,) = merge_info("ocr", {}, {"read": signature})["methods"][0]["params"]
    assert (param["name"], param["desc"]) == ("rest", "more of them")
