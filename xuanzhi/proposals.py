"""`archive rules proposals`: what proposed rules would remove, shown on real pages before anybody decides."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import Any

from clean.frontmatter import read
from clean.learn.effect import OnPage, effect, on_pages
from clean.learn.form import LABEL
from clean.rules import Rule
from clean.view import View
from xuanzhi.exits import Exit
from xuanzhi.learned_files import Source, chosen
from xuanzhi.report import Report
from xuanzhi.selecting import opened
from xuanzhi.words import reason, word

__all__ = ["show_proposals"]

AROUND = 2
"""Lines shown before and behind what would go."""

WIDTH = 100
"""Characters of a line that are shown."""

LONGEST = 12
"""Lines of a rule, and of a page, that are shown; the file has all."""


def show_proposals(options: Namespace) -> int:
    """Show the proposals of the sources that are named, or of all; return the exit code."""
    report = Report.of("archive", options)
    shown = 0
    with opened(options) as collection:
        for source in chosen(collection, options.sources):
            rules = source.rules(lambda state: state == "proposed")
            if rules:
                shown += len(rules)
                _show(report, source, rules)
    report.note(f"archive: {word('proposals.next') if shown else word('proposals.none')}")
    return Exit.DONE


def _show(report: Report, source: Source, rules: Sequence[Rule]) -> None:
    pages = source.by_date()
    alone = {rule.id: list(on_pages([rule], pages)) for rule in rules}
    ticked = [rule for rule in rules if rule.options.get("tier") == "A"]
    together = effect(on_pages(ticked, pages))
    report.say(word("proposals.source", name=source.name, count=len(rules), pages=len(pages)))
    if ticked:
        report.say(f"  {word('proposals.ticked', count=len(ticked), share=_share(together), pages=together.touched)}")
    for rule in rules:
        found = alone[rule.id]
        if report.as_json:
            report.event(**_event(source, rule, found))
            continue
        for line in _lines(source, rule, found):
            report.say(line)
    report.say("")


def _event(source: Source, rule: Rule, found: Sequence[OnPage]) -> dict[str, Any]:
    total = effect(found)
    options = rule.options
    return {
        "event": "proposal", "rule": rule.id, "source": source.scope, "name": source.name, "tier": options.get("tier"),
        "match": rule.match, "zone": options["zone"], "text": rule.texts, "reason": rule.reason,
        "confidence": options.get("evidence", {}).get("confidence"), "doubts": _doubts(rule),
        "pages": total.pages, "touched": total.touched, "lines": total.lines, "characters": total.characters,
        "share": _share(total), "floor": total.floor, "outside": [one.page.name for one in found if one.outside],
        "without": [one.page.name for one in found if not (one.taken or one.outside)],
    }  # fmt: skip


def _share(total: Any) -> float:
    return round(100 * total.characters / total.whole, 1) if total.whole else 0.0


def _doubts(rule: Rule) -> list[str]:
    return list(rule.options.get("evidence", {}).get("doubts", []))


def _lines(source: Source, rule: Rule, found: Sequence[OnPage]) -> Iterator[str]:
    options = rule.options
    tier = options.get("tier", "–")
    yield ""
    yield f"{'✓' if tier == 'A' else ' '} {tier}  {rule.id}"
    yield f"    {reason(rule)}"
    zone = word(f"zone.{options['zone']}")
    details = {"zone": zone, "reach": options["reach"], "least": options["least"], "lines": len(rule.texts)}
    yield f"    {word(f'proposals.{rule.match}', **details)}"
    if doubts := _doubts(rule):
        yield f"    {word('proposals.doubts')}: {word('label.comma').join(word(f'doubt.{doubt}') for doubt in doubts)}"
    yield from (f"      │ {text[:WIDTH]}" for text in rule.texts[:LONGEST])
    if len(rule.texts) > LONGEST:
        yield f"      │ … {word('proposals.more', count=len(rule.texts) - LONGEST)}"
    if rule.match == LABEL:
        return
    yield from _on_real_pages(source, rule, found)
    total = effect(found)
    numbers = {"lines": total.lines, "pages": total.touched, "share": _share(total), "floor": total.floor}
    yield f"    {word('proposals.effect', **numbers)}"
    without = [one.page.name for one in found if not (one.taken or one.outside)]
    outside = [one.page.name for one in found if one.outside]
    for name, names in (("without", without), ("outside", outside)):
        if names:
            yield f"    {word(f'proposals.{name}', count=len(names))}: {names[0]}"


def _on_real_pages(source: Source, rule: Rule, found: Sequence[OnPage]) -> Iterator[str]:
    """Show the rule on the oldest page, the newest, and the one that has the fewest of its lines."""
    fires = [one for one in found if one.taken]
    if not fires:
        return
    chosen_pages = {"oldest": fires[0], "newest": fires[-1], "fewest": min(fires, key=lambda one: len(one.taken))}
    seen: set[str] = set()
    for name, one in chosen_pages.items():
        if one.page.name in seen:
            continue
        seen.add(one.page.name)
        yield f"    {word(f'proposals.{name}')}: {one.page.name} ({one.page.date[:10]})"
        yield from (f"      {line}" for line in _marked(source.text(one.page.name), one))


def _marked(markdown: str, one: OnPage) -> Iterator[str]:
    """The lines of a page around what would go, as they stand there, with a mark before each that goes."""
    front = read(markdown)
    view = View(markdown[front.end :], front)
    gone = {one.page.lines[place].at for place, _ in one.taken}
    places = [number for number, index in enumerate(view.solid) if index in gone]
    first, last = max(0, places[0] - AROUND), places[-1] + AROUND + 1
    shown = view.solid[first:last]
    half = LONGEST // 2
    for number, index in enumerate(shown):
        if len(shown) > LONGEST and half <= number < len(shown) - half:
            if number == half:
                yield "  …"
            continue
        yield f"{'−' if index in gone else ' '} {view.lines[index].strip()[:WIDTH]}"
