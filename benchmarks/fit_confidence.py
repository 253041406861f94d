#!/usr/bin/env python3
"""Fit the confidence in a choice of content, and say how reliable it is on sites that nothing was fitted on.

    python benchmarks/fit_confidence.py CORPUS [--cache FILE] [--rated FILE] [--walls tests/clean/test_walls.py]
        [--write clean/html/generic/confidence.json] [--picture FILE]

CORPUS and `--cache` are those of `fit_blocks.py`, which comes first when the choice itself changes. The content of each
page is chosen by forests that have not seen its site (its kind is told by `fit_kind.py`'s file), and scored against the
truth; `--rated` keeps that between runs.
The confidence of a page is again told by a fit that has not seen its site. Sets that no forest is fitted on are judged
with the forests of the model file. Needs what `fit_blocks.py` needs.
"""

import argparse
import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from fit_blocks import FOLDS, as_data, fit, fold_of, measured, names_of
from fitting.choices import Rated, rate, wall_examples
from fitting.labels import SETS
from fitting.pages import Example, read_examples
from fitting.reliability import Pair, equal_bins, lines, picture, widest_gap, width_bins

from clean.html.generic.confidence import FALLING, FEATURES, RISING
from clean.html.generic.features import NAMES
from clean.html.generic.model import Forest, load_model, probability
from clean.html.generic.witnesses import VOTES

ROUNDS = 30
"""Trees; up to these all are asked (`clean.html.generic.model.LOOKS`)."""
SETTINGS = {
    "objective": "cross_entropy", "learning_rate": 0.2, "num_leaves": 4, "min_data_in_leaf": 40, "lambda_l2": 2.0,
    "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1, "max_bin": 63, "seed": 1, "verbose": -1,
    "num_threads": 1, "force_col_wise": True, "deterministic": True,
    "monotone_constraints": [(name in RISING) - (name in FALLING) for name in FEATURES],
}  # fmt: skip
WEIGHTS = {"magic-forum": 2.0, "walls": 0.3}
"""The weight of a page; 1 elsewhere. Forums are few, of walls the tests have very many."""
OWN_TRUTH = ("readjs", "defuddle")
"""Sets whose truth is a tool's own, on fragments of pages: shown, and not fitted on."""


def main() -> None:
    """Choose, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cache", type=Path, help="keeps the measured pages between runs, as fit_blocks.py does")
    parser.add_argument("--rated", type=Path, help="keeps the choices and their scores between runs")
    parser.add_argument("--walls", type=Path, default=Path(__file__).parents[1] / "tests" / "clean" / "test_walls.py")
    parser.add_argument("--write", type=Path, help="the file to write")
    parser.add_argument("--picture", type=Path, help="the SVG to write")
    args = parser.parse_args()
    rated = rated_pages(args.corpus, args.cache, args.rated, args.walls)
    fitted = [each for each in rated if is_fitted(each)]
    apart = [each for each in rated if not is_fitted(each)]
    stated = out_of_fold(fitted)
    pairs = {name: pairs_of(fitted, stated, name) for name in dict.fromkeys(each.set for each in fitted)}
    pages = [pair for name, part in pairs.items() if name != "walls" for pair in part]
    report("all, sites not fitted on", pages)
    for name, part in pairs.items():
        report(name, part)
    walls = sorted(one for one, _ in pairs.get("walls", ()))
    if walls:
        print(f"walls above 0.5: {sum(one > 0.5 for one in walls)} of {len(walls)}; highest {walls[-1]:.3f}")
    print("\n".join(thresholds(pages)))
    for name, part in pairs.items():
        print(f"F1 of the choice, {name}: {sum(true for _, true in part) / len(part):.4f}")
    forest = fit_scores(fitted)
    final = [probability(forest.score(each.features)) for each in apart]
    for name in dict.fromkeys(each.set for each in apart):
        report(f"{name}, in no fit", pairs_of(apart, final, name))
    if args.picture:
        args.picture.write_text(picture(width_bins(pages)), encoding="utf-8")
    if args.write:
        data = {
            "fitted on": {name: len(part) for name, part in pairs.items()},
            "forests": {"confidence": {"names": forest.names, "base": forest.base, "trees": forest.trees}},
        }
        args.write.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        print("wrote", args.write.stat().st_size, "bytes")


def is_fitted(page: Rated) -> bool:
    """Whether the confidence is fitted on a page."""
    return page.set == "walls" or (page.set in SETS and page.set not in OWN_TRUTH)


def rated_pages(corpus: Path, cache: Path | None, kept: Path | None, walls: Path) -> list[Rated]:
    """Choose on all pages by forests that have not seen their sites, or read what came of it before."""
    if kept is not None and kept.exists():
        before: list[Rated] = pickle.loads(kept.read_bytes())
        return before
    pages = measured(corpus, cache)
    fitted = [page for page in pages if page.set in SETS]
    forests = {fold: forests_without(fitted, fold) for fold in range(FOLDS)}
    shipped = load_model()["forests"]
    addresses = {(page["set"], page["id"]): page.get("url") or "" for page in read_examples(corpus)}
    found = [
        rate(page, forests[fold_of(page)] if page.set in SETS else shipped, addresses[page.set, page.id])
        for page in pages
    ]
    found += [rate(page, shipped, is_wall=True) for page in wall_examples(walls)]
    rated = [each for each in found if each is not None]
    if kept is not None:
        kept.write_bytes(pickle.dumps(rated))
    return rated


def forests_without(pages: Sequence[Example], fold: int) -> dict[str, Forest]:
    """Fit the forests of blocks without the sites of one fold."""
    rest = [page for page in pages if fold_of(page) != fold]
    widths = {"alone": len(NAMES), "asked": len(NAMES) + len(VOTES)}
    data = {name: as_data(fit(rest, width), names_of(width)) for name, width in widths.items()}
    return {name: Forest(each) for name, each in data.items()}


def fold_at(page: Rated) -> int:
    """Return the fold of a page, by its site; of a wall, by its maker."""
    return int(hashlib.sha256(page.site.encode()).hexdigest(), 16) % FOLDS


def fit_scores(pages: Sequence[Rated]) -> Forest:
    """Fit the forest that states a score."""
    rows = np.array([each.features for each in pages])
    data = lightgbm.Dataset(
        rows,
        np.array([each.score for each in pages]),
        weight=np.array([WEIGHTS.get(each.set, 1.0) for each in pages]),
        params={"verbose": -1},
    )
    return Forest(as_data(lightgbm.train(SETTINGS, data, ROUNDS), FEATURES))


def out_of_fold(pages: Sequence[Rated]) -> list[float]:
    """State the score of each page by a fit that has not seen its site."""
    stated = [0.0] * len(pages)
    for fold in range(FOLDS):
        forest = fit_scores([page for page in pages if fold_at(page) != fold])
        for at, page in enumerate(pages):
            if fold_at(page) == fold:
                stated[at] = probability(forest.score(page.features))
    return stated


def thresholds(pairs: Sequence[Pair]) -> list[str]:
    """Return what a warning below each of some thresholds would find."""
    bad = max(1, sum(true < 0.5 for _, true in pairs))
    lines = ["below    pages warned of   their true F1   pages of F1 below 0.5 found"]
    for threshold in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8):
        warned = [true for stated, true in pairs if stated < threshold]
        mean = sum(warned) / max(1, len(warned))
        found = sum(true < 0.5 for true in warned)
        lines.append(f"{threshold:.2f}     {len(warned) / len(pairs):14.3f}   {mean:13.3f}   {found:3d} of {bad}")
    return lines


def pairs_of(pages: Sequence[Rated], stated: Sequence[float], name: str) -> list[Pair]:
    """Return the stated and the true scores of one set."""
    return [(one, page.score) for page, one in zip(pages, stated, strict=True) if page.set == name]


def report(title: str, pairs: Sequence[Pair]) -> None:
    """Print the tables of a set."""
    tables: dict[str, Callable[[Sequence[Pair]], Any]] = {"by width": width_bins, "by count": equal_bins}
    for how, cut in tables.items():
        bins = cut(pairs)
        print("\n".join(lines(f"{title}, {how}", bins)))
        print(f"  widest gap {widest_gap(bins):.3f}")


if __name__ == "__main__":
    main()
