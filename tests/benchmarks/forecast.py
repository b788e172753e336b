"""Is an epoch as long as was foreseen: ``python -m tests.benchmarks.forecast [TEMPLATE ...]``.

For each template the forecast of the status bar, and the speed of a real run of some seconds.
"""

from __future__ import annotations

import argparse
import time

from cnnstudio.data import datasets
from cnnstudio.engine.forecast import forecast
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import default_threads
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import templates

TEMPLATES = ("tiny", "lecture", "nielsen-2", "nielsen", "best")
RUN_SECONDS = 5.0


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("templates", nargs="*", default=TEMPLATES)
    print("| network | forecast, s | real, s | trial took, s |\n|---|---|---|---|")
    for name in parser.parse_args().templates:
        print(row(name), flush=True)


def row(name: str) -> str:
    """Forecast and real seconds of an epoch of a template, as a line of the table."""
    project = templates.load(name)
    train, _ = datasets.load(project.data).split(project.recipe.validation)
    started = time.perf_counter()
    found = forecast(project.network, project.recipe, train, default_threads())
    trial = time.perf_counter() - started
    assert found is not None
    brief = project.recipe.with_values(epochs=1, warm_up=0, patience=0)
    trainer = Trainer(Model(project.network, threads=default_threads()), train, train[:0], brief)
    speed = 0.0
    for progress in trainer.run():
        speed = progress.images_per_second
        if progress.seconds > RUN_SECONDS:
            break
    real = len(train) / speed
    return f"| {name} | {found.seconds_per_epoch:.1f} | {real:.1f} | {trial:.2f} |"


if __name__ == "__main__":
    main()
