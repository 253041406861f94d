"""What became of an imported file and its pages, told to people and to machines."""

from typing import TYPE_CHECKING

from archive.importing.importer import Report as Imported
from xuanzhi.jobs.batch import Outcome
from xuanzhi.output.failures import Failure
from xuanzhi.output.report import Report
from xuanzhi.words import hint, word

if TYPE_CHECKING:
    from archive.collection.collection import Added, Collection

__all__ = ["tell_file", "tell_page"]

FEW = 20
"""Up to so many pages, each gets a line of its own, and so many places of damage."""


def tell_file(report: Report, name: str, imported: Imported, *, pages: int, orphans: int, status: str) -> None:
    """Tell of one file; `orphans` are the revisits of pages that nobody has."""
    report.done += 1
    report.count(f"file-{status}")
    if report.as_json:
        report.event(
            event="imported", file=name, status=status, sha256=imported.sha256, size=imported.size,
            format=imported.format, records=dict(sorted(imported.records.items())), kept=imported.kept,
            already=imported.already, changed=len(imported.changed), damage=imported.damage, checks=imported.checks,
            pages=pages, orphans=orphans, first=imported.first or None, last=imported.last or None,
            software=imported.software,
        )  # fmt: skip
    parts = [name, word(f"import.{status}"), word("import.records", count=sum(imported.records.values()))]
    parts.append(word("import.pages", count=pages))
    if imported.changed:
        parts.append(word("import.changed", count=len(imported.changed)))
    if orphans:
        parts.append(word("import.orphans", count=orphans))
    report.say("  ".join(parts))
    for each in imported.damage[:FEW]:
        place = f"{each['part']}: " if each["part"] else ""
        kept = word("import.bytes-kept" if each["record"] else "import.bytes-not-kept", count=each["length"])
        text = word("import.damage", offset=each["offset"], reason=f"{place}{each['message']}", kept=kept)
        _problem(report, name, "damaged-records", text)
    if len(imported.damage) > FEW:
        _problem(report, name, "damaged-records", word("import.more-damage", count=len(imported.damage) - FEW))
    for each in imported.checks:
        key = "import.digest-differs" if each["found"] else "import.digest-missing"
        _problem(report, name, "wrong-digest", word(key, part=each["name"]))


def _problem(report: Report, name: str, code: str, text: str) -> None:
    report.fail(name, Failure(code, text, hint(f"import.{code}")))


def tell_page(report: Report, collection: "Collection", imported: Imported, outcome: Outcome, added: "Added") -> None:
    """Tell of one page that was kept."""
    output = str(collection.path / added.markdown) if added.markdown and added.state == "live" else None
    report.count("pages-added")
    if report.as_json:
        report.event(
            event="page", file=imported.file, url=outcome.name, state=added.state, status=added.status,
            article=added.key or None, output=output,
        )  # fmt: skip
        return
    if report.counts["pages-added"] <= FEW:
        line = f"{outcome.name}  {word(f'state.{added.state}')}"
        report.say(f"  {line}\n    → {output}" if output else f"  {line}")
