"""Facts that were worked out once, in a file beside the catalogue that may be deleted at any time."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from xuanzhi.review.comparing import FACTS
from xuanzhi.review.queue import Facts
from xuanzhi.side_file import SideFile

__all__ = ["FILE", "FactsFile"]

FILE = "review.sqlite"


class FactsFile:
    """The file of one collection."""

    def __init__(self, folder: Path) -> None:
        self._file = SideFile(folder / FILE, "facts", "change TEXT PRIMARY KEY, facts TEXT NOT NULL", version=FACTS)

    def read(self) -> dict[str, Facts]:
        """Return all facts, by the id of their change; none where there is no file that can be read."""
        with suppress(ValueError, TypeError):
            rows = self._file.rows("SELECT change, facts FROM facts")
            return {change: _facts(json.loads(text)) for change, text in rows}
        return {}

    def write(self, facts: Mapping[str, Facts]) -> None:
        """Add facts; where that cannot be, nothing is lost but time."""
        rows = [(change, json.dumps(each, ensure_ascii=False)) for change, each in facts.items()]
        self._file.write(("INSERT OR REPLACE INTO facts VALUES (?, ?)", rows))


def _facts(values: list[object]) -> Facts:
    found = Facts(*values)  # type: ignore[arg-type]  # we wrote them
    return found._replace(traits=tuple(found.traits))
