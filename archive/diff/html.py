"""Differences as one self-contained HTML file: no script, nothing loaded, every text escaped.

What went is `<del>`, what came `<ins>`, each with a word that a screen reader says and a sign beside its colour.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from html import escape
from itertools import groupby
from typing import NamedTuple

from archive.diff.blocks import words
from archive.diff.model import ChangeDegree, Difference, Pair, PairOrigin, SpanKind
from archive.diff.summary import Summary, summary
from archive.printable import visible, visible_space

__all__ = ["STYLE", "Side", "as_html"]


# Light, dark and on paper; colours that do not need red and green told apart.
STYLE = """
:root { --ink: #1d1d1b; --paper: #fdfcf8; --quiet: #6b6862; --line: #dedacf;
  --old: #8f3d00; --old-paper: #fde9d6; --new: #0b4f8a; --new-paper: #dcecfa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6de; --paper: #191815; --quiet: #a19d93; --line: #3a3832;
  --old: #ffb77a; --old-paper: #43290f; --new: #93c9ff; --new-paper: #10304d; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 52rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.75 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.4rem; line-height: 1.4; }
h2 { font-size: .85rem; font-weight: 600; color: var(--quiet); margin: 0; }
.sides { border-collapse: collapse; font-size: .9rem; }
.sides th { text-align: left; vertical-align: top; padding: .2rem 1.5rem .2rem 0; white-space: nowrap; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .8rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
.summary { padding-left: 1.2rem; }
.legend { border-bottom: 1px solid var(--line); padding-bottom: 1rem; }
.pair { margin: 1.2rem 0; padding: .2rem 0 .2rem 1rem; border-left: 3px solid var(--quiet); }
.pair.moved, .pair.white-space, .pair.line-ends { border-left-style: dotted; }
.note { margin: 0; font-size: .85rem; color: var(--quiet); }
.block { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; unicode-bidi: isolate; }
.code, .table, .front-matter { font-family: ui-monospace, "Noto Sans Mono CJK SC", monospace; font-size: .9rem; }
.heading { font-weight: 600; }
.image { font-size: .85rem; }
del { color: var(--old); background: var(--old-paper); text-decoration: line-through; }
ins { color: var(--new); background: var(--new-paper); text-decoration: underline; text-underline-offset: .2em; }
details { margin: 1rem 0; border-top: 1px dashed var(--line); border-bottom: 1px dashed var(--line); }
summary { cursor: pointer; color: var(--quiet); font-size: .9rem; padding: .3rem 0; }
:focus-visible { outline: 2px solid var(--new); outline-offset: 2px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 40rem) { .sides th, .sides td { display: block; padding-right: 0; } }
@media (forced-colors: active) { del, ins { forced-color-adjust: auto; } }
@media print { :root { --paper: #fff; --ink: #000; --old-paper: #fff; --new-paper: #fff; }
  body { max-width: none; padding: 0; } .pair { break-inside: avoid; } }
"""

Translate = Callable[..., str]
"""Gives an English message in the reader's language, its placeholders filled."""

N_ = str  # marks messages in tables for those who translate

_KINDS = {
    "text": N_("text"),
    "chrome": N_("interface text only"),
    "image": N_("images"),
    "image-address": N_("addresses of images"),
    "moved": N_("position of paragraphs"),
    "front-matter": N_("front matter"),
    "white-space": N_("white space"),
}

_BLOCKS = {
    "paragraph": N_("paragraph"),
    "heading": N_("heading"),
    "image": N_("image"),
    "list": N_("list"),
    "quote": N_("quotation"),
    "table": N_("table"),
    "code": N_("code"),
    "front-matter": N_("front matter"),
    "blank": N_("blank lines"),
}

_NOTES = {
    "split": N_("one paragraph split into several"),
    "merged": N_("several paragraphs merged into one"),
    "same-asset": N_("same image, different address"),
    "same-payload": N_("different address, same bytes"),
    "replaced": N_("image replaced"),
    "removed": N_("image removed"),
    "added": N_("image added"),
}

HAN = 0.2
"""Share of words that are ideographs from which a text is marked as Chinese, for fonts and for voices."""


class Side(NamedTuple):
    """The heading of one of the two texts of a difference."""

    name: str
    facts: Sequence[tuple[str, str]] = ()
    """Such as when it was fetched; label and value."""


def as_html(difference: Difference, title: str, old: Side, new: Side, _: Translate, language: str) -> str:
    """Return the whole file. `language` is that of `say`, as in the attribute `lang` (BCP 47)."""
    policy = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
    body = "\n".join(_body(difference, title, old, new, _))
    return f"""<!DOCTYPE html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{_text(title)}</title>
<style>{STYLE}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _body(difference: Difference, title: str, old: Side, new: Side, _: Translate) -> Iterator[str]:
    totals = summary(difference)
    yield f"<header>\n<h1>{_text(title)}</h1>"
    yield '<table class="sides">'
    for mark, side in (("-", old), ("+", new)):
        facts = "".join(f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in side.facts)
        yield f'<tr><th scope="row"><span aria-hidden="true">{mark}</span> {_text(side.name)}</th>'
        yield f"<td><dl>{facts}</dl></td></tr>"
    yield "</table>"
    yield f'<ul class="summary">{"".join(f"<li>{_text(each)}</li>" for each in _summary_lines(totals, _))}</ul>'
    yield f'<p class="legend"><del>{_text(_("removed"))}</del> <ins>{_text(_("added"))}</ins></p>'
    yield f'</header>\n<main lang="{_language(difference)}">'
    telling = set(map(id, difference.changed()))
    for changed, run in groupby(difference.pairs, key=lambda pair: id(pair) in telling):
        if changed:
            for pair in run:
                yield from _changed(pair, _)
        else:
            yield from _unchanged(list(run), _)
    yield "</main>"


def _summary_lines(totals: Summary, _: Translate) -> Iterator[str]:
    if not totals.kinds:
        yield _("The two texts are the same.")
        return
    yield _(
        "{removed:,} characters removed, {added:,} added: {share} of both texts",
        removed=totals.removed,
        added=totals.added,
        share=f"{totals.share:.1%}",
    )
    yield _("what changed: {kinds}", kinds=_(", ").join(_(_KINDS[kind]) for kind in totals.kinds))
    if totals.rules:
        yield _("explained by the rules {rules}", rules=_(", ").join(totals.rules))


def _unchanged(pairs: Sequence[Pair], _: Translate) -> Iterator[str]:
    shown = [pair for pair in pairs if pair.new_text.strip()]
    if not shown:
        return
    yield f"<details><summary>{_text(_('unchanged blocks: {count:,}', count=len(shown)))}</summary>"
    for pair in shown:
        yield f'<div class="block {pair.kind}">{_text(pair.new_text.rstrip())}</div>'
    yield "</details>"


def _changed(pair: Pair, _: Translate) -> Iterator[str]:
    yield f'<section class="pair {pair.change}"><h2>{_text(_place(pair, _))}</h2>'
    rules = tuple(dict.fromkeys(rule for span in pair.spans for rule in span.rules))
    notes = [_(_NOTES[pair.matched_by])] if pair.matched_by in {PairOrigin.SPLIT, PairOrigin.MERGED} else []
    if pair.matched_by is PairOrigin.MOVED and pair.old:
        notes.append(_("moved here from line {line}", line=pair.old.line))
    notes += dict.fromkeys(_(_NOTES[image.relation]) for image in pair.images if image.old and image.new)
    notes += [_("by rule {rules}", rules=_(", ").join(rules))] if rules else []
    if notes:
        yield f'<p class="note">{_text(_(", ").join(notes))}</p>'
    spaces = pair.change in {ChangeDegree.WHITE_SPACE, ChangeDegree.LINE_ENDS}
    pieces = []
    for number, span in enumerate(pair.spans):
        text = span.text.rstrip("\r\n") if number == len(pair.spans) - 1 and not spaces else span.text
        if span.kind is SpanKind.EQUAL:
            pieces.append(_text(text))
        elif text.strip("\r\n") or spaces or number < len(pair.spans) - 2:
            ends = text.replace("\n", "⏎\n") if not text.strip("\r\n") else text
            pieces.append(_mark(span.kind, "\n".join(visible_space(line) for line in ends.split("\n")), _))
    yield f'<div class="block {pair.kind}">{"".join(pieces)}</div></section>'


def _place(pair: Pair, _: Translate) -> str:
    kind = _(_BLOCKS[pair.kind])
    if pair.old is None and pair.new is not None:
        return _("{kind} added, line {line}", kind=kind, line=pair.new.line)
    if pair.new is None and pair.old is not None:
        return _("{kind} removed, line {line}", kind=kind, line=pair.old.line)
    assert pair.old is not None  # for the type checker, as the next
    assert pair.new is not None
    return _("{kind}, line {old} → line {new}", kind=kind, old=pair.old.line, new=pair.new.line)


def _mark(kind: SpanKind, text: str, _: Translate) -> str:
    tag, label = ("del", _("removed")) if kind is SpanKind.DELETE else ("ins", _("added"))
    return f'<{tag}><span class="hidden">{_text(label)}: </span>{_text(text)}</{tag}>'


def _text(text: str) -> str:
    """Escape; what no HTML may hold is written out, and so is a stray byte, which is no character of UTF-8."""
    return escape(visible(text))


def _language(difference: Difference) -> str:
    text = "".join(pair.new_text for pair in difference.pairs if pair.kind != "front-matter")
    sample = words(text[:5000])
    ideographs = sum("\u4e00" <= word[0] <= "\u9fff" for word in sample)
    return "zh" if ideographs > HAN * len(sample) else "und"
