r"""Formulas: their LaTeX, wherever a page keeps it, and how it is written.

`$…$` and `$$…$$` where CommonMark leaves the LaTeX alone. Where it would not (`\,` loses its backslash, `_` and `*`
become emphasis), the LaTeX goes into code that readers with formulas know as well: ``$`…`$`` and ```` ```math ````.
"""

import re
from itertools import islice
from urllib.parse import unquote, unquote_plus

from lxml.etree import _Element

from clean.html.render.escape import escape_text, guard_line
from clean.html.render.mathjax import mathml_of
from clean.html.render.mathml import from_mathml
from clean.html.render.style import roles

__all__ = ["display", "in_line", "is_display", "latex", "of_image"]

# What MediaWiki puts around every formula.
DISPLAY_STYLE = re.compile(r"\{\\displaystyle\s(.*)\}\s*", re.DOTALL)
BACK_TICKS = re.compile(r"`+")
SOURCES = ("data-formula", "data-tex", "data-latex", "data-math", "data-entry")
"""Attributes with LaTeX: of mdnice, several pages' own, Gemini, Temml."""
TEX = re.compile(r"(?:math/tex|application/x-tex)", re.IGNORECASE)
# A text for an image that is LaTeX from its first letter on: a command, and what can follow one. All is bounded.
COMMAND = re.compile(r"\\[A-Za-z]{2,24}(?:[{_^ (=,+-]|$)")
ZHIHU = re.compile(r"(?:https?:)?//(?:www\.)?zhihu\.com/equation$")
CODECOGS = re.compile(r"(?:https?:)?//latex\.codecogs\.com/(?:gif|png|svg|jpg|pdf)\.(?:latex|download|image)$")
# What CodeCogs reads before the LaTeX: resolution, style, colour of the ground.
CODECOGS_OPTION = re.compile(r"\\(?:dpi\{[0-9]{1,4}\}|inline|bg_[a-z]{1,20}|fn_[a-z]{1,10})\s{0,3}")


def latex(element: _Element) -> str:
    """Return the LaTeX that an element was drawn from, or nothing."""
    for name in SOURCES:
        given = element.get(name)
        if given:
            return tidy(given)
    if element.tag == "script":
        return tidy(element.text or "")
    for annotation in element.iterdescendants("annotation"):
        if TEX.match(annotation.get("encoding") or ""):
            return tidy("".join([str(text) for text in annotation.itertext()]))
    for formula in element.iter("math"):
        if formula.get("alttext"):
            return tidy(formula.get("alttext") or "")
    formulas = list(islice(element.iter("math"), 2))
    if not formulas and element.tag == "mjx-container":
        made = mathml_of(element)
        return from_mathml(made) if made is not None else ""
    return from_mathml(formulas[0]) if len(formulas) == 1 else ""


def of_image(image: _Element) -> str:
    """Return the LaTeX of an image that shows a formula, or nothing.

    WordPress gives its images the class `latex`, MediaWiki one of its own; the LaTeX is what they have for text. Zhihu
    and CodeCogs draw what their address says.
    """
    alt = image.get("alt") or ""
    if alt.strip() and ("formula-image" in roles(image.get("class")) or COMMAND.match(alt.strip())):
        return tidy(alt)
    asked = (image.get("data-src") or image.get("src") or "").partition("?")
    if ZHIHU.match(asked[0]) and asked[2].startswith("tex="):
        return tidy(unquote_plus(asked[2][4:].partition("&")[0]))
    return tidy(CODECOGS_OPTION.sub("", unquote(asked[2]).replace("&space;", " "))) if CODECOGS.match(asked[0]) else ""


def tidy(text: str) -> str:
    """Return LaTeX without what the page's software put around it."""
    found = DISPLAY_STYLE.fullmatch(text.strip())
    lines = [line.rstrip() for line in (found[1] if found is not None else text).strip().splitlines()]
    return "\n".join([line for line in lines if line])


def is_display(element: _Element) -> bool:
    """Return whether a formula stands by itself."""
    if "block" in (element.get("data-formula-type") or "") or "mode=display" in (element.get("type") or ""):
        return True
    names = (element.get("class") or "").lower()
    if "math-block" in names or "math-display" in names:
        return True
    if "katex-display" in names or "mathjax_display" in names or "mwe-math-fallback-image-display" in names:
        return True
    if element.tag == "mjx-container" and element.get("display") == "true":
        return True
    formula = element if element.tag == "math" else next(iter(element.iterdescendants("math")), None)
    return formula is not None and formula.get("display") == "block"


def in_line(text: str) -> str:
    """Return a formula within a line of text."""
    text = " ".join(text.split())
    if escape_text(text, "$", "$", in_link=True) == text:
        return f"${text}$"
    runs = {len(run) for run in BACK_TICKS.findall(text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    return f"${fence}{text}{fence}$"


def display(text: str) -> list[str]:
    """Return the lines of a formula that stands by itself."""
    lines = [line.strip() for line in text.split("\n")]
    plain = all(escape_text(line, "\n", "\n", in_link=True) == line == guard_line(line, first=False) for line in lines)
    if plain:
        return ["$$", *lines, "$$"]
    longest = max((len(run) for run in BACK_TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}math", *lines, fence]
