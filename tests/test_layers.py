"""The layers of the package: imports point down only, and what must be light is light."""

import ast
import graphlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import vmodel
import vmodel.service_example

PACKAGE = Path(vmodel.__file__).parent
EXAMPLES = Path(vmodel.service_example.__path__[0])
STANDARD_LIBRARY = sys.stdlib_module_names | {"vmodel"}
HEAVY = {
    *("huggingface_hub", "mcp", "numpy", "psutil", "pydantic", "pydantic_core"),
    *("pynvml", "ray", "starlette", "torch", "typer"),
}

# "" is vmodel/__init__.py; "name.*" is everything below the name.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "_bell", "_bytes", "_deferred", "_home", "_nearest", "_plain", "_problems", "_threads", "_watchdog"),
    ("_lifecycle", "_capacity", "_resources", "_info", "_events", "_optional", "_signature", "_current", "_readings"),
    ("_service", "protocol", "protocol.*", "_metrics"),
    (
        *("_registry", "_packages", "_config", "_proxy"),
        *("_admission", "_tenant", "_expiry", "_queue", "_status", "_moves", "_ledger", "_room", "_scene", "_deadlock"),
        *("_probe", "_cgroup", "_nvml", "_machine", "_assessment"),
        *("engines", "engines.base"),
    ),
    (
        *("_orchestrator", "_pursuit", "_survey", "_callers", "_walk", "_hooks", "_endings", "engines.local"),
        *("_runner", "_lease", "_stream", "_call", "_arguments", "_in_order", "_directory"),
    ),
    ("", "vmodel"),
    ("cli", "cli.*", "http", "mcp", "testing", "__main__", "service_example", "service_example.*"),
)
LAYER_OF = {name: layer for layer, names in enumerate(LAYERS) for name in names}


def source_files(folder: Path, *above: str) -> dict[str, Path]:
    """Return the file of each module in *folder*, by its name below `vmodel`."""
    files = {}
    for file in sorted(folder.rglob("*.py")):
        parts = (*above, *file.relative_to(folder).with_suffix("").parts)
        files[".".join(part for part in parts if part != "__init__")] = file
    return files


FILES = source_files(PACKAGE) | source_files(EXAMPLES, "service_example")


def layer(module: str) -> int | None:
    """Return the layer of *module*, or None where the table does not have it."""
    found, name = LAYER_OF.get(module), module
    while found is None and "." in name:
        name = name.rpartition(".")[0]
        found = LAYER_OF.get(f"{name}.*")
    return found


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Walk everything below *node*, functions included, but not what only type checkers see."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for otherwise in child.orelse:
                yield otherwise
                yield from statements(otherwise)
        else:
            yield child
            yield from statements(child)


def imported_names(module: str, tree: ast.AST) -> Iterator[str]:
    """Yield the full dotted names that *module* imports; `from a import b` may be a module `a.b`, and is said so."""
    package = ["vmodel", *module.split(".")] if module else ["vmodel"]
    if module and FILES[module].name != "__init__.py":
        package.pop()
    for node in statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def imports_of(module: str) -> set[str]:
    """Return the modules of ours that *module* imports anywhere in its text."""
    found = set()
    for name in imported_names(module, ast.parse(FILES[module].read_text(encoding="utf-8"))):
        top, _, inner = name.partition(".")
        if top == "vmodel":
            while inner and inner not in FILES:
                inner = inner.rpartition(".")[0]
            found.add(inner)
    return found - {module}


def test_every_module_has_a_layer() -> None:
    """A new module is given its place in the table before anything imports it."""
    homeless = [module for module in FILES if layer(module) is None]
    assert not homeless, f"no layer for {homeless}: add them to LAYERS in tests/test_layers.py, and to docs/design.md"


@pytest.mark.parametrize("module", [module for module in FILES if layer(module) is not None])
def test_imports_point_down_only(module: str) -> None:
    """No module imports from a layer above its own, not even inside a function."""
    upward = [name or "vmodel" for name in imports_of(module) if (layer(name) or 0) > (layer(module) or 0)]
    assert not upward, f"{module or 'vmodel'} is in layer {layer(module)} and imports from above it: {upward}"


def test_no_modules_import_one_another_in_a_circle() -> None:
    """Modules of one layer have an order too."""
    graph = {module: imports_of(module) for module in FILES}
    graphlib.TopologicalSorter(graph).prepare()


def loaded_by(statement: str, *options: str) -> set[str]:
    """Return the modules that *statement* loads in a fresh interpreter."""
    program = (
        f"import json, sys; sys.path.insert(0, {str(PACKAGE.parent)!r}); before = set(sys.modules)\n"
        f"{statement}\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-I", "-B", *options, "-c", program], check=True, capture_output=True)
    return set(json.loads(done.stdout))


def test_importing_vmodel_loads_nothing_heavy() -> None:
    """`import vmodel` costs what the standard library costs."""
    loaded = loaded_by("import vmodel")
    assert not loaded & HEAVY


@pytest.mark.parametrize("module", [name for name in FILES if name == "errors" or name.startswith("protocol")])
def test_what_authors_import_needs_the_standard_library_alone(module: str) -> None:
    """A service's own environment needs nothing of ours, so neither do the errors nor the decorators."""
    loaded = loaded_by(f"import vmodel.{module}", "-S")
    assert {name.partition(".")[0] for name in loaded} <= STANDARD_LIBRARY
