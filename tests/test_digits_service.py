"""The digits service: it reads the images it was never trained on, in every form in which an image can come."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy
import pytest
from PIL import Image, ImageDraw
from safetensors.numpy import load_file, save_file

from vmodel.errors import MissingDependency
from vmodel.service_example import digits as service

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
IMAGES = Path(service.HERE) / "images"
SEVEN = IMAGES / "seven.png"
HELD_OUT = load_file(service.HELD_OUT)
Pixels = numpy.ndarray


@pytest.fixture
def digits() -> Iterator[ModuleType]:
    """Return the service, loaded as VModel would load it, and unload it in the end."""
    assert service.prepare() is True
    assert service.load() is True
    yield service
    assert service.unload() is True


def accuracy(digits: ModuleType, change: Callable[[Pixels], Pixels]) -> float:
    """Return the share of the held-out images that are read rightly after *change*."""
    answers = digits.classify_many([change(image) for image in HELD_OUT["images"]])
    right = [answer["digit"] == digit for answer, digit in zip(answers, HELD_OUT["digits"], strict=True)]
    return sum(right) / len(right)


def enlarged(image: Pixels, side: int) -> Pixels:
    """Return an image of 17 levels as light ink on black, *side* pixels large."""
    return numpy.asarray(Image.fromarray(image * 15).resize((side, side), Image.Resampling.BICUBIC))


def seven() -> Pixels:
    """Return the pixels of the picture of a seven."""
    return numpy.asarray(Image.open(SEVEN))


def test_at_least_97_percent_of_the_held_out_images_are_read_rightly(digits: ModuleType) -> None:
    """The accuracy that the service claims is the one that it has."""
    measured = accuracy(digits, lambda image: image)
    assert measured >= 0.97
    assert f"{measured:.1%}".replace("%", " %") in digits.info()["service_desc"]


def test_the_held_out_images_are_the_fifth_that_training_never_sees() -> None:
    """No image is both learned and asked."""
    pytest.importorskip("sklearn", reason="scikit-learn has the images; it is only needed for training")
    from vmodel.service_example import _train_digits

    known, held_out = _train_digits.split()
    assert numpy.array_equal(held_out.images, HELD_OUT["images"])
    assert numpy.array_equal(held_out.digits, HELD_OUT["digits"])
    assert len(held_out.images) == 360
    assert len(known.images) == 1437


def test_the_pictures_show_the_first_held_out_image_of_each_digit(tmp_path: Path) -> None:
    """The pictures in the docs are no lucky ones."""
    pytest.importorskip("sklearn", reason="the training script draws the pictures")
    from vmodel.service_example import _train_digits

    for digit, name in enumerate(NAMES):
        first = HELD_OUT["images"][(HELD_OUT["digits"] == digit).argmax()]
        _train_digits.write_picture(first, tmp_path / f"{name}.png")
        drawn = numpy.asarray(Image.open(tmp_path / f"{name}.png"))
        assert numpy.array_equal(drawn, numpy.asarray(Image.open(IMAGES / f"{name}.png")))


@pytest.mark.parametrize(("digit", "name"), list(enumerate(NAMES)))
def test_every_picture_that_ships_is_read_rightly(digits: ModuleType, digit: int, name: str) -> None:
    """The first command that a person tries gives the right answer, and is sure of it."""
    answer = digits.classify(IMAGES / f"{name}.png")
    assert answer["digit"] == digit
    assert answer["confidence"] > 0.9


def test_path_text_bytes_and_array_give_equal_answers(digits: ModuleType) -> None:
    """How an image comes does not matter."""
    forms = [SEVEN, str(SEVEN), SEVEN.read_bytes(), seven()]
    answers = [digits.classify(form) for form in forms]
    assert answers == [answers[0]] * 4
    assert digits.classify_many(forms) == answers


def test_an_answer_is_plain_data_whose_parts_agree(digits: ModuleType) -> None:
    """A planner gets what JSON can say: ten probabilities that add up to one, and the largest of them."""
    answer = digits.classify(SEVEN)
    probabilities = answer["probabilities"]
    assert [type(value) for value in answer.values()] == [int, float, list]
    assert len(probabilities) == 10
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)
    assert answer["confidence"] == max(probabilities) == probabilities[answer["digit"]]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 30)])
def test_ink_on_nothing_is_read_whatever_its_colour(digits: ModuleType, colour: tuple[int, int, int]) -> None:
    """A drawing without a background has one."""
    ink = numpy.zeros((*seven().shape, 4), "uint8")
    ink[:, :, :3], ink[:, :, 3] = colour, 255 - seven()
    assert digits.classify(ink)["digit"] == 7
    assert digits.classify(ink / 255)["digit"] == 7


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: 16 - image, id="dark on light"),
        pytest.param(lambda image: image / 16, id="from 0 to 1"),
        pytest.param(lambda image: image[:, :, None], id="one channel"),
        pytest.param(lambda image: enlarged(image, 16), id="16 pixels"),
        pytest.param(lambda image: enlarged(image, 600), id="600 pixels"),
        pytest.param(lambda image: image.repeat(8, 0).repeat(8, 1), id="64 pixels, in squares"),
        pytest.param(lambda image: numpy.pad(enlarged(image, 20), 4), id="with a margin, as MNIST has it"),
        pytest.param(lambda image: numpy.pad(enlarged(image, 40), ((0, 100), (60, 10))), id="in a corner"),
        pytest.param(lambda image: 255 - numpy.pad(enlarged(image, 64), 20) // 2, id="grey on white"),
        pytest.param(lambda image: numpy.pad(enlarged(image, 64), 20) > 128, id="black or white"),
    ],
)
def test_size_polarity_range_and_place_cost_next_to_nothing(
    digits: ModuleType, change: Callable[[Pixels], Pixels]
) -> None:
    """What the promise says of 8 x 8 images holds for what people draw."""
    assert accuracy(digits, change) >= 0.97


def test_dust_on_the_paper_costs_little(digits: ModuleType) -> None:
    """A scan is never clean."""
    random = numpy.random.default_rng(0)
    assert accuracy(digits, lambda image: numpy.pad(enlarged(image, 64), 20) + random.normal(0, 20, (104, 104))) >= 0.96


STROKES = {
    0: [(30, 20), (60, 15), (75, 50), (60, 85), (35, 85), (22, 50), (30, 20)],
    1: [(50, 15), (50, 85)],
    2: [(25, 30), (45, 15), (65, 25), (60, 45), (25, 85), (75, 85)],
    3: [(25, 20), (65, 20), (45, 45), (68, 65), (50, 85), (25, 80)],
    4: [(58, 88), (58, 15), (20, 60), (78, 60)],
    5: [(70, 15), (30, 15), (28, 45), (60, 48), (65, 75), (25, 85)],
    6: [(60, 15), (30, 50), (30, 80), (60, 85), (65, 60), (32, 58)],
    7: [(25, 18), (72, 18), (42, 88)],
    8: [(50, 48), (30, 30), (50, 14), (68, 30), (50, 48), (28, 70), (50, 88), (72, 70), (50, 48)],
    9: [(65, 40), (40, 48), (30, 25), (55, 14), (66, 30), (62, 88)],
}


@pytest.mark.parametrize("pen", [4, 8, 12])
def test_digits_drawn_with_any_pen_are_read(digits: ModuleType, pen: int) -> None:
    """Pictures that were made in no way like the training images."""
    for digit, points in STROKES.items():
        paper = Image.new("L", (100, 100), 255)
        ImageDraw.Draw(paper).line(points, fill=0, width=pen, joint="curve")
        assert digits.classify(numpy.asarray(paper))["digit"] == digit


def test_many_images_are_answered_in_their_order(digits: ModuleType) -> None:
    """One dict for each image, and none for none."""
    answers = digits.classify_many([IMAGES / f"{name}.png" for name in NAMES])
    assert [answer["digit"] for answer in answers] == list(range(10))
    assert digits.classify_many([]) == []


def test_among_many_the_bad_image_is_named_by_its_place(digits: ModuleType) -> None:
    """A caller of many need not look for the one that was wrong."""
    with pytest.raises(ValueError, match=r"^images\[1\]: the 4 bytes given are no PNG image"):
        digits.classify_many([SEVEN, b"blob"])


def test_a_bad_image_alone_needs_no_place(digits: ModuleType) -> None:
    """`classify` does not speak of a list that its caller never made."""
    with pytest.raises(ValueError, match=r"^the 4 bytes given are no PNG image"):
        digits.classify(b"blob")


def test_prepare_names_every_distribution_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One command repairs it."""
    missing = {"PIL", "safetensors"}
    monkeypatch.setattr(service, "find_spec", lambda name: None if name in missing else find_spec(name))
    with pytest.raises(MissingDependency, match="needs pillow safetensors") as raised:
        service.prepare()
    assert raised.value.hint == "pip install pillow safetensors"


def test_prepare_says_which_file_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broken installation is found before anything is loaded."""
    monkeypatch.setattr(service, "WEIGHTS", tmp_path / "digits.safetensors")
    with pytest.raises(FileNotFoundError, match=r"digits\.safetensors is missing"):
        service.prepare()


def test_the_test_hook_passes_with_these_weights_and_fails_with_others(
    digits: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would find weights that were damaged."""
    assert digits.test() is True
    damaged = tmp_path / "digits.safetensors"
    save_file({name: -values for name, values in load_file(service.WEIGHTS).items()}, damaged)
    monkeypatch.setattr(digits, "WEIGHTS", damaged)
    digits.load()
    assert digits.test() is False


def test_after_unload_the_service_says_that_it_is_not_loaded(digits: ModuleType) -> None:
    """Unload lets go of the weights, and a second one does no harm."""
    assert digits.unload() is True
    with pytest.raises(RuntimeError, match="not loaded"):
        digits.classify(SEVEN)


def test_cleanup_deletes_nothing() -> None:
    """What ships belongs to the installation."""
    before = sorted(Path(service.HERE).rglob("*.*"))
    assert service.cleanup() is True
    assert sorted(Path(service.HERE).rglob("*.*")) == before


def test_the_weights_are_small() -> None:
    """The wheel stays light."""
    assert service.WEIGHTS.stat().st_size < 100_000
