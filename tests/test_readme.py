"""The README keeps its promises: its Python runs, its commands exist, CI runs its test command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cnnstudio import cli
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Recipe

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_python_example_runs(monkeypatch, capsys):
    mnist = datasets.load("mnist")
    small = Dataset("mnist", mnist.class_names, mnist.train[-6000:], mnist.test[:100])
    monkeypatch.setattr(datasets, "load", lambda _name: small)
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert out.startswith("True 11926 28x28x6")
    assert "EpochResult(epoch=1" in out


def test_ci_runs_the_readmes_test_command():
    command = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    assert command in README
    assert command in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()


@pytest.mark.parametrize("name", list(cli._COMMANDS))
def test_every_command_and_option_is_described(name):
    (table,) = re.findall(r"## Command line\n+```\n(.*?)```", README, re.DOTALL)
    (usage,) = re.findall(rf"^cnnstudio {name} .*?(?=^cnnstudio|\Z)", table, re.M | re.DOTALL)
    parser = cli._Parser()
    cli._COMMANDS[name][1](parser)
    known = {option for action in parser._actions for option in action.option_strings}
    assert set(re.findall(r"--[a-z-]+", usage)) <= known
    if name == "train":
        settings = {f"--{name.replace('_', '-')}" for name in Recipe.declarations()}
        hidden = {"--json", "--help", "-h"} | settings
        assert known - hidden == set(re.findall(r"--[a-z-]+", usage)) - settings


def test_its_pictures_and_links_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
