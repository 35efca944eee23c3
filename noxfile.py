"""What is checked before a change lands: `nox -l` lists the sessions, `nox -s NAME` runs one.

Versions and dependencies are read from pyproject.toml, and what is tested is the built wheel.
"""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "types", "tests", "docs", "package"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
DIST = ROOT / "dist"
IMAGE = ROOT / "service_example" / "images" / "seven.png"


@nox.session
def lint(session: nox.Session) -> None:
    """Find what ruff finds, and files that it would format."""
    install(session, *group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of everything that ships."""
    project = PROJECT["project"]
    install(session, *group("types"), *project["dependencies"], *project["optional-dependencies"]["examples"])
    session.run("mypy")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests against the built wheel, with branch coverage, on each Python there is."""
    install(session, *group("test"), f"{built_wheel(session)}[test]")
    session.env["COVERAGE_FILE"] = str(Path(session.create_tmp()) / "coverage")
    # The script and not `-m pytest`, which would put the clone before the wheel.
    session.run("coverage", "run", f"{session.bin}/pytest", *session.posargs)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def docs(session: nox.Session) -> None:
    """Run every block of code in the docs."""
    install(session, f"{built_wheel(session)}[test]")
    session.run("pytest", "tests/test_docs.py", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel, compare it with the one in dist/ (`-- --write` puts it there), and run the main job from it."""
    wheel = built_wheel(session)
    if "--write" in session.posargs:
        publish(wheel)
    compare(session, wheel, build(session, "by way of the sdist"), "the wheel built from the sdist")
    committed = DIST / wheel.name
    if not committed.exists():
        session.error(f"dist/ has no {wheel.name}; nox -s package -- --write puts it there")
    compare(session, wheel, committed, "the wheel in dist/, which nox -s package -- --write renews,")
    run_main_job(session, committed)


@nox.session
def bench(session: nox.Session) -> None:
    """Run every benchmark once."""
    install(session, *group("bench"), f"{built_wheel(session)}[examples]")
    for benchmark in sorted((ROOT / "benchmarks").glob("[!_]*.py")):
        session.run("python", str(benchmark))


def group(name: str) -> tuple[str, ...]:
    """Return the requirements of one dependency group."""
    return tuple(nox.project.dependency_groups(PROJECT, name))


def install(session: nox.Session, *requirements: str) -> None:
    """Install *requirements* in the versions of constraints.txt."""
    session.install("-c", str(ROOT / "constraints.txt"), *requirements)


def built_wheel(session: nox.Session) -> Path:
    """Return the wheel built from the tree."""
    install(session, *group("package"), *PROJECT["build-system"]["requires"])
    return build(session, "wheel", "--wheel")


def build(session: nox.Session, folder: str, *options: str) -> Path:
    """Build into *folder*, one of the session's own, and return the wheel that is there then."""
    out = Path(session.create_tmp()).resolve() / folder
    shutil.rmtree(out, ignore_errors=True)
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(out), *options, str(ROOT), silent=True)
    (wheel,) = out.glob("*.whl")
    return wheel


def publish(wheel: Path) -> None:
    """Make *wheel* the only one in dist/."""
    DIST.mkdir(exist_ok=True)
    for old in DIST.glob("*.whl"):
        old.unlink()
    shutil.copyfile(wheel, DIST / wheel.name)


def members(wheel: Path) -> dict[str, str]:
    """Return each member of *wheel* with the hash of its bytes; how they are compressed depends on the machine."""
    with ZipFile(wheel) as archive:
        return {name: sha256(archive.read(name)).hexdigest() for name in archive.namelist()}


def compare(session: nox.Session, fresh: Path, other: Path, what: str) -> None:
    """End the session when *other* does not hold what *fresh* holds, and say where they differ."""
    ours, theirs = members(fresh), members(other)
    stale = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if stale:
        session.error(f"{what} differs from the tree in {', '.join(stale)}")
    session.log(f"{what} holds the {len(ours)} members that it should")


def run_main_job(session: nox.Session, wheel: Path) -> None:
    """Install *wheel* where nothing else is, and let it read the picture of a seven."""
    folder = Path(session.create_tmp()).resolve() / "clean"
    session.run("python", "-m", "venv", "--clear", str(folder))
    programs = folder / ("Scripts" if (folder / "Scripts").exists() else "bin")
    python, vmodel = str(programs / "python"), str(programs / "vmodel")
    requirements = ("-c", str(ROOT / "constraints.txt"), f"{wheel}[examples]")
    session.run(python, "-m", "pip", "install", "--quiet", *requirements, external=True)
    with session.chdir(folder):  # away from the clone, which would be importable
        session.run(python, "-c", "import vmodel.service_example.digits", external=True)
        answer = session.run(vmodel, "run", "digits", "classify", "-a", f"image=@{IMAGE}", external=True, silent=True)
    session.log(f"digits.classify says {answer}")
    if json.loads(str(answer))["digit"] != 7:
        session.error("the picture shows a seven")
