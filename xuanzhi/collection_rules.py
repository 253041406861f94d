"""Which rules hold: the built-in ones, those given on the command line, those of the collection."""

from pathlib import Path

from clean.rules import Ruleset, built_in, load
from xuanzhi.output.failures import UsageError

__all__ = ["RulesInUse", "named_texts", "read_rules"]


def read_rules(paths: list[str], collection: Path | None = None, *, undecided: bool = False) -> Ruleset:
    """Read the built-in rules, those of these files and those of a collection, on top of each other.

    Learned rules that nobody approved are left out, unless `undecided` asks for them, to try them.

    Raises UsageError for a file that cannot be read, RuleError for one that holds a mistake, StorageError.
    """
    named = named_texts([*paths, *(_of(collection) if collection else ())])
    return load(named, undecided=undecided) if named else built_in()


class RulesInUse:
    """The same for who stays: read again when one of the files changed."""

    def __init__(self, paths: list[str], collection: Path) -> None:
        """Take the files given on the command line, and the collection's folder."""
        self._paths = paths
        self._collection = collection
        self._known: tuple[object, Ruleset] | None = None

    def read(self) -> Ruleset:
        """Return the rules as they are now. Raises what `read_rules` raises."""
        stamp = [(path, _stamp(path)) for path in (*self._paths, *_of(self._collection))]
        if self._known is None or self._known[0] != stamp:
            self._known = stamp, read_rules(self._paths, self._collection)
        return self._known[1]


def _stamp(path: str) -> tuple[int, int]:
    """Return what changes with a file: the moment of its writing (nanoseconds), and its size in bytes."""
    try:
        found = Path(path).stat()
    except OSError:  # reading it says why
        return 0, -1
    return found.st_mtime_ns, found.st_size


def named_texts(paths: list[str]) -> list[tuple[str, str]]:
    """Read rules files. Raises UsageError for one that cannot be read."""
    named = []
    for path in paths:
        try:
            named.append((path, Path(path).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("rules-unreadable", path=path, reason=error) from error
    return named


def _of(collection: Path) -> list[str]:
    if not (collection / "rules").is_dir():  # before the import, which most collections do not need
        return []
    from archive.settings import paths

    return [str(path) for path in paths(collection)]
