"""The commands as typer reads them: each parses words, makes one call, and shows the answer.

Nothing but typer is imported here at the top, so that `--help` is quick.
"""
# ruff: noqa: ARG001  # typer reads the signatures; what all commands share is used around them, in command()

import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

from vmodel.cli._exit import ENDINGS, blaming, code_of, reporting
from vmodel.cli._log import set_verbosity
from vmodel.cli._stdout import results, write

app = typer.Typer(
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExit codes:\n" + "\n".join(f"  {ending.code:>3}  {ending.meaning}" for ending in ENDINGS),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Service = Annotated[str, typer.Argument(metavar="SERVICE", show_default=False, help="Name of the service.")]
Method = Annotated[str, typer.Argument(metavar="METHOD", show_default=False, help="Name of the method.")]
Given = Annotated[
    list[str] | None,
    typer.Option(
        "-a", "--arg", metavar="NAME=VALUE", help="One argument; NAME=@FILE is the file, @- stdin, @@ a plain @."
    ),
]
Whole = Annotated[
    str | None,
    typer.Option("--args", metavar="JSON|@FILE|-", help="All arguments as a JSON object; -a goes before them."),
]
Dump = Annotated[bool, typer.Option("--dump", help="Unload the service afterwards and delete its files.")]
Timeout = Annotated[
    float | None, typer.Option("--timeout", metavar="SECONDS", min=0, help="Wait at most so long for the turn.")
]
Packages = Annotated[
    list[str] | None,
    typer.Option("-p", "--package", metavar="NAME|PATH", help="Take the services of this package; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, errors too.")]
Verbose = Annotated[
    int, typer.Option("-v", "--verbose", count=True, show_default=False, help="Log what happens; -vv logs more.")
]


def _show_version(asked: bool) -> None:  # noqa: FBT001  # typer calls it with the value alone
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"vmodel {version('vmodel')}")
        except PackageNotFoundError:
            typer.echo("vmodel, from a clone that is not installed")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")]


def _after(given: list[str] | None) -> None:
    if given:
        message = "--package stands after the command: vmodel list --package NAME"
        raise typer.BadParameter(message)


Misplaced = Annotated[list[str] | None, typer.Option("-p", "--package", callback=_after, hidden=True)]


def command(name: str, *examples: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function the command *name*, with *examples* in its help, and with `reporting()` around it."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @app.command(name, epilog="\n".join(["\b", "Examples:", *(f"  vmodel {example}" for example in examples)]))
        @wraps(function)
        def reported(*, as_json: bool, verbose: int, **words: object) -> None:
            set_verbosity(verbose)
            with reporting(as_json=as_json):
                results()  # from here on stdout is for results alone
                function(as_json=as_json, verbose=verbose, **words)

        return reported

    return decorate


@app.callback()
def begin(*, version: Version = False, verbose: Verbose = 0, package: Misplaced = None) -> None:
    """Call the services of this machine, and see what there is.

    Services come from --package, from VMODEL_PACKAGES, from vmodel.toml or [tool.vmodel] in pyproject.toml,
    from installed distributions, or else they are the examples that ship with VModel.
    """
    set_verbosity(verbose)


@command(
    "run",
    "run service_1 func_1 -a a=1 -a b=2",
    """run service_1 func_2 --args '{"a": "to", "b": "gether"}' --json""",
    "run service_2 func_1 -a a=1 -a b=2 --dump",
)
def run(
    service: Service,
    method: Method,
    *,
    argument: Given = None,
    args: Whole = None,
    dump: Dump = False,
    timeout: Timeout = None,
    package: Packages = None,
    as_json: AsJson = False,
    verbose: Verbose = 0,
) -> None:
    """Call METHOD of SERVICE and write its result to stdout, as JSON.

    The service is prepared, loaded and tested before, and unloaded after; its files are kept unless --dump.
    A text parameter takes VALUE as it is; others take it as JSON where it is JSON.
    With --json the result stands in {"result": ...}, and an error in {"error": ...}.
    """
    from vmodel.cli._arguments import read_arguments
    from vmodel.cli._json import plain
    from vmodel.cli._sources import opened

    with opened(package, service, method) as vm:
        kwargs = read_arguments(vm.signature(service, method), argument or (), args)
        call = vm.run_and_dump if dump else vm.run
        with blaming(service, method):
            result = plain(call(service, method, kwargs, timeout=timeout))
        _write_json({"result": result} if as_json else result)


@command("list", "list", "list --json", "list --package vmodel.service_example.service_example")
def list_(*, package: Packages = None, as_json: AsJson = False, verbose: Verbose = 0) -> None:
    """Show the services there are, and why others were left out."""
    from vmodel.cli._sources import opened
    from vmodel.cli._views import services, services_text

    with opened(package) as vm:
        _show(services(vm), services_text, as_json=as_json)
        wrong = vm.status().findings if package else ()  # of a project's many packages one may be broken for a while
        if wrong:
            sys.exit(code_of(wrong[0]))


@command("info", "info service_1", "info service_1 --json")
def info(service: Service, *, package: Packages = None, as_json: AsJson = False, verbose: Verbose = 0) -> None:
    """Show what SERVICE says of itself, and how its methods are called."""
    from vmodel.cli._sources import opened
    from vmodel.cli._views import info_text

    with opened(package, service) as vm:
        _show(vm.get_service_info(service), info_text, as_json=as_json)


@command("machine", "machine", "machine --json")
def machine(*, as_json: AsJson = False, verbose: Verbose = 0) -> None:
    """Show the cores, the memory and the cards there are, and what is free of them."""
    from vmodel import VModel
    from vmodel.cli import _views

    _show(_views.machine(VModel().machine()), _views.machine_text, as_json=as_json)


def _show(document: dict[str, Any], as_text: Callable[[dict[str, Any]], str], *, as_json: bool) -> None:
    if as_json:
        _write_json(document)
    else:
        write(as_text(document))


def _write_json(document: object) -> None:
    from vmodel.cli._json import dumps

    write(dumps(document, pretty=results().isatty()))
