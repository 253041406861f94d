"""`archive init`: a new collection with its description; one that exists stays as it is."""

from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.errors import storage_errors
from archive.settings import FILE, CollectionSettings, parse, render
from archive.storage import CATALOGUE, write_atomically
from xuanzhi.cli.options import DEFAULT_COLLECTION
from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report

__all__ = ["InitOptions", "add_arguments", "run"]

_HELP = {
    "name": N_("its name, used as the title of its description"),
    "description": N_("what is collected, and why"),
    "operator": N_("who is responsible for it; written to every WARC file"),
    "contact": N_("how sites can reach you; sent with every request of `capture`"),
    "timezone": N_("time zone of dates that state none, such as Asia/Shanghai (default: UTC)"),
    "collector": N_("the organisation that selects and preserves it"),
    "creator": N_("who created the content"),
    "subject": N_("what the content is about"),
    "language": N_("language of the content, such as zh-Hans"),
    "rights": N_("terms of access and use"),
}

_QUESTIONS = {
    "name": N_("Name [{name}]:"),
    "description": N_("What is collected, and why:"),
    "collector": N_("Organisation that selects and preserves it:"),
    "operator": N_("Who is responsible for it:"),
    "contact": N_("How sites can reach you (e-mail or page):"),
    "timezone": N_("Time zone of dates that state none [UTC]:"),
}

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
        "folder", nargs="?", metavar="DIR", default=DEFAULT_COLLECTION, help=_("its folder (default: ./collection)")
    )
    parser.add_argument("--ask", action="store_true", help=_("ask for what the options leave out"))
    group = parser.add_argument_group(_("description of the collection"))
    for name in _ONCE:
        group.add_argument(f"--{name}", metavar="TEXT", default="", help=_(_HELP[name]))
    for name in _OFTEN:
        text = _(_HELP[name])
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
        settings: dict[str, Any] = {name: texts[name] for name in _ONCE}
        metadata: dict[str, tuple[str, ...]] = {name: texts[name] for name in _OFTEN if texts[name]}
        if options.ask:
            _ask(path, settings, metadata)
        settings["name"] = settings["name"] or path.resolve().name
        settings["timezone"] = settings["timezone"] or "UTC"
        text = render(CollectionSettings(**settings, metadata=metadata))
        if any("\ud800" <= each <= "\udfff" for each in text):  # stray bytes of the command line
            raise UsageError(
                "not-unicode",
                _("an option contains bytes that are not UTF-8"),
                _("Nothing was created. Check the terminal's encoding."),
            )
        parse(text, file)
        write_atomically(file, text.encode())
    if not (path / CATALOGUE).exists():
        Collection.open(path, create=False).close()
    if report.as_json:
        report.event(event="initialized", collection=str(path), created=not exists)
    report.say(
        _("{path} is already a collection, nothing was changed; edit {file}", path=path, file=file)
        if exists
        else _("created the collection {path}; its description is in {file}", path=path, file=file)
    )
    return Exit.DONE


def _ask(path: Path, settings: dict[str, str], metadata: dict[str, tuple[str, ...]]) -> None:
    """Ask for what no option gives; an empty answer leaves it out."""
    for name in _ASKED:
        if settings.get(name) or metadata.get(name):
            continue
        try:
            answer = input(f"{_(_QUESTIONS[name], name=path.resolve().name)} ").strip()
        except EOFError:
            raise UsageError(
                "no-answer",
                _("the questions were not answered"),
                _("Nothing was created. The answers can also be given as options."),
            ) from None
        if name in settings:
            settings[name] = answer
        elif answer:
            metadata[name] = (answer,)
