"""Scores without a renderer: the kept blocks' tokens against the truth's, and snippets found."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from clean.html.generic.blocks import text_tokens
from fitting.pages import Example

__all__ = ["page_score", "table"]

SHOWN = ("aeb", "cwce", "magic-article", "magic-forum", "wcxb-dev", "wcxb-more", "readjs", "defuddle", "CJK")


def f1(hit: float, got: float, want: float) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * hit / (got + want) if got + want else 0.0


def page_score(page: Example, kept: Sequence[bool]) -> float:
    """Return the token bag F1 of the kept blocks."""
    got: Counter[str] = Counter()
    for counts, keep in zip(page.counts, kept, strict=True):
        if keep:
            got.update(counts)
    want = Counter(text_tokens(page.truth))
    return f1((got & want).total(), got.total(), want.total())


def table(pages: Sequence[Example], kept: Sequence[Sequence[bool]]) -> dict[str, float]:
    """Return the mean score of each set, of the Chinese pages, and of each kind of wcxb-dev; traf by its snippets."""
    scores: dict[str, list[float]] = defaultdict(list)
    found = wrong = asked = 0
    for page, keep in zip(pages, kept, strict=True):
        if page.truth:
            score = page_score(page, keep)
            scores[page.set].append(score)
            if page.cjk:
                scores["CJK"].append(score)
            if page.set == "wcxb-dev":
                scores[f"wcxb-dev {page.kind}"].append(score)
        if page.set == "traf":
            text = " ".join("\n".join(t for t, k in zip(page.texts, keep, strict=True) if k).split())
            found += sum(" ".join(snippet.split()) in text for snippet in page.wanted)
            wrong += sum(" ".join(snippet.split()) in text for snippet in page.unwanted)
            asked += len(page.wanted)
    means = {name: sum(values) / len(values) for name, values in scores.items()}
    return {**means, **({"traf chunk": f1(found, found + wrong, asked)} if asked else {})}


def line(title: str, means: dict[str, float]) -> str:
    """Return a row of the printed table."""
    return f"{title:34s}" + "".join(f" {means.get(name, float('nan')):.3f}" for name in (*SHOWN, "traf chunk"))
