"""The benchmarks: what they share is right, and each can be asked what it does. No time is asserted here."""

import io
import json
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
SCRIPTS = sorted(script.name for script in BENCHMARKS.glob("[!_]*.py"))

sys.path.append(str(BENCHMARKS))

from _harness import (  # noqa: E402  # it lies beside the scripts, as they import it
    Ratio,
    Report,
    interleave,
    main,
    microseconds_a_call,
    paired_ratio,
)


def run(report_of: Report, *argv: str) -> tuple[int, str]:
    """Return the exit status and the output of a benchmark that finds out what stands in *report_of*."""

    def measure(report: Report, rounds: int) -> None:
        report.rows |= report_of.rows
        report.ratios |= report_of.ratios
        report.left_out |= report_of.left_out

    out = io.StringIO()
    return main("A benchmark.", measure, rounds=3, argv=argv, out=out), out.getvalue()


def a_report(value: float, *, aim: float = 1.0) -> Report:
    """Return a report of two rows and one ratio."""
    report = Report()
    report.add_rows({"ours": [3.0, 1.0, 2.0], "theirs": [4.0]}, "µs")
    report.ratios["ours / theirs"] = Ratio(value, aim)
    return report


@pytest.mark.parametrize(
    ("value", "aim", "at_least", "ok"),
    [
        (0.9, 1.0, False, True),
        (1.0, 1.0, False, True),
        (1.1, 1.0, False, False),
        (9, 10, True, False),
        (10, 10, True, True),
    ],
)
def test_an_aim_is_the_most_or_the_least(value: float, aim: float, *, at_least: bool, ok: bool) -> None:
    """An aim that is just met is met."""
    assert Ratio(value, aim, at_least).ok is ok


def test_a_row_is_the_median_of_its_samples() -> None:
    """One slow round does not move it."""
    report = Report()
    report.add_rows({"ours": [2.0, 90.0, 1.0]}, "ms")
    assert report.rows["ours"].median == 2.0


def test_a_ratio_is_taken_within_the_rounds() -> None:
    """A machine that gets slower from round to round moves both sides and not the ratio."""
    assert paired_ratio({"ours": [1.0, 10.0, 100.0], "theirs": [2.0, 20.0, 200.0]}, "ours", "theirs") == 0.5


def test_the_measures_take_turns_and_warm_up_once() -> None:
    """What slows the machine for a while slows them all; the first round does not count."""
    moments = count(1)
    measures = {name: (lambda: float(next(moments))) for name in ("a", "b")}
    assert interleave(measures, 2) == {"a": [3.0, 5.0], "b": [4.0, 6.0]}


def test_a_sample_has_as_many_calls_as_it_takes() -> None:
    """A clock that ticks a microsecond a call is read after enough calls, and divided by them."""
    seen: list[int] = []

    def a_microsecond_each(calls: int) -> float:
        seen.append(calls)
        return calls * 1e-6

    assert microseconds_a_call(a_microsecond_each, seconds=5e-6)() == pytest.approx(1.0)
    assert seen == [1, 2, 4, 8, 8]


def test_the_text_names_every_figure_and_what_was_missed() -> None:
    """Who reads the table sees ours, theirs, the ratio, its aim, and whether it is met."""
    missed, text = run(a_report(1.5))
    assert [line.split() for line in text.splitlines()] == [
        ["ours", "2", "µs"],
        ["theirs", "4", "µs"],
        ["ours", "/", "theirs", "1.5", "aim:", "at", "most", "1", "MISSED"],
    ]
    assert missed == 1


def test_json_is_one_object_in_the_documented_shape() -> None:
    """A program that compares two runs reads it."""
    status, text = run(a_report(0.5), "--json")
    assert status == 0
    assert json.loads(text) == {
        "rows": {"ours": {"median": 2.0, "unit": "µs"}, "theirs": {"median": 4.0, "unit": "µs"}},
        "ratios": {"ours / theirs": {"value": 0.5, "aim": 1.0, "ok": True}},
    }


def test_what_is_left_out_is_said_beside_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """A comparison that did not take place is no success of ours, and does not disturb the JSON."""
    report = a_report(0.5)
    report.left_out["Ray actor"] = "No module named 'ray'"
    _, text = run(report, "--json")
    assert "ray" not in text
    assert capsys.readouterr().err == "left out: Ray actor: No module named 'ray'\n"


def test_there_are_benchmarks() -> None:
    """The tests below look at every script of the folder."""
    assert {"dispatch.py", "scale.py", "start.py"} <= set(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_benchmark_says_what_it_does(script: str) -> None:
    """`--help` measures nothing and needs nothing of what is compared."""
    line = [sys.executable, str(BENCHMARKS / script), "--help"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"usage: {script}")
    assert "--json" in done.stdout
    assert done.stderr == ""
