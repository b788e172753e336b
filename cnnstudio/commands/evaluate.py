"""`cnnstudio evaluate`: loss, accuracy and confusion of a trained network on the test pictures."""

from __future__ import annotations

from argparse import Namespace

from cnnstudio.commands import models, output
from cnnstudio.engine.metrics import Evaluation
from cnnstudio.network import templates


def run(arguments: Namespace) -> int:
    """Measure and print."""
    project = templates.open_document(arguments.file)
    model = models.build_trained(project, arguments.file)
    dataset = models.load_data(arguments.data or project.data, model)
    result = models.measure(model, dataset.test)
    if arguments.json:
        output.record(
            {
                "images": result.images,
                "test_loss": result.loss,
                "test_accuracy": result.accuracy,
                "confusion": result.confusion.tolist(),
            }
        )
    else:
        _print(result, dataset.class_names)
    return 0


def _print(result: Evaluation, class_names: tuple[str, ...]) -> None:
    output.line(f"accuracy {100 * result.accuracy:.2f} % on {result.images:,} test pictures")
    output.line(f"loss     {result.loss:.4f}")
    output.line()
    output.line("true class (row), what the network says (column):")
    width = 2 + max(len(str(result.confusion.max())), *(len(name) for name in class_names))
    output.line("".join(f"{name:>{width}}" for name in ("", *class_names)))
    for name, row in zip(class_names, result.confusion, strict=True):
        output.line("".join(f"{cell:>{width}}" for cell in (name, *row)))
