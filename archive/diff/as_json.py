"""A difference as plain data, for `--json` and for other programs."""

from dataclasses import asdict
from itertools import groupby
from typing import Any

from archive.diff.model import Change, Difference, Pair
from archive.diff.summary import difference_sha256, summary

__all__ = ["as_json"]


def as_json(difference: Difference) -> dict[str, Any]:
    """Return the difference as JSON's types.

    `pairs` has each changed pair whole, and for each run of unchanged blocks one object that says how many they are.
    """
    pairs: list[dict[str, Any]] = []
    for unchanged, run in groupby(difference.pairs, key=lambda pair: pair.change is Change.NONE):
        if unchanged:
            pairs.append({"unchanged": sum(1 for _ in run)})
        else:
            pairs += [_pair(pair) for pair in run]
    return {
        "sha256": difference_sha256(difference),
        "summary": asdict(summary(difference)),
        "fields": [asdict(field) for field in difference.fields],
        "pairs": pairs,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    told = asdict(pair)
    told["spans"] = [{key: value for key, value in span.items() if value or key != "rules"} for span in told["spans"]]
    return told
