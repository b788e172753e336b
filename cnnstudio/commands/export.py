"""`cnnstudio export`: write the network for other programs, and verify what was written."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from cnnstudio.commands import models, output
from cnnstudio.data import datasets
from cnnstudio.export import check_target, export
from cnnstudio.network import templates


def run(arguments: Namespace) -> int:
    """Write, read back, compare with the engine, and say how well they agree."""
    project = templates.open_document(arguments.file)
    out = Path(arguments.out)
    check_target(out)
    model = models.build(project)
    if project.weights is None:
        name = models.shown(arguments.file)
        output.note(f"{name} is not trained; its random starting weights are exported.")
    dataset = datasets.load(project.data)
    result = export(model, out, class_names=dataset.class_names, images=dataset.test)
    output.line(result.words)
    return 0
