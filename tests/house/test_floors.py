"""Imports run downward only, and never in a circle (docs/index.md draws the tower)."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
PACKAGE = SOURCE / "cereblon"

FLOORS = {
    "ground": 1,
    "network": 2, "statistics": 2,
    "mechanism": 3, "records": 3,
    "model": 4, "cohort": 4,
    "bench": 5, "bedside": 5,
    "evidence": 6,
    "exchange": 7,
    "show": 8,
    "__init__": 9, "__main__": 9,
}  # fmt: skip
NEIGHBOURS = {("cohort", "model")}  # rooms of one floor do not know each other; a cohort is made of models


def run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of *tree* that run on import: nothing inside functions or `if TYPE_CHECKING`."""
    for node in ast.iter_child_nodes(tree):
        for_checker = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not for_checker and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from run_at_import(node)


def imports(source: str, module: str, *, everywhere: bool = True) -> Iterator[str]:
    """Full dotted names of our modules that *source*, the text of *module*, imports (deferred ones too)."""
    tree = ast.parse(source)
    for node in ast.walk(tree) if everywhere else run_at_import(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            names = [f"{origin}.{alias.name}" for alias in node.names]
        else:
            continue
        ours = [name for name in names if name.split(".")[0] == "cereblon"]
        yield from (name for name in ours if name != "cereblon.__version__")


def room(module: str) -> str:
    """The package or top module that *module* (a dotted name) belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def trespass(source: str, module: str) -> list[str]:
    """Imports of *module* that go up or sideways, as sentences."""
    here = room(module)
    found = []
    for name in imports(source, module):
        there = room(name) if room(name) in FLOORS else "__init__"
        allowed = here == there or FLOORS[there] < FLOORS[here] or (here, there) in NEIGHBOURS
        if not allowed and here != "__init__":
            found.append(f"{module} (floor {FLOORS[here]}) imports {name} (floor {FLOORS[there]})")
    return found


def dotted(path: Path) -> str:
    """``src/cereblon/network/reaction.py`` -> ``cereblon.network.reaction``; a package by its folder."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


FILES = {dotted(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def own_name(module: str) -> str:
    """Where relative imports of *module* start: a package's own file stands inside the package."""
    inside = FILES[module].name == "__init__.py" and not module.endswith("__init__")
    return f"{module}.__init__" if inside else module


def test_every_room_stands_on_a_floor() -> None:
    assert {room(module) for module in FILES} - {"data"} <= FLOORS.keys()


@pytest.mark.parametrize("module", [module for module in FILES if room(module) in FLOORS])
def test_imports_run_downward(module: str) -> None:
    assert trespass(FILES[module].read_text(), own_name(module)) == []


def order(sources: dict[str, str]) -> list[str]:
    """Modules (name -> text) in an order in which they can be imported; CycleError names a circle.

    Inside one room a verb may fetch its worker when it is called (`Network.simulate` its solver): no circle.
    """
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        targets = set()
        for name in imports(source, module, everywhere=False):
            while (
                name.removesuffix(".__init__") not in FILES and "." in name
            ):  # `from a.b import c`: c is in a.b
                name = name.rpartition(".")[0]
            targets.add(name)
        graph[module.removesuffix(".__init__")] = targets - {module.removesuffix(".__init__"), "cereblon"}
    return list(TopologicalSorter(graph).static_order())


def test_no_circle_of_imports() -> None:
    assert len(order({own_name(module): path.read_text() for module, path in FILES.items()})) >= len(FILES)


def test_a_circle_of_imports_is_seen() -> None:
    quantity, errors = "cereblon.ground.quantity", "cereblon.ground.errors"
    later = {quantity: "from .errors import InputError", errors: "def f():\n    from .quantity import unit"}
    assert order(later) == [errors, quantity]
    with pytest.raises(CycleError):
        order({**later, errors: "from .quantity import unit"})


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("cereblon.ground.quantity", "from cereblon.network.reaction import Reaction"),
        ("cereblon.mechanism.binding", "from cereblon.records import compound"),
        ("cereblon.records.compound", "import cereblon.mechanism.binding"),
        ("cereblon.network.kernel", "from cereblon import statistics"),
        ("cereblon.bench.plate", "def read():\n    from ..bedside import trial"),
        ("cereblon.bedside.trial", "from ..bench.plate import read"),
        ("cereblon.model", "from cereblon.cohort import Cohort"),
        ("cereblon.show.report", "import cereblon as cb"),
        ("cereblon.show.report", "from cereblon import simulate"),
    ],
)
def test_an_import_upward_or_sideways_is_seen(module: str, line: str) -> None:
    assert len(trespass(line, module)) == 1


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("cereblon.network.kernel", "from .rosenbrock import Tableau\nfrom ..ground import errors"),
        ("cereblon.cohort", "from cereblon.model import Model"),
        ("cereblon.show.cli", "from cereblon import __version__\nimport numpy.random"),
    ],
)
def test_an_import_downward_is_allowed(module: str, line: str) -> None:
    assert trespass(line, module) == []
