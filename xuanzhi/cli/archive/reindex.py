"""`archive reindex`: the catalogue, made again from the files."""

from argparse import ArgumentParser, Namespace

from archive import settings as configs
from archive.collection.collection import Collection
from archive.errors import NotACollection
from archive.maintenance.rebuild import reindex
from xuanzhi.cli.options import add_collection, collection_path
from xuanzhi.output.exits import Exit
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import Progress
from xuanzhi.words import word

__all__ = ["add_arguments", "reindex_collection", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_collection(parser)


def run(options: Namespace) -> int:
    """Run it; return the exit code."""
    return reindex_collection(options)


# The run behind `archive reindex`.


def reindex_collection(options: Namespace) -> int:
    """Make the catalogue again, and say what it lacks; return the exit code. Raises what `reindex` raises."""
    root = collection_path(options)
    report = Report.of("archive reindex", options)
    if not (root / configs.FILE).is_file():
        raise NotACollection(f"{root} is no collection: it has no {configs.FILE}")
    files = [each for folder in ("warc", "derived") for each in (root / folder).glob("*.warc.gz")]
    size = sum(each.stat().st_size for each in files)
    with Progress(size, enabled=not (options.quiet or options.json), unit="bytes") as progress:
        result = reindex(root, watch=progress.advance)
    Collection.open(root, create=False).close()  # cuts torn tails, and writes the Markdown files that are missing
    for damage in result.damage:
        if options.json:
            report.event(event="damage", **damage._asdict())
        report.say(f"{damage.file} @ {damage.offset:,}: {damage.message}")
    for lost in result.lost:
        if options.json:
            report.event(event="lost", record=lost.record_id, file=lost.name)
        report.say(f"{lost.name}: {word('reindex.lost', record=lost.record_id)}")
    if options.json:
        report.event(event="summary", records=result.records, captures=result.captures, damage=len(result.damage),
                     lost=len(result.lost))  # fmt: skip
    else:
        report.note(f"archive reindex: {word('reindex.done', records=result.records, captures=result.captures)}")
        if result.damage or result.lost:
            counts = {"damage": len(result.damage), "lost": len(result.lost)}
            report.note(f"archive reindex: {word('reindex.lacks', **counts)}")
    return Exit.SOME_FAILED if result.damage or result.lost else Exit.DONE
