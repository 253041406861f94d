"""A progress bar on a terminal, for work that takes long; nothing anywhere else."""

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from xuanzhi.words import word

__all__ = ["Progress"]

T = TypeVar("T")

FEW = 5
"""Items below which no bar is shown."""

PATIENCE = 1.0
"""Seconds that pass before a bar appears."""


class Progress:
    """Use as a context manager; `advance` as work gets done."""

    def __init__(self, total: int, *, enabled: bool, unit: str = "files") -> None:
        self._total = total
        self._unit = unit
        self._enabled = enabled and total > FEW and sys.stderr.isatty()
        self._started = monotonic()
        self._done = 0
        self._bar: Any = None

    def advance(self, count: int = 1) -> None:
        """Count some more items as done."""
        self._done += count
        if not self._enabled:
            return
        if self._bar is None and monotonic() - self._started > PATIENCE:
            from tqdm import tqdm  # only here: it would cost every start

            self._bar = tqdm(
                total=self._total,
                initial=self._done,
                unit=f" {word(f'progress.{self._unit}')}",
                unit_scale=self._unit == "bytes",
                leave=False,
                file=sys.stderr,
            )
        elif self._bar is not None:
            self._bar.update(count)

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield what comes, and count each as done."""
        for item in items:
            self.advance()
            yield item

    def hide(self) -> None:
        """Take the bar off the line, so that other lines can be written; the next `advance` shows it again."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
