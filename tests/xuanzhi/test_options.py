"""Every command's options: what its parser parses is what its dataclass takes."""

from argparse import SUPPRESS, ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from xuanzhi.cli.archive.main import PARTS
from xuanzhi.cli.archive.main import build_parser as archive_parser
from xuanzhi.cli.archive.rules.main import ACTIONS
from xuanzhi.cli.capture import build_parser as capture_parser
from xuanzhi.cli.clean import build_parser as clean_parser
from xuanzhi.cli.options import SelectionOptions, options_from
from xuanzhi.jobs.capture import CaptureOptions
from xuanzhi.jobs.clean import CleanOptions
from xuanzhi.output.report import OutputOptions

pytestmark = pytest.mark.slow

NOT_OPTIONS = {"help", "part", "module", SUPPRESS}
ONLY_WITH_IMPORT = {"url", "date"}
ONLY_WITH_SHARDS = {"shards", "engine", "address", "formats"}


def dests(parser: ArgumentParser) -> set[str]:
    """Return the names under which a parser, and the parsers of its actions, leave what they parse."""
    names = set()
    for action in parser._actions:
        names.add(action.dest)
        if isinstance(action, _SubParsersAction):
            for part in action.choices.values():
                names |= dests(part)
    return names - NOT_OPTIONS


def names_of(options: type) -> Iterator[str]:
    """Yield the names of a dataclass's fields; of a field that is a dataclass, those of its fields."""
    hints = get_type_hints(options)
    for field in fields(options):
        if is_dataclass(hints[field.name]):
            yield from names_of(hints[field.name])
        else:
            yield field.name


def subparser(parser: ArgumentParser, name: str) -> ArgumentParser:
    return next(each for each in parser._actions if isinstance(each, _SubParsersAction)).choices[name]


COMMANDS = [*((part,) for part in PARTS if part != "rules"), *(("rules", action) for action in ACTIONS)]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_parser_of_a_command_fills_its_options(words: tuple[str, ...]) -> None:
    parser = archive_parser(words)
    for name in words:
        parser = subparser(parser, name)
    options = get_type_hints(parser.get_default("module").run)["options"]
    names = list(names_of(options))
    assert sorted(names) == sorted(dests(parser))
    assert options.__dataclass_params__.frozen
    assert options.__doc__


@pytest.mark.parametrize(
    ("parser", "options", "more"),
    [(clean_parser(), CleanOptions, ONLY_WITH_IMPORT), (capture_parser(), CaptureOptions, set())],
    ids=["clean", "capture"],
)
def test_the_parser_of_clean_and_capture_fills_their_options(
    parser: ArgumentParser, options: Any, more: set[str]
) -> None:
    assert sorted(names_of(options)) == sorted(dests(parser) - ONLY_WITH_SHARDS | more)
    given = options_from(options, parser.parse_args([]), collection=Path("somewhere"))
    assert given == options(output=OutputOptions(), collection=Path("somewhere"))  # the same defaults in both


def test_lists_become_tuples() -> None:
    given = Namespace(articles=["a", "b"], sources=[], hosts=[], states=[], since="2024", until="")
    assert options_from(SelectionOptions, given) == SelectionOptions(("a", "b"), (), (), (), "2024", "")


@pytest.mark.parametrize("number", ["9" * 20, "-" + "9" * 20, "9" * 5_000, "NaN", "1e400", "x", ""])
@pytest.mark.parametrize(
    "words",
    [
        ("archive", "list", "--limit"),
        ("archive", "search", "纸", "--limit"),
        ("archive", "due", "-n"),
        ("archive", "runs", "-n"),
        ("archive", "review", "--port"),
        ("archive", "replay", "--port"),
        ("archive", "import", "a.txt", "--max-megabytes"),
        ("clean", "a.txt", "--max-megabytes"),
        ("clean", "a.txt", "--jobs"),
        *(("capture", "http://a.example/", f"--{name}") for name in ("max-megabytes", "max-seconds", "max-redirects")),
        *(("capture", "http://a.example/", f"--{name}") for name in ("tries", "pace", "at-once")),
    ],
    ids=" ".join,
)
def test_a_number_that_is_none_is_a_mistake_of_usage(run: Callable, words: tuple[str, ...], number: str) -> None:
    result = run(*words[:-1], f"{words[-1]}={number}" if words[-1].startswith("--") else f"{words[-1]}{number}")
    assert result.code == 2
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) == 2
    assert len(result.err) < 300
