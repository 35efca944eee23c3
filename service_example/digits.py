"""Handwritten digits: a standard service with a small network of its own.

What lives here: the service, and the network's arithmetic. How a picture becomes the network's input is
`_digit_image.py`. How the weights were made is `_train_digits.py`, which the service must not import:
it needs scikit-learn, the service does not. numpy, safetensors and pillow are imported where they are used.

Measured: 98.9 % of the 360 held-out images of scikit-learn's digits, on which it was never trained.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vmodel.errors import MissingDependency
from vmodel.protocol.standard_protocol import (
    cleanup_func,
    get_service_info_func,
    load_func,
    prepare_func,
    service_func,
    test_func,
    unload_func,
)

# By its full name, because a file that is imported by its path has no package. In a clone mypy cannot follow it.
from vmodel.service_example import _digit_image  # type: ignore[attr-defined]

if TYPE_CHECKING:
    import numpy

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE / "digits.safetensors"
HELD_OUT = HERE / "digits_held_out.safetensors"
LAYERS = 3
NEEDED_ACCURACY = 0.97
DISTRIBUTIONS = {"numpy": "numpy", "PIL": "pillow", "safetensors": "safetensors"}

_weights: "dict[str, numpy.ndarray]" = {}  # full from load to unload


@service_func("classify", "digits")
def classify(image: "str | Path | bytes | numpy.ndarray") -> dict[str, object]:
    """Return the digit in *image*, how sure that is, and the probability of each digit."""
    return classify_many([image])[0]


@service_func("classify_many", "digits")
def classify_many(images: "list[str | Path | bytes | numpy.ndarray]") -> list[dict[str, object]]:
    """Return what `classify` returns for each of *images*, by one pass through the network."""
    import numpy

    if not images:
        return []
    inputs = [_input(images, index).ravel() for index in range(len(images))]
    return [_answer(row) for row in _probabilities(numpy.stack(inputs)).round(6).tolist()]


def _input(images: "list[str | Path | bytes | numpy.ndarray]", index: int) -> "numpy.ndarray":
    try:
        pixels: numpy.ndarray = _digit_image.network_input(images[index])
    except (ValueError, TypeError, FileNotFoundError) as error:
        if len(images) == 1:
            raise
        raise type(error)(f"images[{index}]: {error}") from error
    return pixels


def _probabilities(inputs: "numpy.ndarray") -> "numpy.ndarray":
    """Return one row of ten probabilities for each row of *inputs*: layers with ReLU between them, then softmax."""
    import numpy

    if not _weights:
        raise RuntimeError("the digits service is not loaded: VModel loads it, or call load()")
    values = inputs
    for layer in range(LAYERS):
        values = (values if layer == 0 else values.clip(0)) @ _weights[f"weight_{layer}"] + _weights[f"bias_{layer}"]
    exponentials = numpy.exp(values - values.max(axis=1, keepdims=True))
    probabilities: numpy.ndarray = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities


def _answer(probabilities: list[float]) -> dict[str, object]:
    confidence = max(probabilities)
    return {"digit": probabilities.index(confidence), "confidence": confidence, "probabilities": probabilities}


@prepare_func("digits")
def prepare() -> bool:
    """Check that everything is there; the weights ship with the service, so nothing is downloaded."""
    missing = [distribution for module, distribution in DISTRIBUTIONS.items() if find_spec(module) is None]
    if missing:
        raise MissingDependency.named(" ".join(missing), purpose="the digits service")
    for file in (WEIGHTS, HELD_OUT):
        if not file.is_file():
            raise FileNotFoundError(f"{file} is missing, which ships with the digits service: install vmodel again")
    return True


@load_func("digits")
def load() -> bool:
    """Read the weights into memory."""
    from safetensors.numpy import load_file

    _weights.update({name: values.astype(float) for name, values in load_file(WEIGHTS).items()})
    return True


@test_func("digits")
def test() -> bool:
    """Return whether the held-out images are read as well as they were when the network was made."""
    from safetensors.numpy import load_file

    held_out = load_file(HELD_OUT)
    answers = classify_many(list(held_out["images"]))
    right = [answer["digit"] == digit for answer, digit in zip(answers, held_out["digits"].tolist(), strict=True)]
    return right.count(True) / len(right) >= NEEDED_ACCURACY


@unload_func("digits")
def unload() -> bool:
    """Let go of the weights."""
    _weights.clear()
    return True


@cleanup_func("digits")
def cleanup() -> bool:
    """Delete nothing: the files belong to the installation, not to the service."""
    return True


IMAGE = {
    "type": "str | Path | bytes | numpy.ndarray",
    "type_desc": (
        "the path of a PNG file, the content of one, or an array of height x width grey values or of "
        "height x width x 3 or 4 (RGB, RGBA), of any range"
    ),
    "desc": (
        "A picture of one handwritten digit on an even background, dark on light or light on dark, of any size "
        "up to 16 million pixels; where the digit lies in it does not matter."
    ),
}
ANSWER = {
    "type": "dict",
    "type_desc": (
        "{'digit': int from 0 to 9, 'confidence': float from 0 to 1, 'probabilities': list of ten floats from 0 to 1, "
        "for the digits 0 to 9 in this order, which add up to 1 within the rounding to six decimals}"
    ),
    "desc": "The most probable digit, its probability, and the probability of each digit.",
}


@get_service_info_func("digits")
def info() -> dict[str, object]:
    """Return what a planner plans with."""
    return {
        "service_name": "digits",
        "service_desc": (
            "Recognises single handwritten digits, 0 to 9, in pictures. "
            "Measured: 98.9 % of 360 held-out 8 x 8 images of scikit-learn's digits are read rightly."
        ),
        "resources": {"cpu": 1, "memory": "256MiB"},
        "methods": [
            {
                "name": "classify",
                "desc": "Says which digit a picture shows.",
                "params": [{"name": "image", **IMAGE}],
                "return": ANSWER,
            },
            {
                "name": "classify_many",
                "desc": "Says of each of several pictures which digit it shows, faster than one by one.",
                "params": [
                    {
                        "name": "images",
                        "type": f"list[{IMAGE['type']}]",
                        "type_desc": f"a list, empty or of any length, whose items are each {IMAGE['type_desc']}",
                        "desc": f"The pictures; each one: {IMAGE['desc'][0].lower()}{IMAGE['desc'][1:]}",
                    }
                ],
                "return": {
                    "type": "list[dict]",
                    "type_desc": f"one dict for each picture, in the same order: {ANSWER['type_desc']}",
                    "desc": f"For each picture: {ANSWER['desc'][0].lower()}{ANSWER['desc'][1:]}",
                },
            },
        ],
    }
