"""The scorer of blocks: boosted trees as plain data, evaluated in whole numbers.

A tree is a list of nodes; an inner node asks whether a feature is at most a threshold, a leaf adds points. Points are
whole, a thousandth of the logarithm of odds each, so a score is the same on every machine, and each feature's share of
it is the sum of the changes of the mean that its questions made (path contributions, after Saabas).
"""

import json
import math
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

__all__ = ["POINT", "Forest", "Tree", "load", "probability"]

POINT: Final = 1000
"""Points to one unit of the logarithm of odds."""


class Tree(NamedTuple):
    """The nodes of one tree, the root first. In a leaf the feature is -1."""

    features: tuple[int, ...]
    thresholds: tuple[float, ...]
    lower: tuple[int, ...]
    """The next node where the value is at most the threshold; the other one stands right after it."""
    points: tuple[int, ...]
    """Points of a leaf; of an inner node the mean of what is below it."""


class Forest(NamedTuple):
    """A model: the names of its features, a base, and trees."""

    names: tuple[str, ...]
    base: int
    trees: tuple[Tree, ...]
    score: Callable[[Sequence[float]], int]
    """Returns the points of a row."""
    steps: tuple[Any, ...]
    """The trees for explaining: (feature, threshold, change, lower node, change, higher node); a leaf is None."""

    def scores(self, rows: Sequence[Sequence[float]]) -> list[int]:
        """Return the points of each row."""
        return [self.score(row) for row in rows]

    def shares(self, row: Sequence[float]) -> dict[int, int]:
        """Return the points that each feature gave to a row."""
        shares = [0] * len(self.names)
        for tree in self.steps:
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
def load(name: str = "model.json") -> dict[str, Any]:
    """Return the model file: its forests, what it was fitted on, and its settings."""
    data = json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return {**data, "forests": {key: forest(value) for key, value in data["forests"].items()}}


def forest(data: dict[str, Any]) -> Forest:
    """Read a forest from its data."""
    trees = tuple(Tree(*map(tuple, tree)) for tree in data["trees"])
    return Forest(
        tuple(data["names"]),
        int(data["base"]),
        trees,
        compiled(trees, int(data["base"])),
        tuple(stepped(tree, 0) for tree in trees),
    )


def compiled(trees: Sequence[Tree], base: int) -> Callable[[Sequence[float]], int]:
    """Return a function that adds the trees up: seven times as fast as walking them as data.

    Nothing but whole numbers and floats of the trees goes into its text.
    """
    lines = ["def score(r):", f" t = {base:d}", *(f" t += {written(tree, 0)}" for tree in trees), " return t"]
    space: dict[str, Any] = {}
    exec(compile("\n".join(lines), "<forest>", "exec"), {"__builtins__": {}}, space)
    score: Callable[[Sequence[float]], int] = space["score"]
    return score


def written(tree: Tree, at: int) -> str:
    """Return the tree below a node as an expression; trees are some six questions deep, fifteen at most."""
    feature = tree.features[at]
    if feature < 0:
        return f"{tree.points[at]:d}"
    lower = tree.lower[at]
    question = f"r[{feature:d}] <= {float(tree.thresholds[at])!r}"
    return f"({written(tree, lower)} if {question} else {written(tree, lower + 1)})"


def stepped(tree: Tree, at: int) -> Any:
    """Return the tree below a node as the changes of the mean that its questions make."""
    feature = tree.features[at]
    if feature < 0:
        return None
    lower = tree.lower[at]
    here, less, more = tree.points[at], tree.points[lower], tree.points[lower + 1]
    return (feature, tree.thresholds[at], less - here, stepped(tree, lower), more - here, stepped(tree, lower + 1))
