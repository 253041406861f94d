"""Scoring of blocks by boosted trees, as plain data, evaluated in whole numbers.

A tree is a list of nodes; an inner node asks whether a feature is at most a threshold, a leaf adds points. Points are
whole, a thousandth of the logarithm of odds each, so a score is the same on every machine, and each feature's share of
it is the sum of the changes of the mean that its questions made (path contributions, after Saabas).
"""

import json
import math
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from typing import Any, Final, NamedTuple

__all__ = ["CLEAR", "LOOKS", "POINT", "DecisionTree", "Forest", "load_model", "probability"]

POINT: Final = 1000
"""Points to one unit of the logarithm of odds."""

LOOKS: Final = frozenset((30, 60))
"""Trees after which a block may be clear."""
CLEAR: Final = 3 * POINT
"""Points at which it is: 95 in 100. With 2.5 and 3.5 the choice on unseen sites scored the same as with all trees."""


class DecisionTree(NamedTuple):
    """The nodes of one tree, the root first. In a leaf the feature is -1."""

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    lower: tuple[int, ...]
    """The next node where the value is at most the threshold; the other one stands right after it."""
    points: tuple[int, ...]
    """Points of a leaf; of an inner node the mean of what is below it."""


class Forest:
    """A model: the names of its features, a base, and trees. What it takes to use it is made when it is first used."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.names: tuple[str, ...] = tuple(data["names"])
        self.base = int(data["base"])
        self._trees = data["trees"]

    @cached_property
    def trees(self) -> tuple[DecisionTree, ...]:
        """The trees, the most telling first, as boosting makes them."""
        return tuple(DecisionTree(*map(tuple, tree)) for tree in self._trees)

    @cached_property
    def score(self) -> Callable[[Sequence[float]], int]:
        """A function that returns the points of a row."""
        return compile_trees(self.trees, self.base)

    @cached_property
    def _steps(self) -> tuple[Any, ...]:
        return tuple(tree_steps(tree, 0) for tree in self.trees)

    def marks(self, names: Collection[str]) -> dict[str, set[float]]:
        """Return the thresholds of those of these features that are asked about."""
        wanted = {at: name for at, name in enumerate(self.names) if name in names}
        marks: dict[str, set[float]] = {}
        for features, thresholds, *_ in self._trees:
            for feature, threshold in zip(features, thresholds, strict=True):
                if feature in wanted:
                    marks.setdefault(wanted[feature], set()).add(threshold)
        return marks

    def scores(self, row: Callable[[int], Sequence[float]], kinds: Sequence[Hashable]) -> list[int]:
        """Return the points of each row, of which `row` returns one; rows of one kind have the same answers."""
        score = self.score
        known: dict[Hashable, int] = {}
        points: list[int] = []
        for at, kind in enumerate(kinds):
            found = known.get(kind)
            if found is None:
                found = known[kind] = score(row(at))
            points.append(found)
        return points

    def walk(self, row: Sequence[float]) -> int:
        """Return the points of one row without compiling the trees: quicker where a page asks once."""
        total = self.base
        for features, thresholds, lower, points in self.trees:
            at = 0
            while features[at] >= 0:
                at = lower[at] if row[features[at]] <= thresholds[at] else lower[at] + 1
            total += points[at]
        return total

    def shares(self, row: Sequence[float]) -> dict[int, int]:
        """Return the points that each feature gave to a row, all trees asked."""
        shares = [0] * len(self.names)
        for tree in self._steps:
            node = tree
            while node is not None:
                feature = node[0]
                if row[feature] <= node[1]:
                    shares[feature] += node[2]
                    node = node[3]
                else:
                    shares[feature] += node[4]
                    node = node[5]
        return {feature: share for feature, share in enumerate(shares) if share}


def probability(points: int) -> float:
    """Return the probability that a score stands for, rounded so that no machine sees another one."""
    return round(1 / (1 + math.exp(-max(-20 * POINT, min(20 * POINT, points)) / POINT)), 6)


@cache
def load_model(name: str = "model.json") -> dict[str, Any]:
    """Return the model file: its forests, what it was fitted on, and its settings."""
    data = json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return {**data, "forests": {key: Forest(value) for key, value in data["forests"].items()}}


def compile_trees(trees: Sequence[DecisionTree], base: int) -> Callable[[Sequence[float]], int]:
    """Return a function that adds the trees up: seven times as fast as walking them as data.

    Where the first trees leave no doubt the others are not asked. Nothing but whole numbers and floats of the trees
    goes into its text.
    """
    lines = ["def score(r):", f" t = {base:d}"]
    for at, tree in enumerate(trees):
        if at in LOOKS:
            lines.append(f" if t > {CLEAR:d} or t < {-CLEAR:d}: return t")
        lines.append(f" t += {tree_expression(tree, 0)}")
    lines.append(" return t")
    space: dict[str, Any] = {}
    exec(compile("\n".join(lines), "<forest>", "exec"), {"__builtins__": {}}, space)
    score: Callable[[Sequence[float]], int] = space["score"]
    return score


def tree_expression(tree: DecisionTree, at: int) -> str:
    """Return the tree below a node as an expression; trees are some six questions deep, fifteen at most."""
    feature = tree.features[at]
    if feature < 0:
        return f"{tree.points[at]:d}"
    lower = tree.lower[at]
    question = f"r[{feature:d}] <= {float(tree.thresholds[at])!r}"
    return f"({tree_expression(tree, lower)} if {question} else {tree_expression(tree, lower + 1)})"


def tree_steps(tree: DecisionTree, at: int) -> Any:
    """Return the tree below a node as the changes of the mean that its questions make."""
    feature = tree.features[at]
    if feature < 0:
        return None
    lower = tree.lower[at]
    here, less, more = tree.points[at], tree.points[lower], tree.points[lower + 1]
    return (
        feature,
        tree.thresholds[at],
        less - here,
        tree_steps(tree, lower),
        more - here,
        tree_steps(tree, lower + 1),
    )
