"""The look of a difference in HTML: light, dark and on paper; colours that do not need red and green told apart."""

__all__ = ["STYLE"]

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
