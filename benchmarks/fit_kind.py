#!/usr/bin/env python3
"""Fit the forest that tells the kind of a page, and say how it does on sites it has not seen.

    python benchmarks/fit_kind.py CORPUS [--cache FILE] [--write clean/html/generic/kind.json]

CORPUS and `--cache` are those of `fit_blocks.py`, which comes first when the choice itself changes. The content of each
page is chosen by a forest that has not seen its site. The truth is the kind that the Web Content Extraction Benchmark
gives; sets of articles or of forums only say that. Needs what `fit_blocks.py` needs.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from fit_blocks import FOLDS, as_data, fold_of, measured, out_of_fold
from fitting.labels import SETS
from fitting.pages import Example, read_examples

from clean.html.generic.choice import judge, level_points
from clean.html.generic.confidence import Judged
from clean.html.generic.features import NAMES
from clean.html.generic.kind import FEATURES, KINDS, kind_features
from clean.html.generic.witnesses import NOT_ASKED

ROUNDS = 40
SETTINGS = {
    "objective": "multiclass", "num_class": len(KINDS), "learning_rate": 0.2, "num_leaves": 5, "min_data_in_leaf": 12,
    "lambda_l2": 5.0, "feature_fraction": 0.4, "bagging_fraction": 0.8, "bagging_freq": 1, "max_bin": 63, "seed": 1,
    "verbose": -1, "num_threads": 1, "force_col_wise": True, "deterministic": True,
}  # fmt: skip
OF_ONE_KIND = {"aeb": "article", "magic-article": "article", "fundus": "article", "magic-forum": "forum"}


def main() -> None:
    """Measure, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cache", type=Path, help="keeps the measured pages between runs, as fit_blocks.py does")
    parser.add_argument("--write", type=Path, help="the file to write")
    args = parser.parse_args()
    pages = [page for page in measured(args.corpus, args.cache) if page.set in SETS and page.texts]
    addresses = {(page["set"], page["id"]): page.get("url") or "" for page in read_examples(args.corpus)}
    points = out_of_fold(pages, len(NAMES))
    rows = np.array([row_of(page, own, addresses[page.set, page.id]) for page, own in zip(pages, points, strict=True)])
    truth = np.array([KINDS.index(kind) if (kind := kind_known(page)) else -1 for page in pages])
    folds = np.array([fold_of(page) for page in pages])
    stated = np.zeros((len(pages), len(KINDS)))
    for fold in range(FOLDS):
        taken = (folds != fold) & (truth >= 0)
        stated[folds == fold] = fit(rows[taken], truth[taken]).predict(rows[folds == fold])
    report(pages, truth, stated)
    if args.write:
        data = {
            "fitted on": {
                name: sum(page.set == name and kind_known(page) is not None for page in pages) for name in SETS
            },
            "forests": as_forests(fit(rows[truth >= 0], truth[truth >= 0])),
        }
        args.write.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        print("wrote", args.write.stat().st_size, "bytes")


def kind_known(page: Example) -> str | None:
    """Return the kind of a page, or None where nobody says."""
    return page.kind if page.set.startswith("wcxb") else OF_ONE_KIND.get(page.set)


def row_of(page: Example, points: list[int], address: str) -> list[float]:
    """Return the features of a page, from a first choice among its blocks."""
    scores, decision = judge(level_points(points, page.paths, page.sizes), page.gone, page.sizes)
    judged = Judged(page.rows, scores, decision.kept, page.sizes, decision.expected, NOT_ASKED)
    return kind_features(judged, page.texts, page.paths, address)


def fit(rows: Any, truth: Any) -> Any:
    """Fit one forest for each kind."""
    return lightgbm.train(SETTINGS, lightgbm.Dataset(rows, truth, params={"verbose": -1}), ROUNDS)


def as_forests(model: Any) -> dict[str, Any]:
    """Return the forest of each kind as plain data: the trees of all kinds take turns."""
    whole = as_data(model, FEATURES)
    return {
        kind: {"names": whole["names"], "base": 0, "trees": whole["trees"][at :: len(KINDS)]}
        for at, kind in enumerate(KINDS)
    }


def report(pages: list[Example], truth: Any, stated: Any) -> None:
    """Print how often the kind is right, by kind, and whether the probability is."""
    best, sure = stated.argmax(1), stated.max(1)
    of_many = np.array([page.set.startswith("wcxb") for page in pages])
    print(f"pages of seven kinds: {(best == truth)[of_many].mean():.3f} right of {of_many.sum()}")
    for at, kind in enumerate(KINDS):
        found = best[of_many & (truth == at)]
        told = " ".join(
            f"{KINDS[other]} {(found == other).sum()}" for other in range(len(KINDS)) if (found == other).any()
        )
        print(f"  {kind:14s} {len(found):4d}: {told}")
    for name, kind in OF_ONE_KIND.items():
        here = np.array([page.set == name for page in pages])
        print(f"  {name}: {(best[here] == KINDS.index(kind)).mean():.3f} {kind}")
    for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        here = of_many & (sure >= low) & (sure < high)
        right, count = (best == truth)[here].mean(), here.sum()
        print(
            f"  probability {low} to {min(high, 1)}: stated {sure[here].mean():.3f}, right {right:.3f}, {count} pages"
        )


if __name__ == "__main__":
    main()
