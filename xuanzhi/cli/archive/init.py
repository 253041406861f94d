"""`archive init`: a new collection with its description; one that exists stays as it is."""

from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from pathlib import Path

from archive.errors import storage_errors
from archive.settings import FILE, CollectionSettings, parse, render
from archive.storage import CATALOGUE, write_atomically
from xuanzhi.cli.options import DEFAULT_COLLECTION
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.words import word

__all__ = ["InitOptions", "add_arguments", "run"]

_ONCE = ("name", "description", "operator", "contact", "timezone")
_OFTEN = ("collector", "creator", "subject", "language", "rights")

_ASKED = ("name", "description", "collector", "operator", "contact", "timezone")
"""What `--ask` asks for, in this order."""


@dataclass(frozen=True)
class InitOptions:
    """Where to make a collection, and how to describe it; what is empty is left out of collection.toml."""

    folder: Path
    ask: bool
    """Ask at the terminal for what no option gives."""
    name: str
    description: str
    operator: str
    contact: str
    timezone: str
    collector: tuple[str, ...]
    creator: tuple[str, ...]
    subject: tuple[str, ...]
    language: tuple[str, ...]
    rights: tuple[str, ...]
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", default=DEFAULT_COLLECTION, help=word("help.archive.init.dir")
    )
    parser.add_argument("--ask", action="store_true", help=word("help.archive.init.ask"))
    group = parser.add_argument_group(word("help.group.description"))
    for name in _ONCE:
        group.add_argument(f"--{name}", metavar="TEXT", default="", help=word(f"help.archive.init.{name}"))
    for name in _OFTEN:
        text = word(f"help.archive.init.{name}")
        group.add_argument(f"--{name}", metavar="TEXT", action="append", default=[], help=text)


def run(options: InitOptions) -> int:
    """Make a collection; return the exit code.

    Raises UsageError or BadConfig for what cannot stand in collection.toml; then nothing is made.
    """
    from archive.collection.collection import Collection  # what writes is not needed where there is a mistake

    report = Report.of("archive", options.output)
    path = options.folder
    file = path / FILE
    with storage_errors(path):
        exists = file.exists()
    if not exists:
        texts = asdict(options)
        settings: dict[str, str] = {name: texts[name] for name in _ONCE}
        metadata: dict[str, tuple[str, ...]] = {name: texts[name] for name in _OFTEN if texts[name]}
        if options.ask:
            _ask(path, settings, metadata)
        settings["name"] = settings["name"] or path.resolve().name
        settings["timezone"] = settings["timezone"] or "UTC"
        text = render(CollectionSettings(**settings, metadata=metadata))
        if any("\ud800" <= each <= "\udfff" for each in text):  # stray bytes of the command line
            raise UsageError("not-unicode")
        parse(text, file)
        write_atomically(file, text.encode())
    if not (path / CATALOGUE).exists():
        Collection.open(path, create=False).close()
    if report.as_json:
        report.event(event="initialized", collection=str(path), created=not exists)
    report.say(word("init.exists" if exists else "init.made", path=path, file=file))
    return Exit.DONE


def _ask(path: Path, settings: dict[str, str], metadata: dict[str, tuple[str, ...]]) -> None:
    """Ask for what no option gives; an empty answer leaves it out."""
    for name in _ASKED:
        if settings.get(name) or metadata.get(name):
            continue
        try:
            answer = input(f"{word(f'init.ask.{name}', name=path.resolve().name)} ").strip()
        except EOFError:
            raise UsageError("no-answer") from None
        if name in settings:
            settings[name] = answer
        elif answer:
            metadata[name] = (answer,)
