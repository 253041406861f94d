"""Keep the catalogues of translated messages: `python tools/messages.py update` after messages changed, then `compile`.

`update` reads the messages out of the code and the templates into each `xuanzhi.po`, keeps the translations, and drops
what no code says any more; `compile` writes the `xuanzhi.mo` beside it, which is what users get. Needs Babel.
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import babel.messages.catalog
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

babel.messages.catalog.VERSION = "2"  # of the generator in the head of the files, which else changes with each Babel

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "xuanzhi" / "locale"

Found = tuple[int, str, Any, list[str]]
"""What an extractor of Babel gives: line, function, messages, comments."""

KEYWORDS: dict[str, Any] = {
    "_": None,
    "N_": None,
    "pgettext": ((1, "c"), 2),
    "ngettext": (1, 2),
    "N_plural": (1, 2),
}
"""The functions of `xuanzhi.messages`, and which of their arguments are messages."""


def calls(file: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """Yield the constant texts given to the functions, also within f-strings, where Babel's own extractor sees none."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            texts = tuple(each.value if isinstance(each, ast.Constant) else None for each in node.args)
            if texts and isinstance(texts[0], str):
                yield node.lineno, node.func.id, texts if len(texts) > 1 else texts[0], []


def hints(file: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """Yield what errors and warnings of the other packages advise, which do not know `xuanzhi.messages`.

    That is each constant text that is assigned to `hint` or `_HINT`, or given as `hint=…`.
    """
    for node in ast.walk(ast.parse(file.read())):
        value: ast.expr | None = None
        if isinstance(node, ast.keyword) and node.arg == "hint":
            value = node.value
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id in {"hint", "_HINT"} for each in targets):
                value = node.value
        for text in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                yield text.lineno, "_", text.value, []


METHODS: list[tuple[str, Any]] = [
    ("xuanzhi/review/templates/**.html", "jinja2"),
    ("xuanzhi/**.py", calls),
    ("archive/diff/html.py", calls),
    ("archive/**.py", hints),
    ("capture/**.py", hints),
    ("clean/**.py", hints),
]
"""Which files are read in which way; the first pattern that fits a file counts."""


def extracted() -> Catalog:
    """Return all messages of the code, in the order of the files that say them."""
    catalog = Catalog(project="xuanzhi", charset="utf-8")
    found = []
    for package in ("archive", "capture", "clean", "xuanzhi"):
        methods = [
            (pattern.removeprefix(f"{package}/"), method)
            for pattern, method in METHODS
            if pattern.startswith(f"{package}/")
        ]
        found += [
            (f"{package}/{name}", line, message, context)
            for name, line, message, _, context in extract_from_dir(
                ROOT / package,
                methods,
                {"**": {"newstyle_gettext": "true"}},
                KEYWORDS,
                (),
            )
        ]
    for name, line, message, context in sorted(found, key=lambda each: each[:2]):
        catalog.add(message, locations=[(name, line)], context=context)
    return catalog


def catalogues() -> list[Path]:
    """Return the `.po` files of all languages."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/xuanzhi.po"))


def read(path: Path) -> Catalog:
    """Read a `.po` file. Raises PoFileError for one that breaks the format."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def compiled(catalog: Catalog) -> bytes:
    """Return the bytes of the `.mo` file of a catalogue."""
    file = BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def update(path: Path) -> None:
    """Bring a `.po` file up to date with the code."""
    catalog = read(path)
    catalog.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    file = BytesIO()
    write_po(file, catalog, width=100, include_lineno=False, ignore_obsolete=True)
    path.write_bytes(file.getvalue())


def main() -> None:
    """Do what the command line says for all languages."""
    for path in catalogues():
        if sys.argv[1:] == ["update"]:
            update(path)
        elif sys.argv[1:] == ["compile"]:
            path.with_suffix(".mo").write_bytes(compiled(read(path)))
        else:
            sys.exit("usage: python tools/messages.py update|compile")


if __name__ == "__main__":
    main()
