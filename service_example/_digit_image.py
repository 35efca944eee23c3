"""From a picture of one digit to the network's input.

What lives here: reading, and the rules that make pictures of any size, colour and position alike.
What must not: the network, and the service's state. numpy and pillow are imported where they are used.
"""

import os
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

SIDE = 10  # the network sees 10 x 10 pixels
ACCEPTED = "accepted are the path of a PNG file, the bytes of one, or a numpy array of H x W, H x W x 3 or H x W x 4"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 16_000_000
LONGEST_SIDE = 8_000
WORKING_SIDE = 256  # larger pictures are averaged down to about this first: a digit needs no more
FAINTEST = 0.15  # of the contrast; what is fainter is paper, not ink
SPECKS = 0.02  # of the most ink in a row or column; where there is less, it is dust
MARGIN = 1.1  # the frame around the ink, because ink is seldom centred on its own weight


def network_input(image: "str | Path | bytes | numpy.ndarray") -> "numpy.ndarray":
    """Return *image* as SIDE x SIDE pixels from 0 (paper) to 1 (ink), the digit centred and filling them."""
    return _framed(_ink(_brightness(_averaged_down(_pixels(image)))))


def _pixels(image: "str | Path | bytes | numpy.ndarray") -> "numpy.ndarray":
    import numpy

    if isinstance(image, numpy.ndarray):
        return _checked(image)
    if isinstance(image, bytes):
        return _decoded(image, f"the {len(image)} bytes given")
    if isinstance(image, str | Path):
        return _decoded(_file_content(image), f"the bytes of {_shown(image)}")
    raise TypeError(f"an image cannot be of type {type(image).__name__}; {ACCEPTED}")


def _checked(array: "numpy.ndarray") -> "numpy.ndarray":
    """Return *array* if its shape and type can be a picture's, without a channel axis of length 1."""
    channels = array.shape[2:]
    if array.ndim not in (2, 3) or channels not in ((), (1,), (3,), (4,)) or array.size == 0:
        raise ValueError(f"an array of shape {array.shape} is no image; {ACCEPTED}")
    if array.dtype.kind not in "buif":
        raise ValueError(f"an array of {array.dtype} is no image; {ACCEPTED}, of real numbers")
    _check_size(array.shape[1], array.shape[0])
    return array[:, :, 0] if channels == (1,) else array


def _file_content(path: str | Path) -> bytes:
    # os.path and not Path, which raises for a text that is too long to be a path.
    if os.path.isdir(path):  # noqa: PTH112
        raise ValueError(f"{_shown(path)} is a folder; {ACCEPTED}")
    if not os.path.isfile(path):  # noqa: PTH113
        raise FileNotFoundError(f"there is no file {_shown(path)} (seen from {_shown(Path.cwd())}); {ACCEPTED}")
    return Path(path).read_bytes()


def _decoded(content: bytes, name: str) -> "numpy.ndarray":
    import numpy
    from PIL import Image

    if not content.startswith(SIGNATURE):
        raise ValueError(f"{name} are no PNG image; {ACCEPTED}")
    _check_size(int.from_bytes(content[16:20]), int.from_bytes(content[20:24]))  # before pillow makes room for it
    try:
        image: Image.Image = Image.open(BytesIO(content), formats=["PNG"])
        if image.mode in ("P", "LA") or (image.mode in ("L", "RGB") and "transparency" in image.info):
            image = image.convert("RGBA")
        return numpy.asarray(image)
    except (OSError, SyntaxError, ValueError) as error:  # pillow raises any of them for a broken file
        raise ValueError(f"{name} are a broken PNG image: {error}; {ACCEPTED}") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        accepted = f"at most {LONGEST_SIDE:,} on a side, and {MOST_PIXELS:,} in all"
        raise ValueError(f"the image has {width} x {height} pixels; accepted are {accepted}")


def _shown(path: str | Path) -> str:
    text = repr(str(path))
    return text if len(text) <= 200 else f"{text[:200]}…"


def _averaged_down(pixels: "numpy.ndarray") -> "numpy.ndarray":
    """Return *pixels* as float64, and where there are many, the means of equal blocks of them."""
    sides = pixels.shape[:2]
    block = min(-(-max(sides) // WORKING_SIDE), *sides)
    if block == 1:
        return pixels.astype(float)
    height, width = (side // block for side in sides)
    whole = pixels[: height * block, : width * block]
    blocks = whole.reshape(height, block, width, block, *pixels.shape[2:])
    means: numpy.ndarray = blocks.mean(axis=(1, 3), dtype=float)
    return means


def _brightness(pixels: "numpy.ndarray") -> "numpy.ndarray":
    """Return *pixels* without colour; what is transparent lies on white paper, or on black where white hides it."""
    if pixels.ndim == 2:
        return pixels
    grey: numpy.ndarray = pixels[:, :, :3] @ (0.299, 0.587, 0.114)
    if pixels.shape[2] == 3:
        return grey
    white = 1.0 if pixels.max() <= 1 else 255.0 if pixels.max() <= 255 else 65535.0
    opacity = pixels[:, :, 3] / white
    on_white = grey * opacity + white * (1 - opacity)
    return on_white if on_white.max() - on_white.min() > 0.1 * white else grey * opacity


def _ink(brightness: "numpy.ndarray") -> "numpy.ndarray":
    """Return how much ink each pixel has, from 0 to 1; the paper is what the middle of the border's pixels is."""
    import numpy

    with numpy.errstate(all="ignore"):  # what is not finite is told below
        low, high = brightness.min(), brightness.max()
        contrast = high - low
    if not numpy.isfinite(contrast):
        raise ValueError("the image has values that are not finite numbers")
    if contrast <= 0:
        raise ValueError("the image is of one colour: there is no digit in it")
    paper = numpy.median(numpy.concatenate([brightness[0], brightness[-1], brightness[:, 0], brightness[:, -1]]))
    dark_on_light = high - paper < paper - low
    ink = (paper - brightness) / (paper - low) if dark_on_light else (brightness - paper) / (high - paper)
    clear: numpy.ndarray = numpy.clip((ink - FAINTEST) / (1 - FAINTEST), 0, 1)
    return clear


def _framed(ink: "numpy.ndarray") -> "numpy.ndarray":
    """Return the square around the ink, centred on its weight, at the network's size."""
    import numpy

    weights = [ink.sum(axis=1), ink.sum(axis=0)]
    extents = [numpy.flatnonzero(weight > SPECKS * weight.max()) for weight in weights]
    side = MARGIN * max(extent[-1] + 1 - extent[0] for extent in extents)
    centres = [(weight * (numpy.arange(len(weight)) + 0.5)).sum() / weight.sum() for weight in weights]
    down, across = (_shares(c, side, len(w)) for c, w in zip(centres, weights, strict=True))
    framed: numpy.ndarray = down @ ink @ across.T
    framed /= framed.max()
    return framed


def _shares(centre: float, side: float, length: int) -> "numpy.ndarray":
    """Return the share of each of *length* pixels in each of the SIDE cells of the frame, one row a cell."""
    import numpy

    edges = numpy.linspace(centre - side / 2, centre + side / 2, SIDE + 1)[:, None]
    begins = numpy.maximum(edges[:-1], numpy.arange(length))
    ends = numpy.minimum(edges[1:], numpy.arange(1, length + 1))
    shares: numpy.ndarray = numpy.clip(ends - begins, 0, None) * (SIDE / side)
    return shares
