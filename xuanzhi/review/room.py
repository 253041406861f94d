"""What the whole application shares: the collection, its templates, and how it was started."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, Response

from archive import settings
from archive.collection.collection import Holdings
from clean.rules import Ruleset
from xuanzhi.collection_rules import RulesInUse
from xuanzhi.review.language import LANGUAGES
from xuanzhi.review.last_read import LastRead
from xuanzhi.review.shown import shown
from xuanzhi.review.store import Store

if TYPE_CHECKING:
    from xuanzhi.review.request import Asked

__all__ = ["Room", "address"]


class Room:
    """One started review page."""

    def __init__(
        self,
        path: Path,
        rules: RulesInUse,
        *,
        reviewer: str,
        clock: Callable[[], datetime],
        keys: bool = True,
        replay: str = "",
    ) -> None:
        """Take the collection's folder, the rules in use, and the name that decisions get unless a browser has one.

        `replay` is the beginning of the addresses of a replay tool, up to the date.
        """
        self.path = path
        self._rules = rules
        self.reviewer = reviewer
        self.clock = clock
        self.keys = keys
        self.replay = replay
        self.queue = Store(path)
        self.last_read = LastRead()

    @property
    def ruleset(self) -> Ruleset:
        """The rules in use at this moment. Raises UsageError, RuleError, StorageError."""
        return self._rules.read()

    @contextmanager
    def holdings(self) -> Iterator[Holdings]:
        """Open the collection for one look. Raises what `Holdings.open` raises."""
        with Holdings.open(self.path) as opened:
            yield opened

    def replay_address(self, fetched_at: str, url: str) -> str:
        """Return where a replay tool shows a capture; empty where none was named, or the page has no address."""
        if not self.replay or not url.startswith(("http://", "https://")):
            return ""
        digits = "".join(character for character in fetched_at if character.isdigit())[:14]
        return f"{self.replay.rstrip('/')}/{digits}/{url}"

    def render(self, asked: "Asked", template: str, status: int, context: dict[str, Any]) -> Response:
        """Return a page."""
        with_ours = {
            "t": asked.words,
            "asked": asked,
            "languages": LANGUAGES,
            "collection": self._name,
            **context,
        }
        return HTMLResponse(self._templates.get_template(template).render(with_ours), status)

    @cached_property
    def _name(self) -> str:
        return settings.read(self.path / settings.FILE).name

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=PackageLoader("xuanzhi.review"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(
            shown=shown, percent=_percent, day=lambda moment: moment[:10], number=lambda n: f"{n:,}", quoted=_quoted
        )
        environment.globals.update(address=address)
        return environment


def _percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def _quoted(text: str) -> str:
    return quote(text, safe="")


def address(path: str, **fields: object) -> str:
    """Return an address with its fields; empty ones stay out."""
    query = urlencode([(name, value) for name, value in fields.items() if value not in {"", None}])
    return f"{path}?{query}" if query else path
