"""`archive backup`: a copy of a collection that is a collection itself, made while others write."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from archive.maintenance.backup import backup
from xuanzhi.cli.options import add_collection
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress

__all__ = ["BackupOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class BackupOptions:
    """Where to, and how thoroughly."""

    folder: Path
    quick: bool
    """Compare of what the folder has only lengths and the last megabyte of each file."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help=_("a new folder, or an older backup of this collection")
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help=_("of what an older backup has, compare only lengths and the last megabyte of each file"),
    )
    add_collection(parser)


def run(options: BackupOptions) -> int:
    """Make the backup, or bring it up to date; return the exit code. Raises what `backup` raises."""
    report = Report.of("archive backup", options.output)
    root = options.collection
    size = sum(each.stat().st_size for folder in ("warc", "derived") for each in (root / folder).glob("*.warc.gz"))
    with Progress(size, enabled=options.output.shows_progress, unit="bytes") as progress:
        done = backup(root, options.folder, quick=options.quick, watch=progress.advance)
    if options.output.as_json:
        report.event(event="backed-up", collection=str(root), backup=str(options.folder), **done._asdict())
        return Exit.DONE
    report.note(
        "archive backup: "
        + _(
            "{path} holds {captures:,} captures, {records:,} records in {files:,} WARC files; {copied:,} of {bytes:,} "
            "bytes were new",
            path=options.folder,
            **done._asdict(),
        )
    )
    return Exit.DONE
