"""How commands end: the table of exit codes, and the lines on stderr."""

import inspect
import logging

import pytest

from vmodel import errors
from vmodel.cli._exit import ENDINGS, MethodRaised, blaming, code_of, facts, one_line, reporting
from vmodel.cli._log import set_verbosity
from vmodel.cli._signals import Interrupted, exit_code
from vmodel.errors import VModelError

EVERY_ERROR = [
    value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, errors.VModelError)
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.__name__)
def test_every_error_has_the_exit_code_of_its_branch(error: type[VModelError]) -> None:
    """A leaf ends as its branch of the tree does, and no branch was forgotten."""
    branch = error if error is VModelError else error.__mro__[error.__mro__.index(VModelError) - 1]
    branches = [kind for kind in error.__mro__ if VModelError in kind.__bases__]
    (row,) = [ending for ending in ENDINGS if (branches or [branch])[0] in ending.classes]
    assert code_of(error("words")) == row.code


def test_no_code_means_two_things() -> None:
    """A script can tell from the code alone what happened."""
    codes = [ending.code for ending in ENDINGS]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MethodRaised("a", "b", KeyError("c")), 1),
        (RuntimeError("ours"), 70),
        (KeyboardInterrupt(), 130),
        (Interrupted(2), 130),
        (Interrupted(15), 143),
    ],
)
def test_whatever_else_ends_a_command_has_a_code(error: BaseException, code: int) -> None:
    """Services' own errors, faults of ours, and signals."""
    assert code_of(error) == code
    assert not isinstance(error, KeyboardInterrupt) or exit_code(error) == code


CAUSES = [
    (errors.StepFailed, errors.MissingDependency, 9),
    (errors.PackageError, errors.MissingDependency, 9),
    (errors.ServiceNotFound, errors.PackageError, 5),
    (errors.ServiceNotFound, errors.MissingFunction, 5),
    (errors.StepFailed, errors.NoRoom, 7),
    (errors.StepFailed, OSError, 7),
]


@pytest.mark.parametrize(("error", "cause", "code"), CAUSES)
def test_a_cause_that_tells_more_makes_the_code(error: type[VModelError], cause: type[Exception], code: int) -> None:
    """What is not installed, or wrong with a package, must be repaired before anything else can go well."""
    caused = error("words")
    caused.__cause__ = cause("more words")
    assert code_of(caused) == code


def told(error: BaseException, capsys: pytest.CaptureFixture[str]) -> tuple[int | str | None, list[str]]:
    """Return the exit code and the lines on stderr of a command that raises *error*."""
    with pytest.raises(SystemExit) as caught, reporting(as_json=False):
        raise error
    return caught.value.code, capsys.readouterr().err.splitlines()


def test_an_error_is_one_line_and_its_hint_another(capsys: pytest.CaptureFixture[str]) -> None:
    """However many lines they have themselves."""
    error = VModelError.of([errors.ConfigError("first\n", hint="look\nhere"), errors.ConfigError("second")])
    assert told(error, capsys) == (5, ["error: 2 findings; first; second", "hint: look; here"])


def test_what_is_to_be_installed_is_the_hint(capsys: pytest.CaptureFixture[str]) -> None:
    """On the hint line and in the document, also where a hook found out."""
    failed = errors.StepFailed("service 'ocr' failed to prepare")
    failed.__cause__ = errors.MissingDependency.named("numpy", purpose="ocr")
    assert told(failed, capsys) == (9, ["error: service 'ocr' failed to prepare", "hint: pip install numpy"])
    assert facts(failed)["hint"] == "pip install numpy"


def test_a_fault_of_ours_says_that_it_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody looks for it in the service."""
    code, lines = told(ZeroDivisionError("oops"), capsys)
    assert (code, lines[0]) == (70, "error: ZeroDivisionError: oops")
    assert "fault of VModel itself" in lines[1]


def test_a_plain_interrupt_is_told_and_a_signal_not_again(capsys: pytest.CaptureFixture[str]) -> None:
    """The handler of a signal has written its line before the unload."""
    assert told(KeyboardInterrupt(), capsys) == (130, ["error: interrupted"])
    assert told(Interrupted(2), capsys) == (130, [])


def test_what_a_method_raises_is_told_by_service_and_class() -> None:
    """With its words, where it has any; errors of VModel pass through as they are."""
    for error, said in ((ValueError("bad"), "ValueError: bad"), (StopIteration(), "StopIteration")):
        with pytest.raises(MethodRaised) as caught, blaming("ocr", "read"):
            raise error
        assert facts(caught.value) == {
            "code": "method_raised",
            "message": f"service 'ocr' raised {said}",
            "service": "ocr",
            "method": "read",
            "type": type(error).__name__,
        }
    with pytest.raises(errors.NoRoom), blaming("ocr", "read"):
        raise errors.NoRoom("full")


def test_lists_and_line_breaks_become_one_line() -> None:
    """A list's items are set apart by semicolons."""
    assert one_line("2 findings\n- a\n- b\n") == "2 findings; a; b"


def fresh_root(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    """Return a root logger as it is when a process starts; no fixture, because pytest logs to those."""
    monkeypatch.setattr(logging, "root", logging.RootLogger(logging.WARNING))
    return logging.getLogger()


def test_a_logged_exception_is_one_line_without_v(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback is for whoever asks for it."""
    root = fresh_root(monkeypatch)
    set_verbosity(0)
    root.error("service %r was not stopped", "ocr", exc_info=OSError("disk full"))
    root.info("not asked for")
    assert capsys.readouterr().err == "warning: service 'ocr' was not stopped: OSError: disk full\n"


def test_what_vmodel_complained_of_is_not_said_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unload that fails in the dump is tried once more at the end; others may say what they like twice."""
    root = fresh_root(monkeypatch)
    set_verbosity(0)
    for name in ("vmodel", "vmodel", "theirs", "theirs"):
        root.handle(logging.LogRecord(name, logging.ERROR, "", 0, "service %r was not stopped", ("ocr",), None))
    assert capsys.readouterr().err == "warning: service 'ocr' was not stopped\n" * 3


def test_v_adds_up_to_what_was_asked_for_most(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the command and after it."""
    root = fresh_root(monkeypatch)
    set_verbosity(2)
    set_verbosity(0)
    root.debug("all of it")
    assert capsys.readouterr().err == "DEBUG root: all of it\n"
