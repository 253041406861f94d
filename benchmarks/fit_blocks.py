#!/usr/bin/env python3
"""Fit the model that scores blocks, and say how it does on sites it has not seen.

    python benchmarks/fit_blocks.py CORPUS [--cache FILE] [--write clean/html/generic/model.json] [--worst 5]

CORPUS holds web/*.jsonl.xz and web-train/*.jsonl.xz: pages {id, html, gt, cjk, …}. All figures are out of fold, and
the pages of one registered domain are in one fold. Needs numpy, lightgbm, joblib, trafilatura, readability-lxml.
"""

import argparse
import hashlib
import json
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from fitting.labels import SETS, label
from fitting.pages import Example, example, read_examples
from fitting.score import SHOWN, line, page_score, table
from joblib import Parallel, delayed

from clean.html.generic.choice import UNSURE, Decision, judge, level_points, mean_points
from clean.html.generic.features import NAMES
from clean.html.generic.model import POINT, Forest
from clean.html.generic.witnesses import VOTES

FOLDS = 5
ROUNDS = 110
SETTINGS = {
    "objective": "binary", "learning_rate": 0.13, "num_leaves": 16, "min_data_in_leaf": 40, "lambda_l2": 5.0,
    "feature_fraction": 0.3, "bagging_fraction": 0.7, "bagging_freq": 1, "max_bin": 127, "seed": 1, "verbose": -1,
    "num_threads": 1, "force_col_wise": True, "deterministic": True,
}  # fmt: skip
LICENCES = {
    "aeb": "scrapinghub/article-extraction-benchmark, MIT",
    "cwce": "Chinese-Web-Content-Extraction-Dataset, MIT",
    "magic-article": "opendatalab/magic-html benchmark, Apache-2.0",
    "magic-forum": "opendatalab/magic-html benchmark, Apache-2.0",
    "traf": "adbar/trafilatura tests, Apache-2.0",
    "readjs": "mozilla/readability test pages, Apache-2.0",
    "defuddle": "kepano/defuddle fixtures, MIT",
    "fundus": "flairNLP/fundus test articles, MIT",
    "wcxb": "Web Content Extraction Benchmark, Murrough Foley, CC-BY-4.0",
}


def main() -> None:
    """Read, fit, report, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cache", type=Path, help="keeps the measured pages between runs")
    parser.add_argument("--write", type=Path, help="the model file to write")
    parser.add_argument("--worst", type=int, default=0, help="pages to list for each set")
    args = parser.parse_args()
    pages = [page for page in measured(args.corpus, args.cache) if page.set in SETS]
    print(f"{'':34s}", " ".join(f"{name[:5]:>5s}" for name in (*SHOWN, "chunk")))
    for at, who in ((0, "trafilatura, fast"), (3, "readability, with commas")):
        print(line(who, table(pages, [[row[at] >= 0.5 for row in page.votes] for page in pages])))
    print(line("ceiling of blocks", table(pages, [[share >= 0.5 for share in page.covered] for page in pages])))
    forests = {"alone": len(NAMES), "asked": len(NAMES) + len(VOTES)}
    points = {name: out_of_fold(pages, width) for name, width in forests.items()}
    points["both"] = [mean_points(*pair) for pair in zip(points["alone"], points["asked"], strict=True)]
    decisions = {name: decided(pages, found) for name, found in points.items()}
    for name, chosen in decisions.items():
        print(line(f"blocks, {name}", table(pages, [d.kept for d in chosen])), flush=True)
    for gate in (0.75, 0.8, 0.85, 0.9, 0.95):
        chosen = gated(decisions, gate)
        share = sum(d.expected < gate for d in decisions["alone"]) / len(pages)
        print(line(f"gate {gate}: asked on {share:.2f}", table(pages, [d.kept for d in chosen])))
    chosen = gated(decisions, UNSURE)
    means = table(pages, [d.kept for d in chosen])
    kinds = (f"{k[9:]} {v:.3f}" for k, v in sorted(means.items()) if k.startswith("wcxb-dev "))
    print("wcxb-dev by kind:", ", ".join(kinds))
    if args.worst:
        list_worst(pages, chosen, args.worst)
    if args.write:
        data = {
            "fitted on": {name: sum(page.set == name and label(page) is not None for page in pages) for name in SETS},
            "licences of the truth": LICENCES,
            "forests": {name: as_data(fit(pages, width), names_of(width)) for name, width in forests.items()},
        }
        args.write.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        print("wrote", args.write.stat().st_size, "bytes")


def measured(corpus: Path, cache: Path | None) -> list[Example]:
    """Measure all pages, or read them as measured before."""
    if cache is not None and cache.exists():
        pages: list[Example] = pickle.loads(cache.read_bytes())
        return pages
    pages = Parallel(n_jobs=2, batch_size=8)(delayed(example)(page) for page in read_examples(corpus))
    if cache is not None:
        cache.write_bytes(pickle.dumps(pages))
    return pages


def fold_of(page: Example) -> int:
    """Return the fold of a page, by its site."""
    return int(hashlib.sha256(page.site.encode()).hexdigest(), 16) % FOLDS


def matrix(page: Example, width: int) -> Any:
    """Return the features of a page, with the votes if the width asks for them."""
    full = [row + votes for row, votes in zip(page.rows, page.votes, strict=True)]
    return np.array(full, dtype=np.float64).reshape(len(full), len(NAMES) + len(VOTES))[:, :width]


def fit(pages: list[Example], width: int) -> Any:
    """Fit one forest."""
    rows, content, weights = [], [], []
    for page in pages:
        labels = label(page)
        if labels is not None:
            rows.append(matrix(page, width)[labels.at])
            content += labels.content
            weights += labels.weights
    weight = np.array(weights) * len(weights) / sum(weights)
    data = lightgbm.Dataset(np.concatenate(rows), np.array(content, dtype=int), weight=weight, params={"verbose": -1})
    return lightgbm.train(SETTINGS, data, ROUNDS)


def out_of_fold(pages: list[Example], width: int) -> list[list[int]]:
    """Give the blocks of each page the points of a forest that has not seen its site, as it would be shipped."""
    found: list[list[int]] = [[] for _ in pages]
    for fold in range(FOLDS):
        forest = Forest(as_data(fit([page for page in pages if fold_of(page) != fold], width), names_of(width)))
        for at, page in enumerate(pages):
            if fold_of(page) == fold:
                rows = matrix(page, width).tolist()
                found[at] = forest.scores(rows.__getitem__, range(len(rows)))
    return found


def decided(pages: list[Example], points: list[list[int]]) -> list[Decision]:
    """Decide each page by its points."""
    return [
        judge(level_points(own, page.paths, page.sizes), page.gone, page.sizes)[1] if own else Decision((), 0.0)
        for page, own in zip(pages, points, strict=True)
    ]


def gated(decisions: dict[str, list[Decision]], gate: float) -> list[Decision]:
    """Take the decision of both forests where the first is unsure."""
    return [a if a.expected >= gate else b for a, b in zip(decisions["alone"], decisions["both"], strict=True)]


def names_of(width: int) -> tuple[str, ...]:
    """Return the names of the features of a block, with those of the votes if the width asks for them."""
    return (*NAMES, *VOTES)[:width]


def as_data(forest: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return a forest as plain data: leaves in whole points, inner nodes with the mean below them."""
    trees = []
    for tree in forest.dump_model()["tree_info"]:
        features: list[int] = []
        thresholds: list[float] = []
        lower: list[int] = []
        points: list[int] = []
        queue = [tree["tree_structure"]]
        while len(features) < len(queue):
            node = queue[len(features)]
            inner = "split_feature" in node
            features.append(node["split_feature"] if inner else -1)
            thresholds.append(float(f"{node['threshold']:.6g}") if inner else 0)
            lower.append(len(queue) if inner else 0)
            points.append(round(mean_below(node) * POINT))
            if inner:
                queue += [node["left_child"], node["right_child"]]
        trees.append([features, [int(t) if t == int(t) else t for t in thresholds], lower, points])
    return {"names": list(names), "base": 0, "trees": trees}


def mean_below(node: dict[str, Any]) -> float:
    """Return the mean of the leaves below a node, by the number of blocks they were fitted on."""
    total, count = 0.0, 0
    stack = [node]
    while stack:
        here = stack.pop()
        if "split_feature" in here:
            stack += [here["left_child"], here["right_child"]]
        else:
            blocks = here.get("leaf_count", 1)
            total += here["leaf_value"] * blocks
            count += blocks
    return total / max(1, count)


def list_worst(pages: list[Example], chosen: list[Decision], count: int) -> None:
    """Print the worst pages of each set."""
    for name in SETS:
        scores = sorted(
            (page_score(page, d.kept), d.expected, page.id, page.site, page.kind)
            for page, d in zip(pages, chosen, strict=True)
            if page.set == name and page.truth
        )
        for score, expected, key, where, kind in scores[:count]:
            print(f"   {name} {score:.3f} (expected {expected:.2f}) {key[:50]} {where} {kind}")


if __name__ == "__main__":
    main()
