"""Golden files of pages: tests/cases/pages holds each page, its whole clean file, and every piece that is not in it.

How to read and write them is told in tests/cases/README.md.
"""

from pathlib import Path

import pytest

from clean.document import Cleaned
from clean.page import clean_page

FOLDER = Path(__file__).parents[2] / "cases" / "pages"
CASES = sorted(FOLDER.glob("*.txt"))
BAR = "======== "


def written(title: str, page: str, cleaned: Cleaned) -> str:
    """A whole golden file, as the code would have it."""
    parts = [f"{title}\n\n{BAR}input\n{page}\n"]
    if cleaned.markdown is None:
        parts.append(f"{BAR}state: {cleaned.state}\n" + (f"{cleaned.notice}\n" if cleaned.notice else ""))
    else:
        parts.append(f"{BAR}output\n{cleaned.markdown}")
    nodes = [f"{node.line:3} {node.rule}  {node.path}  {node.text}".rstrip() for node in cleaned.ledger.nodes]
    nodes += [f"    {entry.rule}  {entry.text!r} → {entry.replacement!r}" for entry in cleaned.ledger.entries]
    parts.append(f"{BAR}not in it\n" + "".join(f"{node}\n" for node in nodes) if nodes else "")
    codes = "".join(f"{warning.code}\n" for warning in cleaned.warnings)
    parts.append(f"{BAR}warnings\n{codes}" if codes else "")
    return "".join(parts)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    title, _, rest = text.partition(f"\n\n{BAR}input\n")
    page = rest.partition(f"\n{BAR}")[0]
    assert written(title, page, clean_page(page.encode())) == text


def test_there_are_cases() -> None:
    assert len(CASES) > 15
