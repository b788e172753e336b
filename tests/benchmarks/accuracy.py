"""How accurate the templates become: ``python -m tests.benchmarks.accuracy [--networks ...]``.

Trains each with its own recipe and prints a Markdown table. The test pictures are looked at once,
with the weights that the recipe keeps, which validation has chosen. With ``--out FILE`` every run
becomes a line of FILE (JSON), runs that are there are not made again, and the table shows all of
them; so the runs may be spread over several calls and stopped between two.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import templates

BOOK = {
    "nielsen-1": 97.80,
    "nielsen-2": 98.78,
    "nielsen-3": 99.06,
    "nielsen-4": 99.23,
    "nielsen-5": 99.37,
    "nielsen-6": 99.46,
    "nielsen-7": 99.43,
    "nielsen-8": 99.43,
    "nielsen-9": 99.48,
    "nielsen-10": 99.47,
    "nielsen-11": 99.60,
}
"""Test accuracy in percent that Nielsen reports in chapter 6: the best of three runs."""

VOTE = 99.67
"""What he reports for five networks like nielsen-11 that vote."""

NETWORKS = (*BOOK, "best")

Run = dict[str, Any]
"""One run: what was trained and how it went; accuracies are shares, `found` the test's digits."""


def train(name: str, seed: int, epochs: int | None, threads: int | None, data: Dataset) -> Run:
    """Train template `name` as its recipe says, but for the seed and, if given, the epochs."""
    project = templates.load(name)
    recipe = project.recipe.with_values(seed=seed)
    if epochs is not None:
        recipe = recipe.with_values(epochs=epochs, patience=epochs if recipe.patience else 0)
    model = Model(project.network, seed=seed, threads=threads, lanes="fastest")
    learned_from, validation = data.split(recipe.validation)
    started, results, best = time.perf_counter(), {}, None
    for progress in Trainer(model, learned_from, validation, recipe).run():
        if (result := progress.finished_epoch) is not None:
            results[result.epoch], best = result, progress.best_epoch
            _tell(f"{name}, seed {seed}, epoch {result.epoch} of {progress.epochs}: ", result)
    minutes = (time.perf_counter() - started) / 60
    kept = results[best or max(results)]
    tested = evaluate(model, data.test)
    return {
        "network": name,
        "seed": seed,
        "parameters": model.report.parameters,
        "epochs": recipe.epochs,
        "threads": model.threads,
        "images": len(learned_from) * len(results),
        "best_epoch": kept.epoch,
        "validation": kept.validation_accuracy,
        "test": tested.accuracy,
        "minutes": minutes,
        "found": "".join(map(str, tested.predictions)),
    }


def _tell(words: str, result: Any) -> None:
    speed = f"{result.images_per_second:,.0f} images a second"
    found = f"training {result.train_accuracy:.2%}, validation {result.validation_accuracy:.2%}"
    print(f"{words}{found}, {speed}", file=sys.stderr)


def table(runs: Iterable[Run], labels: np.ndarray) -> str:
    """The Markdown table of `runs`, and of the votes of networks that were trained repeatedly."""
    lines = [
        "| network | parameters | seed | best epoch | validation | test | book | minutes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    by_name: dict[str, list[Run]] = {}
    for run in sorted(runs, key=_order):
        by_name.setdefault(run["network"], []).append(run)
        lines.append(_line(run))
    lines += [_vote_line(name, found, labels) for name, found in by_name.items() if len(found) > 2]
    return "\n".join(lines)


def _order(run: Run) -> tuple[int, str, int, int]:
    """The ladder's networks first, in its order."""
    name = run["network"]
    place = NETWORKS.index(name) if name in NETWORKS else len(NETWORKS)
    return place, name, run["epochs"], run["seed"]


def _line(run: Run) -> str:
    book = _percent(BOOK[run["network"]] / 100) if run["network"] in BOOK else ""
    return (
        f"| {run['network']} | {run['parameters']:,} | {run['seed']} | "
        f"{run['best_epoch']} of {run['epochs']} | {_percent(run['validation'])} | "
        f"{_percent(run['test'])} | {book} | {run['minutes']:.1f} |"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _vote_line(name: str, runs: list[Run], labels: np.ndarray) -> str:
    """What most of the networks say; of digits with as many votes, the smallest."""
    found = np.array([[int(digit) for digit in run["found"]] for run in runs])
    votes = np.stack([(found == digit).sum(axis=0) for digit in range(10)])
    accuracy = _percent((votes.argmax(axis=0) == labels).mean())
    book = _percent(VOTE / 100) if name == "nielsen-11" else ""
    return f"| {len(runs)} x {name}, vote | | | | | {accuracy} | {book} | |"


def read(path: Path | None) -> list[Run]:
    """The runs that are written in `path`, if it is there."""
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--epochs", type=int, help="in place of the recipe's")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--out", type=Path, help="file that keeps the runs")
    options = parser.parse_args()
    data, runs = datasets.load("mnist"), read(options.out)
    for name in options.networks:
        epochs = options.epochs or templates.load(name).recipe.epochs
        for seed in options.seeds:
            wanted = (name, seed, epochs)
            if wanted in [(run["network"], run["seed"], run["epochs"]) for run in runs]:
                continue
            runs.append(train(name, seed, options.epochs, options.threads, data))
            if options.out:
                with options.out.open("a") as file:
                    print(json.dumps(runs[-1]), file=file)
    print(table(runs, data.test.labels))


if __name__ == "__main__":
    main()
