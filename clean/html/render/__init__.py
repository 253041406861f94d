"""Rendering of DOM to Markdown: all visible content is in the Markdown, or dropped with a reason.

    rendered = render(root, Options(base="https://example.org/post"))
    rendered.markdown; rendered.dropped

A page is walked once (`walk`) into a small model of blocks and inline pieces (`model`), which is written as
CommonMark with tables and strikethrough (`write`, `escape`). What needs knowledge of its own has a
file of its own: images, links, tables, code, formulas, footnotes, callouts, cards. What another stage has decided to
leave out (`Options.cuts`) is passed by everywhere; `CutIndex` knows where such cuts are.
"""

from clean.html.render.model import DroppedNode
from clean.html.render.walk import Options, RenderedMarkdown, render

__all__ = ["DroppedNode", "Options", "RenderedMarkdown", "render"]
