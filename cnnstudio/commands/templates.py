"""`cnnstudio templates`: the built-in networks with their size and what they are."""

from __future__ import annotations

from argparse import Namespace

from cnnstudio.commands import output
from cnnstudio.network import check, templates


def run(arguments: Namespace) -> int:
    """Print one line for each template."""
    width = max(map(len, templates.names()))
    for template in templates.list_all():
        parameters = check(template.project.network).parameters
        if arguments.json:
            record = {"name": template.name, "title": template.title, "parameters": parameters}
            output.record({**record, "description": template.description})
        else:
            output.line(
                f"{template.name:<{width}} {parameters:>9,} parameters  {template.description}"
            )
    return 0
