"""Which rules hold: the built-in ones, those given on the command line, those of the collection."""

from pathlib import Path

from clean.rules import Ruleset, built_in, load
from xuanzhi.errors import UsageError

__all__ = ["named_texts", "read_rules"]


def read_rules(paths: list[str], collection: Path | None = None, *, undecided: bool = False) -> Ruleset:
    """Read the built-in rules, those of these files and those of a collection, on top of each other.

    Learned rules that nobody approved are left out, unless `undecided` asks for them, to try them.

    Raises UsageError for a file that cannot be read, RuleError for one that holds a mistake, StorageError.
    """
    named = [*named_texts(paths), *(_of(collection) if collection else ())]
    return load(named, undecided=undecided) if named else built_in()


def named_texts(paths: list[str]) -> list[tuple[str, str]]:
    """Read rules files. Raises UsageError for one that cannot be read."""
    named = []
    for path in paths:
        try:
            named.append((path, Path(path).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("rules-unreadable", path=path, reason=error) from error
    return named


def _of(collection: Path) -> list[tuple[str, str]]:
    if not (collection / "rules").is_dir():  # before the import, which most collections do not need
        return []
    from archive.rules_files import paths

    return named_texts([str(path) for path in paths(collection)])
