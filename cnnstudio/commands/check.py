"""`cnnstudio check`: sizes, parameters, cost and problems of every block."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from cnnstudio.blocks.block import size_words
from cnnstudio.commands import output
from cnnstudio.data import datasets
from cnnstudio.network import BlockReport, Report, check, templates, text_form


def run(arguments: Namespace) -> int:
    """Print the report; 1 when the network does not fit."""
    project = templates.open_document(arguments.file)
    classes = len(datasets.class_names(project.data))
    report = check(project.network, classes)
    if arguments.text:
        output.line(text_form.write(project.network))
    elif arguments.json:
        output.record(_record(report))
    else:
        _print(report)
    return 0 if report.ok else 1


def _record(report: Report) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "parameters": report.parameters,
        "multiply_adds": report.multiply_adds,
        "blocks": [_block_record(block) for block in report.blocks],
    }


def _block_record(block: BlockReport) -> dict[str, Any]:
    return {
        "name": block.name,
        "type": type(block.block).__name__,
        "output_shape": None if block.output_shape is None else list(block.output_shape),
        "parameters": block.parameters,
        "multiply_adds": block.multiply_adds,
        "receptive_field": block.receptive_field,
        "problems": [
            {
                "severity": problem.severity,
                "message": problem.message,
                "repairs": [str(repair) for repair in problem.repairs],
            }
            for problem in block.problems
        ],
    }


def _print(report: Report) -> None:
    head = ("block", "settings", "output", "parameters", "multiply-adds", "sees")
    output.table([head, *(_row(block) for block in report.blocks)])
    output.line()
    for _, problem in report.problems:
        output.line(f"{problem.severity}: {problem.message}")
        for repair in problem.repairs:
            output.line(f"  repair: {repair}")
    verdict = "It fits" if report.ok else "It does not fit"
    output.line(
        f"{verdict}: {report.parameters:,} parameters, {report.multiply_adds:,} multiply-adds."
    )


def _row(block: BlockReport) -> tuple[str, ...]:
    words = block.block.summary().replace("·", "|")
    if block.output_shape is None:
        return (block.name, words, "?", "?", "?", "?")
    field = "" if block.receptive_field is None else size_words(block.receptive_field)
    shape, parameters, cost = block.output_shape, block.parameters, block.multiply_adds
    return (block.name, words, str(shape), f"{parameters:,}", f"{cost:,}", field)
