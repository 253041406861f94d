"""Rules in use: built-in ones, those of the command line, and those of the collection.

Every command reads rules; what only those need that are about learned ones stands in `learned`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from clean.errors import RuleError, suggest
from clean.rules import Rule, Ruleset, built_in, load_rules
from xuanzhi.messages import _
from xuanzhi.output.failures import UsageError

__all__ = [
    "ReloadingRules",
    "SkippedRules",
    "read_rule_texts",
    "read_rules",
    "read_sound_rules",
    "rule_named",
]


def read_rules(paths: Sequence[str], collection: Path | None = None, *, undecided: bool = False) -> Ruleset:
    """Read the built-in rules, those of these files and those of a collection, on top of each other.

    Learned rules that nobody approved are left out, unless `undecided` asks for them, to try them.

    Raises UsageError for a file that cannot be read, RuleError for one that holds a mistake, StorageError.
    """
    named = read_rule_texts([*paths, *(_of(collection) if collection else ())])
    return load_rules(named, undecided=undecided) if named else built_in()


class SkippedRules(NamedTuple):
    """A rules file of a collection that cannot be used."""

    path: str
    reason: str


def read_sound_rules(paths: Sequence[str], collection: Path) -> tuple[Ruleset, tuple[SkippedRules, ...]]:
    """Read the same, and skip those files of the collection that cannot be used; return them, too.

    Raises UsageError or RuleError for the other files.
    """
    named = read_rule_texts(paths)
    ruleset = load_rules(named) if named else built_in()
    skipped = []
    for path in _of(collection):
        try:
            more = [*named, *read_rule_texts([path])]
            ruleset = load_rules(more)
            named = more
        except (UsageError, RuleError) as error:
            skipped.append(SkippedRules(path, str(error)))
    return ruleset, tuple(skipped)


def rule_named(name: str, ruleset: Ruleset) -> Rule:
    """Return the rule of an id. Raises UsageError, with ids that are near, where there is none."""
    rule = ruleset.by_id.get(name)
    if rule is None:
        raise UsageError(
            "no-such-rule",
            _("there is no rule {rule}{near}", rule=name, near=suggest(name, ruleset.by_id).split("; known are")[0]),
            _("`archive rules list` lists all rules."),
        )
    return rule


class ReloadingRules:
    """The same for who stays: read again when one of the files changed."""

    def __init__(self, paths: Sequence[str], collection: Path) -> None:
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
        stat = Path(path).stat()
    except OSError:  # reading it says why
        return 0, -1
    return stat.st_mtime_ns, stat.st_size


def read_rule_texts(paths: Sequence[str]) -> list[tuple[str, str]]:
    """Read rules files. Raises UsageError for one that cannot be read."""
    named = []
    for path in paths:
        try:
            named.append((path, Path(path).read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                "rules-unreadable",
                _("cannot read the rules in {path}: {reason}", path=path, reason=error),
                _("A rules file is a UTF-8 text file in TOML."),
            ) from error
    return named


def _of(collection: Path) -> list[str]:
    if not (collection / "rules").is_dir():  # before the import, which most collections do not need
        return []
    from archive.settings import paths

    return [str(path) for path in paths(collection)]
