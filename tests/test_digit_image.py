"""Pictures on their way into the network: every form is the same inside, and what is no picture is refused."""

from io import BytesIO
from pathlib import Path

import numpy
import pytest
from PIL import Image

from vmodel.service_example import _digit_image

network_input, SIDE = _digit_image.network_input, _digit_image.SIDE
HERE = Path(_digit_image.__file__).parent
SEVEN = HERE / "images" / "seven.png"


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_every_kind_of_png_of_one_picture_is_the_same_input(mode: str) -> None:
    """Grey, colour, palette, with and without transparency."""
    file = BytesIO()
    Image.open(SEVEN).convert(mode).save(file, "PNG")
    assert numpy.allclose(network_input(file.getvalue()), network_input(SEVEN))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_colour_that_a_png_calls_transparent_is_paper(mode: str) -> None:
    """White made transparent is white."""
    file = BytesIO()
    Image.open(SEVEN).convert(mode).save(file, "PNG", transparency=255 if mode == "L" else (255, 255, 255))
    assert numpy.allclose(network_input(file.getvalue()), network_input(SEVEN))


def test_sixteen_bits_of_grey_are_read_as_eight() -> None:
    """The range of the values does not matter."""
    grey = numpy.asarray(Image.open(SEVEN)).astype("uint16")
    file = BytesIO()
    Image.fromarray(grey * 257).save(file, "PNG")
    assert numpy.allclose(network_input(file.getvalue()), network_input(SEVEN))


def test_the_input_is_a_square_of_ink_from_0_to_1() -> None:
    """What the network was trained on is what it is given."""
    ink = network_input(SEVEN)
    assert ink.shape == (SIDE, SIDE)
    assert (ink.min(), ink.max()) == (0, 1)


def test_the_ink_is_centred_wherever_it_lies() -> None:
    """The same drawing in another place of a larger page is the same input."""
    grey = numpy.asarray(Image.open(SEVEN))
    moved = numpy.pad(grey, ((30, 5), (0, 60)), constant_values=255)
    assert numpy.allclose(network_input(moved), network_input(grey))


@pytest.mark.parametrize(
    ("image", "words"),
    [
        pytest.param(b"", "0 bytes given are no PNG", id="nothing"),
        pytest.param(b"\xff\xd8\xff\xe0 JFIF", "no PNG image", id="another format"),
        pytest.param(SEVEN.read_bytes()[:900], "broken PNG image", id="half a file"),
        pytest.param(SEVEN.read_bytes()[:12], "broken PNG image", id="half a header"),
        pytest.param(Path(_digit_image.__file__), "no PNG image", id="a file of text"),
        pytest.param(HERE, "is a folder", id="a folder"),
        pytest.param(numpy.zeros(64), r"shape \(64,\)", id="a row of pixels"),
        pytest.param(numpy.zeros((8, 8, 2)), r"shape \(8, 8, 2\)", id="two channels"),
        pytest.param(numpy.zeros((0, 8)), r"shape \(0, 8\)", id="no pixels"),
        pytest.param(numpy.array([["a", "b"]]), "array of <U1", id="texts"),
        pytest.param(numpy.full((8, 8), numpy.nan), "not finite", id="no numbers"),
        pytest.param(numpy.array([[-1e308, 1e308]]), "not finite", id="numbers too far apart"),
        pytest.param(numpy.full((8, 8), 3), "one colour", id="an empty page"),
        pytest.param(numpy.zeros((5000, 4000), bool), "4000 x 5000 pixels", id="too large"),
        pytest.param(numpy.zeros((1, 9000), bool), "9000 x 1 pixels", id="too long"),
    ],
)
def test_what_is_no_image_is_refused_with_what_was_given(image: object, words: str) -> None:
    """A planner learns what it gave and what would do."""
    with pytest.raises(ValueError, match=words):
        network_input(image)


@pytest.mark.parametrize("path", ["no-such.png", "x" * 5000, "\0.png"])
def test_a_file_that_is_not_there_is_said_so(path: str) -> None:
    """The message has the path, from where it was looked for, and what would do; never a page of it."""
    with pytest.raises(FileNotFoundError, match=r"there is no file.*seen from.*accepted are") as raised:
        network_input(path)
    assert len(str(raised.value)) < 1000


def test_a_value_of_another_type_is_refused_by_its_name() -> None:
    """A list of lists is no array."""
    with pytest.raises(TypeError, match="of type list; accepted are"):
        network_input([[0, 1], [1, 0]])


def test_the_size_in_a_header_is_believed_before_room_is_made() -> None:
    """A small file that unfolds to gigabytes stays folded."""
    bomb = bytearray(SEVEN.read_bytes())
    bomb[16:24] = (50_000).to_bytes(4) * 2
    with pytest.raises(ValueError, match="50000 x 50000 pixels"):
        network_input(bytes(bomb))
