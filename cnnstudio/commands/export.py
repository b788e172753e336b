"""`cnnstudio export`: write the network for other programs and verify it, or draw it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from cnnstudio.commands import models, output
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Images
from cnnstudio.errors import DataError
from cnnstudio.export import check_target, diagram, export
from cnnstudio.network import check, templates
from cnnstudio.network.project_file import Project


def run(arguments: Namespace) -> int:
    """Write, read back, compare with the engine, and say how well they agree."""
    project = templates.open_document(arguments.file)
    out = Path(arguments.out)
    if out.suffix.lower() == diagram.SUFFIX:
        return _draw(project, out)
    check_target(out)
    model = models.build(project)
    if project.weights is None:
        name = models.shown(arguments.file)
        output.note(f"{name} is not trained; its random starting weights are exported.")
    names = datasets.class_names(project.data)
    result = export(model, out, class_names=names, images=_pictures(project.data))
    output.line(result.words)
    return 0


def _pictures(name: str) -> Images | None:
    """The test pictures to verify with; None where they cannot be read, as no file needs them."""
    try:
        return datasets.load(name).test
    except DataError as error:
        output.note(f"{error} Pictures of noise are used to verify the file.")
        return None


def _draw(project: Project, out: Path) -> int:
    """Write the figure of the network, which needs no weights and no size that fits."""
    diagram.write(project.network, out, project.name)
    for _, problem in check(project.network).problems[:1]:
        if problem.severity == "error":
            output.note(problem.message)
    output.line(f"{out.name} drawn, a figure of {len(project.network)} blocks.")
    return 0
