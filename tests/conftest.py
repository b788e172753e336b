"""Settings that must stand before NumPy or Qt is imported by any test."""

from __future__ import annotations

import os

import hypothesis

from tests import own_folders

# One BLAS thread: two of them fight over two cores (1.7 ms become up to 1,070 ms a product).
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
own_folders.use()

# How long an example takes says nothing on a machine that others use too. CI draws the same
# examples in every run; at home they differ.
hypothesis.settings.register_profile("home", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "home")
