"""`archive reindex`: the catalogue, made again from the files."""

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from archive import settings as configs
from archive.collection.collection import Collection
from archive.errors import NotACollection
from archive.maintenance.rebuild import reindex
from xuanzhi.cli.options import add_collection
from xuanzhi.messages import _
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress

__all__ = ["ReindexOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class ReindexOptions:
    """Which collection to reindex."""

    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_collection(parser)


def run(options: ReindexOptions) -> int:
    """Make the catalogue again, and report what it lacks; return the exit code. Raises what `reindex` raises."""
    root = options.collection
    report = Report.of("archive reindex", options.output)
    if not (root / configs.FILE).is_file():
        raise NotACollection(f"{root} is not a collection: it has no {configs.FILE}")
    files = [each for folder in ("warc", "derived") for each in (root / folder).glob("*.warc.gz")]
    size = sum(each.stat().st_size for each in files)
    with Progress(size, enabled=options.output.shows_progress, unit="bytes") as progress:
        result = reindex(root, watch=progress.advance)
    # Moves torn bytes aside, and writes the Markdown files that are missing.
    Collection.open(root, create=False, told=report.recovered).close()
    for damage in result.damage:
        if options.output.as_json:
            report.event(event="damage", **damage._asdict())
        report.say(f"{damage.file} @ {damage.offset:,}: {damage.message}")
    for lost in result.lost:
        if options.output.as_json:
            report.event(event="lost", record=lost.record_id, file=lost.name)
        report.say(f"{lost.name}: " + _("its text or its state is lost ({record})", record=lost.record_id))
    if options.output.as_json:
        report.event(event="summary", records=result.records, captures=result.captures, damage=len(result.damage),
                     lost=len(result.lost))  # fmt: skip
    else:
        report.note(
            "archive reindex: "
            + _("{records:,} records, {captures:,} captures", records=result.records, captures=result.captures)
        )
        if result.damage or result.lost:
            counts = {"damage": len(result.damage), "lost": len(result.lost)}
            report.note(
                "archive reindex: "
                + _(
                    "places that cannot be read: {damage:,}, captures that lost their text: {lost:,}; "
                    "`archive reclean` makes the texts again",
                    **counts,
                )
            )
    return Exit.SOME_FAILED if result.damage or result.lost else Exit.DONE
