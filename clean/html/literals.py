r"""The data that a page's scripts hold, read without running them.

WeChat writes its data as JavaScript that a browser would run: `title: JsDecode('…\x0a…')`, `idx: '1' * 1`,
`var biz = "" || "MzA="`, `msg_title = '…'.html(false)`. A program assigns the same names in its functions; those are
not the page's data, and a name in a string or a comment is none at all.
"""

from collections.abc import Collection, Iterator

from clean.html.javascript import CLOSE, DECLARES, END, OPAQUE, OPEN, Literal, Opaque, Reader, value_of
from clean.html.tokens import MARK, WORD

__all__ = ["OPAQUE", "Literal", "Opaque", "assignments", "breaks_off_at", "value_of"]

_GLOBAL = frozenset({"window", "self", "globalThis"})


def assignments(script: str, names: Collection[str]) -> Iterator[tuple[str, Literal]]:
    """Yield name and value of each assignment to one of the names, in the script's order.

    `var name = …` counts outside all functions only, `window.name = …` everywhere.
    """
    reader = Reader(script)
    for name in _targets(reader, names):
        yield name, reader.expression(0)


def breaks_off_at(script: str, names: Collection[str]) -> bool:
    """Whether a script that ends with `=` was about to assign to one of the names."""
    reader = Reader(script)
    for _ in _targets(reader, names):
        if reader.peek is END:
            return True
        reader.expression(0)
    return False


def _targets(reader: Reader, names: Collection[str]) -> Iterator[str]:
    """Yield each name that is assigned to, with the reader at its value, which is to be read before the next."""
    depth = 0
    while (token := reader.next()) is not END:
        if token.kind == MARK:
            depth += (token.text in OPEN) - (token.text in CLOSE)
            if token.text == "." and reader.peek.kind == WORD:
                reader.next()  # a property of something else
        elif token.kind != WORD:
            continue
        elif token.text in DECLARES and depth <= 0:
            yield from _declared(reader, names)
        elif token.text in _GLOBAL and reader.take("."):
            name = reader.peek.text
            if name in names:
                reader.next()
                if reader.take("="):
                    yield name
        elif token.text in names and depth <= 0 and reader.take("="):
            yield token.text


def _declared(reader: Reader, names: Collection[str]) -> Iterator[str]:
    """Do the same for `a = …, b, c = …` after `var`."""
    while reader.peek.kind == WORD:
        name = reader.next().text
        if reader.take("="):
            if name in names:
                yield name
            else:
                reader.skip()
        if not reader.take(","):
            return
