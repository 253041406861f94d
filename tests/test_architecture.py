"""The house keeps its plan: layers, sizes, one name for one thing; docs/architecture.md is its map and says the rules.

What may import what is read from the drawing in docs/architecture.md, so the drawing cannot go stale.
"""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = ROOT / "docs" / "architecture.md"
PACKAGES = ("capture", "clean", "archive", "xuanzhi")

MAY_IMPORT = {
    "capture": set(),
    "clean": set(),
    "archive": {"capture", "clean"},
    "xuanzhi": {"archive", "capture", "clean"},
}
"""Packages that each package may import besides itself."""

MOST_MODULES = 15
CROWDED = {
    "capture": "one module for each step of an exchange, from address to page",
    "xuanzhi/cli/archive": "one module for each command",
}
"""Folders with more modules than MOST_MODULES, and why."""

MOST_LINES = 600
LONG = {
    "clean/commonmark/emphasis.py": "one algorithm, whose parts mean nothing alone",
}
"""Modules with more lines than MOST_LINES, and why."""

FEWEST_LINES = 60
USERS_OF_SMALL = 3
"""A module below FEWEST_LINES is worth a file only where so many others use it."""
SMALL = {
    "archive/export/pywb.py": "one form of export, as its neighbours are",
    "xuanzhi/shards/engines/pool.py": "one engine, as its neighbour is",
    "xuanzhi/__main__.py": "the name that `python -m` looks for",
}
"""Small modules with fewer users, and why; and the commands, each of which is a file of its own."""

SQL = re.compile(
    r"\b(SELECT\s.+?\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s+(TABLE|INDEX)|PRAGMA)\b",
    re.DOTALL,
)
SQL_STANDS_IN = ("archive/catalogue/", "archive/schedule/", "archive/maintenance/")


@cache
def modules() -> Mapping[str, Path]:
    """Return every module of the four packages by its dotted name; a package goes by its folder's."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


@cache
def tree(module: str) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Return the modules of ours that each module imports, anywhere: inside of functions and for type checking, too."""
    found = defaultdict(set)
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Import):
                found[module] |= {each.name for each in node.names if each.name in modules()}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = {f"{node.module}.{each.name}" for each in node.names}
                found[module] |= {name if name in modules() else node.module for name in names}
    return {module: frozenset(names & modules().keys() - {module}) for module, names in found.items()}


def path_of(module: str) -> str:
    """Return a module's file, relative to the root."""
    return modules()[module].relative_to(ROOT).as_posix()


def is_face(module: str) -> bool:
    """Whether the module is the `__init__` of a package."""
    return modules()[module].name == "__init__.py"


def layers() -> Iterator[tuple[str, list[list[list[str]]]]]:
    """Yield each line of the drawing: a folder, and its layers from the ground up.

    A layer is a list of groups; what stands in one group may import each other, groups of one layer may not.
    """
    drawing = re.search(r"<!-- layers -->\n```text\n(.*?)```", MAP.read_text(encoding="utf-8"), re.S)
    assert drawing, "docs/architecture.md has no drawing of the layers"
    for line in drawing[1].splitlines():
        folder, _, chain = line.partition(":")
        yield folder.strip(), [[group.split() for group in layer.split("|")] for layer in chain.split("<")]


@pytest.mark.slow
def test_packages_import_one_way() -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if other.split(".")[0] not in {module.split(".")[0]} | MAY_IMPORT[module.split(".")[0]]
    ]
    assert wrong == []


def test_imports_go_down_the_layers_that_are_drawn() -> None:
    wrong, drawn = [], set()
    for folder, chain in layers():
        prefix = folder.replace("/", ".") + "."
        places = {
            name: (height, number)
            for height, layer in enumerate(chain)
            for number, group in enumerate(layer)
            for name in group
        }
        children = {
            path.stem for path in (ROOT / folder).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
        }
        missing = children - {"__init__", "__main__"} - places.keys()
        assert not missing, f"the drawing of {folder}/ lacks {', '.join(sorted(missing))}"
        assert not places.keys() - children, f"{folder}/ has no {', '.join(sorted(places.keys() - children))}"
        drawn.add(folder)
        for module, others in imports().items():
            here = module.removeprefix(prefix).split(".")[0] if module.startswith(prefix) else ""
            for other in others:
                there = other.removeprefix(prefix).split(".")[0] if other.startswith(prefix) else ""
                if here == there or here not in places or there not in places or places[here] == places[there]:
                    continue
                if places[here][0] <= places[there][0]:
                    wrong.append(f"{module} imports {other}, which does not stand below it")
    assert wrong == []
    assert drawn == {"clean", "clean/html", "archive", "xuanzhi"}


def test_no_module_imports_itself_by_a_detour() -> None:
    circles, index, low, stack = [], {}, {}, []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in imports().get(module, ()):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            at = stack.index(module)
            if len(stack) - at > 1:
                circles.append(sorted(stack[at:]))
            del stack[at:]

    for module in modules():
        if module not in index:
            visit(module)
    assert circles == []


@pytest.mark.slow
def test_sql_stands_with_the_catalogue() -> None:
    wrong = []
    for module in modules():
        if path_of(module).startswith(SQL_STANDS_IN):
            continue
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree(module))
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree(module)):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if id(node) not in docstrings and SQL.search(text):
                wrong.append(f"{path_of(module)}:{node.lineno}")
    assert wrong == []


@pytest.mark.slow
def test_argparse_stands_with_the_commands() -> None:
    wrong = [
        f"{path_of(module)}:{node.lineno}"
        for module in modules()
        if not path_of(module).startswith("xuanzhi/cli/")
        for node in ast.walk(tree(module))
        if (isinstance(node, ast.ImportFrom) and node.module == "argparse")
        or (isinstance(node, ast.Import) and any(each.name == "argparse" for each in node.names))
        or (isinstance(node, ast.Name) and node.id == "Namespace")
    ]
    assert wrong == []


def test_folders_are_not_crowded() -> None:
    counts = Counter(str(Path(path_of(module)).parent) for module in modules() if not is_face(module))
    crowded = {folder for folder, count in counts.items() if count > MOST_MODULES}
    assert crowded == set(CROWDED)


def test_modules_have_a_size_that_can_be_read() -> None:
    long, small, users = set(), set(), Counter(other for others in imports().values() for other in others)
    for module, path in modules().items():
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MOST_LINES:
            long.add(path_of(module))
        command = path_of(module).startswith("xuanzhi/cli/")
        if lines < FEWEST_LINES and not is_face(module) and not command and users[module] < USERS_OF_SMALL:
            small.add(path_of(module))
    assert long == set(LONG)
    assert small == set(SMALL)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_name_stands_for_one_class(package: str) -> None:
    homes = defaultdict(list)
    for module in modules():
        if module.split(".")[0] == package:
            for node in tree(module).body:
                if isinstance(node, ast.ClassDef):
                    homes[node.name].append(path_of(module))
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def first_line(module: str) -> str:
    """Return the first line of a module's docstring without its full stop."""
    return (ast.get_docstring(tree(module)) or "").partition("\n")[0].removesuffix(".")


def drawn_tree() -> str:
    """Return the tree as the map shows it: every folder and every module with the first line of its docstring."""
    lines = []
    for module in sorted(
        modules(), key=lambda each: (str(Path(path_of(each)).parent).split("/"), not is_face(each), each)
    ):
        folder = str(Path(path_of(module)).parent)
        if is_face(module):
            lines += ["", f"{folder}/  {first_line(module)}"]
        else:
            lines.append(f"    {Path(path_of(module)).stem:16} {first_line(module)}")
    return "\n".join(lines[1:]) + "\n"


def test_the_map_shows_the_house_as_it_is() -> None:
    drawing = re.search(r"<!-- tree -->\n```text\n(.*?)```", MAP.read_text(encoding="utf-8"), re.S)
    assert drawing
    assert drawing[1] == drawn_tree()  # `python tests/test_architecture.py` writes it anew


def test_the_map_names_files_that_are_there() -> None:
    named = set(re.findall(r"`((?:capture|clean|archive|xuanzhi)/[\w/]+(?:\.py|/))`", MAP.read_text(encoding="utf-8")))
    assert {path for path in named if not (ROOT / path).exists()} == set()
    assert len(named) > len(PACKAGES)


def write_map() -> None:
    """Write the tree in the map anew."""
    text = MAP.read_text(encoding="utf-8")
    start = text.index("<!-- tree -->\n```text\n") + len("<!-- tree -->\n```text\n")
    MAP.write_text(text[:start] + drawn_tree() + text[text.index("```", start) :], encoding="utf-8")


if __name__ == "__main__":
    write_map()
