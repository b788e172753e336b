"""Where resources are found: source tree, wheel, frozen build."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cnnstudio import paths
from cnnstudio.errors import CnnFileError


def test_the_source_tree_has_its_resources_at_the_top():
    assert paths.resource("mnist", "ATTRIBUTION.md").is_file()


def test_a_wheel_carries_them_inside_the_package(tmp_path, monkeypatch):
    (tmp_path / "cnnstudio" / "resources").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "cnnstudio" / "paths.py"))
    assert paths.resources() == tmp_path / "cnnstudio" / "resources"


@pytest.mark.parametrize("inside", ["resources", "cnnstudio/resources"])
def test_a_frozen_build_unpacks_them(tmp_path, monkeypatch, inside):
    (tmp_path / inside).mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == tmp_path / inside


def test_missing_resources_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "cnnstudio" / "paths.py"))
    with pytest.raises(CnnFileError, match="own files are missing .* Install it again"):
        paths.resources()


def test_the_users_folders_are_made(tmp_path, monkeypatch):
    for variable, folder in (
        ("XDG_CONFIG_HOME", paths.user_config),
        ("XDG_DATA_HOME", paths.user_data),
    ):
        monkeypatch.setenv(variable, str(tmp_path / variable))
        assert folder().is_dir()
        assert tmp_path / variable in folder().parents


@pytest.mark.parametrize("module", ["tests.benchmarks", "tests.conftest"])
def test_neither_tests_nor_benchmarks_write_into_the_users_folders(tmp_path, module):
    """Both keep runs, as windows and `cnnstudio train` do."""
    code = f"import {module}; from cnnstudio import paths; print(paths.user_data(make=False))"
    real = {"XDG_DATA_HOME": str(tmp_path), "WIN_PD_OVERRIDE_LOCAL_APPDATA": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | real,
    ).stdout
    assert "cnnstudio-tests-" in found
    assert str(tmp_path) not in found
