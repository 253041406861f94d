r"""The data that a page's scripts hold, read without running them.

WeChat writes its data as JavaScript that a browser would run: `title: JsDecode('…\x0a…')`, `idx: '1' * 1`,
`var biz = "" || "MzA="`, `msg_title = '…'.html(false)`. A program assigns the same names in its functions; those are
not the page's data, and a name in a string or a comment is none at all.
"""

from collections.abc import Collection, Iterator

from clean.html.expressions import CLOSE, DECLARES, END, OPAQUE, OPEN, Literal, Opaque, Reader, value_of
from clean.html.tokens import MARK, WORD

__all__ = ["OPAQUE", "Literal", "Opaque", "assignments", "value_of"]

_GLOBAL = frozenset({"window", "self", "globalThis"})


def assignments(script: str, names: Collection[str]) -> Iterator[tuple[str, Literal]]:
    """Yield name and value of each assignment to one of the names, in the script's order.

    `var name = …` counts outside all functions only, `window.name = …` everywhere.
    """
    reader = Reader(script)
    depth = 0
    while (token := reader.next()) is not END:
        if token.kind == MARK:
            depth += (token.text in OPEN) - (token.text in CLOSE)
            if token.text == "." and reader.peek.kind == WORD:
                reader.next()  # a property of something else
        elif token.kind != WORD:
            continue
        elif token.text in DECLARES and depth <= 0:
            yield from _declarations(reader, names)
        elif token.text in _GLOBAL and reader.take("."):
            name = reader.peek.text
            if name in names:
                reader.next()
                if reader.take("="):
                    yield name, reader.expression(0)
        elif token.text in names and depth <= 0 and reader.take("="):
            yield token.text, reader.expression(0)


def _declarations(reader: Reader, names: Collection[str]) -> Iterator[tuple[str, Literal]]:
    """Read `a = …, b, c = …` after `var`."""
    while reader.peek.kind == WORD:
        name = reader.next().text
        if reader.take("="):
            if name in names:
                yield name, reader.expression(0)
            else:
                reader.skip()
        if not reader.take(","):
            return
