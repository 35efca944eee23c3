"""Classes known by name only: in unions and generics, as an instance check, as a pickle, and once they are loaded."""

import builtins
import copy
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Union

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

from vmodel._deferred import Deferred, LenientNames, deferred

WriteModule = Callable[[str, str], Path]

SOURCE = "class Picture:\n    class Frame: ...\n    name = 'no class'\n"


def adapter(annotation: object) -> TypeAdapter[object]:
    """Return pydantic's validator of *annotation*, as the arguments have it."""
    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


def test_a_deferred_class_grows_by_its_dots() -> None:
    """As an annotation is read from left to right; generic parameters say nothing about the class."""
    ndarray = deferred("numpy").typing.NDArray[int]
    assert (repr(ndarray), ndarray.__name__) == ("numpy.typing.NDArray", "NDArray")
    assert ndarray == deferred("numpy.typing.NDArray")
    assert ndarray != deferred("numpy.typing.ArrayLike")
    assert ndarray != "numpy.typing.NDArray"
    assert len({ndarray, deferred("numpy.typing.NDArray")}) == 1


def test_it_has_no_special_attributes() -> None:
    """Whoever looks for a protocol on it is not led on."""
    assert not hasattr(deferred("numpy"), "__pydantic_validator__")


def test_it_stands_in_unions_and_generics() -> None:
    """Like any class."""
    one = deferred("a.B")
    assert (one | None).__args__ == (one, type(None))
    assert Union[one, None].__args__ == (one, type(None))  # noqa: UP007  # as published services write it
    assert list[one].__args__ == (one,)


def test_it_survives_pickling_and_copying() -> None:
    """A description of a signature is sent to another process."""
    one = list[deferred("a.B") | None]
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301  # our own bytes
    assert copy.deepcopy(one) == one


def test_a_value_is_an_instance_once_its_module_is_loaded(write_module: WriteModule) -> None:
    """And nothing is imported to find out."""
    write_module("gallery.pictures", SOURCE)
    picture, frame = deferred("gallery.pictures.Picture"), deferred("gallery.pictures.Picture.Frame")
    assert not isinstance(3, picture)
    assert "gallery" not in sys.modules
    import gallery.pictures as module

    assert isinstance(module.Picture(), picture)
    assert isinstance(module.Picture.Frame(), frame)
    assert not isinstance(module.Picture(), frame)


@pytest.mark.parametrize(
    "dotted", ["Picture", "gallery", "gallery.pictures", "gallery.pictures.Nothing", "gallery.pictures.Picture.name"]
)
def test_what_is_no_class_has_no_instances(dotted: str, write_module: WriteModule) -> None:
    """A module, an attribute, a name that is nowhere."""
    write_module("gallery.pictures", SOURCE)
    import gallery.pictures  # noqa: F401  # so that it is loaded

    assert deferred(dotted).found() is None
    assert not isinstance(3, deferred(dotted))


def test_a_class_that_can_be_imported_is_checked_by_instance(write_module: WriteModule) -> None:
    """Also when somebody imports it only after the validator was built."""
    write_module("late_pictures", SOURCE)
    checked = adapter(deferred("late_pictures").Picture | None)
    assert checked.validate_python(None) is None
    with pytest.raises(ValidationError, match=r"instance of late_pictures\.Picture"):
        checked.validate_python(3)
    import late_pictures

    picture = late_pictures.Picture()
    assert checked.validate_python(picture) is picture


@pytest.mark.parametrize("dotted", ["Picture", "np.ndarray", "no_such_module.Thing"])
def test_a_name_that_leads_nowhere_takes_anything(dotted: str) -> None:
    """An alias of the author's says nothing about the value."""
    assert not deferred(dotted).can_be_found()
    assert adapter(deferred(dotted)).validate_python("anything") == "anything"


def test_a_class_that_is_loaded_is_validated_as_itself() -> None:
    """A path under TYPE_CHECKING is read from text like one that is imported."""
    assert adapter(deferred("pathlib.Path")).validate_python("a/b") == Path("a/b")
    with pytest.raises(ValidationError):
        adapter(list[deferred("pathlib.Path")]).validate_python([3])


def test_names_that_are_missing_are_deferred() -> None:
    """The module's own come first, then the builtins."""
    names = LenientNames({"int": str}, vars(builtins))
    assert names["int"] is str
    assert names["float"] is float
    assert isinstance(names["Picture"], Deferred)
    read = eval("list[Picture] | None", {}, names)  # noqa: S307  # our own text
    assert read == list[deferred("Picture")] | None
