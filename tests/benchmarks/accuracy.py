"""How accurate the templates become: ``python -m tests.benchmarks.accuracy [--networks ...]``.

Trains each with its own recipe and prints a Markdown table. The test pictures are looked at once,
with the weights that the recipe keeps, which validation has chosen. With ``--out FILE`` every run
becomes a line of FILE (JSON), runs that are there are not made again, and the table shows all of
them; so the runs may be spread over several calls. With ``--checkpoints FOLDER`` a run that was
stopped in the middle goes on where it was, to the same weights.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine import checkpoint, environment
from cnnstudio.engine import run as training_run
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import default_threads
from cnnstudio.engine.recorder import Recorder
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.network import templates
from cnnstudio.network.project_file import Project

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


def train(
    name: str,
    seed: int,
    data: Dataset,
    epochs: int | None = None,
    threads: int = 1,
    folder: Path | None = None,
) -> Run:
    """Train template `name` as its recipe says, but for the seed and, if given, the epochs.

    With a `folder` its checkpoints are kept there, and it goes on from the one that it finds.
    """
    project = templates.load(name)
    recipe = project.recipe.with_values(seed=seed)
    if epochs is not None:
        recipe = recipe.with_values(epochs=epochs, patience=epochs if recipe.patience else 0)
    model = Model(project.network, seed=seed, threads=threads, lanes="fastest")
    learned_from, validation = data.split(recipe.validation)
    trainer = Trainer(model, learned_from, validation, recipe)
    recorder, history = _recorded(folder, trainer, dataclasses.replace(project, recipe=recipe))
    for progress in trainer.run():
        if progress.finished_epoch is not None:
            history.append(dataclasses.asdict(progress.finished_epoch))
            _tell(f"{name}, seed {seed}", progress)
        if recorder is not None:
            recorder.look(trainer, progress, history)
    kept = max(history, key=_validation) if recipe.patience else history[-1]
    tested = evaluate(model, data.test)
    return {
        "network": name,
        "seed": seed,
        "parameters": model.report.parameters,
        "epochs": recipe.epochs,
        "threads": model.threads,
        "images": len(learned_from) * len(history),
        "best_epoch": kept["epoch"],
        "validation": kept["validation_accuracy"],
        "test": tested.accuracy,
        "minutes": sum(epoch["seconds"] for epoch in history) / 60,
        "found": "".join(map(str, tested.predictions)),
    }


def _recorded(
    folder: Path | None, trainer: Trainer, project: Project
) -> tuple[Recorder | None, list[Mapping[str, Any]]]:
    """What writes to `folder`, and the epochs it has; `trainer` is brought to where they end."""
    if folder is None:
        return None, []
    last = checkpoint.load(folder) if checkpoint.exists_in(folder) else None
    run = training_run.Run(
        dataclasses.replace(project, weights=None, preview=None),
        limit=None,
        pictures=training_run.fingerprint(trainer.train, trainer.validation),
        environment=environment.present(trainer.model.threads),
    )
    if last is not None:
        trainer.restore(last.state)
    return Recorder(folder, run, last), [] if last is None else list(last.history)


def _validation(epoch: Mapping[str, Any]) -> tuple[float, float]:
    """How good the weights after `epoch` are; of equals the first is kept."""
    return epoch["validation_accuracy"], -epoch["validation_loss"]


def _tell(run: str, progress: Progress) -> None:
    result = progress.finished_epoch
    assert result is not None
    at = f"{run}, epoch {result.epoch} of {progress.epochs}"
    found = f"training {result.train_accuracy:.2%}, validation {result.validation_accuracy:.2%}"
    print(f"{at}: {found}, {result.images_per_second:,.0f} images a second", file=sys.stderr)


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
    parser.add_argument("--threads", type=int, default=default_threads())
    parser.add_argument("--out", type=Path, help="file that keeps the runs")
    parser.add_argument("--checkpoints", type=Path, help="folder that keeps those under way")
    options = parser.parse_args()
    data, runs = datasets.load("mnist"), read(options.out)
    for name in options.networks:
        epochs = options.epochs or templates.load(name).recipe.epochs
        for seed in options.seeds:
            wanted = (name, seed, epochs)
            if wanted in [(run["network"], run["seed"], run["epochs"]) for run in runs]:
                continue
            folder = options.checkpoints and options.checkpoints / f"{name}-{seed}-{epochs}"
            runs.append(train(name, seed, data, options.epochs, options.threads, folder))
            if options.out:
                with options.out.open("a") as file:
                    print(json.dumps(runs[-1]), file=file)
    print(table(runs, data.test.labels))


if __name__ == "__main__":
    main()
