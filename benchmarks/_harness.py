"""What the benchmarks share: interleaved rounds, medians, ratios against their aims, the report.

Nothing is measured here, and nothing here knows what is measured.
"""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TextIO

if importlib.util.find_spec("vmodel") is None:  # a clone that is not installed; an installed one goes before it
    sys.path.append(str(Path(__file__).resolve().parent.parent))

Samples = Mapping[str, Sequence[float]]
Timed = Callable[[int], float]
"""Does something so many times and returns the seconds that it took, as `timeit.Timer.timeit` does."""


@dataclass(frozen=True, slots=True)
class Row:
    """What something costs."""

    median: float
    unit: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure that has an aim, which is the most or the least that it may be."""

    value: float
    aim: float
    at_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether the aim is met."""
        return self.value >= self.aim if self.at_least else self.value <= self.aim


@dataclass(slots=True)
class Report:
    """What one benchmark found out, by name and in the order in which it was measured."""

    rows: dict[str, Row] = field(default_factory=dict)
    ratios: dict[str, Ratio] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every aim is met."""
        return all(ratio.ok for ratio in self.ratios.values())

    def add_rows(self, samples: Samples, unit: str) -> None:
        """Take in the medians of *samples*."""
        self.rows |= {name: Row(median(values), unit) for name, values in samples.items()}

    def as_data(self) -> dict[str, dict[str, dict[str, object]]]:
        """Return what `--json` prints."""
        return {
            "rows": {name: asdict(row) for name, row in self.rows.items()},
            "ratios": {
                name: {"value": ratio.value, "aim": ratio.aim, "ok": ratio.ok} for name, ratio in self.ratios.items()
            },
        }

    def as_text(self) -> str:
        """Return what a person reads."""
        width = max(map(len, [*self.rows, *self.ratios]), default=0)
        lines = [f"{name:{width}}  {row.median:10.4g} {row.unit}" for name, row in self.rows.items()]
        lines += [f"{name:{width}}  {_told(ratio)}" for name, ratio in self.ratios.items()]
        return "\n".join(lines)


def _told(ratio: Ratio) -> str:
    bound = "at least" if ratio.at_least else "at most"
    return f"{ratio.value:10.4g}  aim: {bound} {ratio.aim:g}  {'ok' if ratio.ok else 'MISSED'}"


def interleave(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return *rounds* samples of each measure, taken in turn, so that what slows the machine slows them all.

    Each measure is taken once before, to warm up.
    """
    samples: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(rounds + 1):
        for name, measure in measures.items():
            sample = measure()
            if number:
                samples[name].append(sample)
    return samples


def paired_ratio(samples: Samples, over: str, under: str) -> float:
    """Return the median of the ratios of the two within each round."""
    return median(above / below for above, below in zip(samples[over], samples[under], strict=True))


def microseconds_a_call(timed: Timed, *, seconds: float = 0.002) -> Callable[[], float]:
    """Return a measure of so many calls that one sample takes *seconds* or more."""
    calls = 1
    while timed(calls) < seconds:
        calls *= 2
    return lambda: timed(calls) / calls * 1e6


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long *work* takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(
    doc: str | None,
    measure: Callable[[Report, int], None],
    *,
    rounds: int,
    argv: Sequence[str] | None = None,
    out: TextIO = sys.stdout,
) -> int:
    """Parse the command line, *measure* in so many rounds, print the report; return 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--rounds", type=int, default=rounds, help="samples of each (default: %(default)s)")
    options = parser.parse_args(argv)
    report = Report()
    measure(report, options.rounds)
    print(json.dumps(report.as_data()) if options.json else report.as_text(), file=out)
    for name, reason in report.left_out.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    return 0 if report.ok else 1
