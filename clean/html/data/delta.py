"""Deltas, in which the editor Quill keeps texts, as the HTML that they would be shown as.

A delta is a list of pieces. The attributes of a piece mark its text; those of a line end say what the line is
(https://quilljs.com/docs/delta).
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from clean.html.data.kinds import MARKS
from clean.html.javascript import Literal

__all__ = ["delta_html", "is_delta"]

_LISTS: Final = {"ordered": "ol", "bullet": "ul", "checked": "ul", "unchecked": "ul"}
_LEVELS: Final = range(1, 7)


def is_delta(values: Sequence[Literal]) -> bool:
    """Whether these are the pieces of a text: each says what it inserts."""
    return bool(values) and all(isinstance(one, dict) and "insert" in one for one in values)


def delta_html(pieces: Sequence[Literal]) -> str:
    """Return a delta as HTML; a piece of an unknown kind is left out where it has no text and no address."""
    written: list[str] = []
    line: list[str] = []
    around = ""

    def end(form: Mapping[str, Literal]) -> None:
        nonlocal around
        text = "".join(line)
        line.clear()
        wanted = "pre" if form.get("code-block") else _LISTS.get(str(form.get("list")), "")
        if wanted != around:
            written.append((f"</{around}>" if around else "") + (f"<{wanted}>" if wanted else ""))
            around = wanted
        if wanted == "pre":
            written.append(text + "\n")
        elif wanted:
            written.append(f"<li>{text}</li>")
        elif form.get("header") in _LEVELS:
            written.append(f"<h{form['header']}>{text}</h{form['header']}>")
        elif form.get("blockquote"):
            written.append(f"<blockquote>{text}</blockquote>")
        elif text:
            written.append(f"<p>{text}</p>")

    for piece in pieces:
        given = piece.get("attributes")
        form: Mapping[str, Literal] = given if isinstance(given, dict) else {}
        inserted = piece["insert"]
        if isinstance(inserted, str):
            first, *others = inserted.split("\n")
            line.append(_marked(first, form))
            for other in others:
                end(form)
                line.append(_marked(other, form))
        elif isinstance(inserted, dict):
            if inserted.get("divider") or inserted.get("hr"):
                end({})
                written.append("<hr>")
            else:
                line.append(_embedded(inserted, form))
    end({})
    if around:
        written.append(f"</{around}>")
    return "".join(written)


def _marked(text: str, form: Mapping[str, Literal]) -> str:
    html = escape(text, quote=False)
    if not html:
        return ""
    for name, value in form.items():
        if name == "script":
            tag = "sup" if value == "super" else "sub"
            html = f"<{tag}>{html}</{tag}>"
        elif name == "link" and isinstance(value, str):
            html = f'<a href="{escape(value)}">{html}</a>'
        elif name in MARKS and value:
            html = f"<{MARKS[name]}>{html}</{MARKS[name]}>"
    return html


def _embedded(inserted: Mapping[str, Literal], form: Mapping[str, Literal]) -> str:
    """Write a picture, a formula, a film or what else a line holds beside its text."""
    kind, value = next(iter(inserted.items()), ("", ""))
    if isinstance(value, dict):
        value = next(
            (value[key] for key in ("url", "src", "value", "name", "text") if isinstance(value.get(key), str)), ""
        )
    if not isinstance(value, str):
        return ""
    if "image" in kind.lower() or kind == "img":
        return f'<img src="{escape(value)}" alt="{escape(str(form.get("alt") or ""))}">'
    if kind == "formula":
        return f'<span class="math">\\({escape(value)}\\)</span>'
    if value.startswith(("http://", "https://", "/")):
        return f'<a href="{escape(value)}">{escape(value)}</a>'
    return escape(value, quote=False)
